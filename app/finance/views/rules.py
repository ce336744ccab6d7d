"""What the company's payment control has learned, and how small a difference it lets pass."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.finance import rule_queries
from app.finance.models import PaymentTolerance
from app.finance.schemas import SwitchForm, ToleranceForm
from app.finance.services import learning
from app.finance.services.tolerances import list_tolerances, set_tolerance
from app.finance.settlement import DEFAULT_BASIS_POINTS, default_tolerance
from app.finance.views.opening import rules_url
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant
from tenants.permissions import Actor

bp = Blueprint("payment_rules", __name__, url_prefix="/c/<slug>/payment-rules")
STATES = {"": _m("All"), "active": _m("In use"), "off": _m("Switched off"),
          "retired": _m("Retired")}  # fmt: skip
KINDS = {"payer_account": _m("Account"), "payer_name": _m("Name"), "leave_open": _m("Left open")}


def _reader(permission: str = "payment_rules.read") -> Actor:
    """Rules belong to the finance line; to others they don't exist."""
    actor = current_actor()
    if not actor.can(permission, "finance"):
        raise NotFound
    return actor


@bp.get("")
@tenant("payment_rules.read")
def rules(slug: str) -> ResponseReturnValue:
    actor = _reader()
    return _page(slug, actor, BoundForm(ToleranceForm, values={"client": slug}))


@bp.post("/<uuid:rule_id>/switch")
@tenant("payment_control.work")
def switch(slug: str, rule_id: UUID) -> ResponseReturnValue:
    actor = _reader("payment_control.work")
    rule = rule_queries.get_rule(rule_id=rule_id)
    form = BoundForm(SwitchForm, request.form)
    check_client(slug)
    if not form.load():
        raise Invalid
    learning.switch_rule(rule=rule, on=form.data["on"], actor=actor, now=clock.now())
    return redirect(rules_url(slug, state=request.args.get("state") or None), 303)


@bp.post("/tolerances")
@tenant("request.review")
def tolerance(slug: str) -> ResponseReturnValue:
    actor = _reader("request.review")
    form = BoundForm(ToleranceForm, request.form)
    check_client(slug)
    if form.load():
        absolute, currency = form.data["absolute"]
        try:
            set_tolerance(
                currency=currency, absolute=absolute, actor=actor, now=clock.now(),
                basis_points=int(form.data["percent"] * 100),
            )  # fmt: skip
            return redirect(rules_url(slug), 303)
        except (Conflict, Invalid) as error:
            form.refuse(error)
    return _page(slug, actor, form)


def _page(slug: str, actor: Actor, form: BoundForm) -> ResponseReturnValue:
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    search, cursor = request.args.get("q", "").strip()[:120], request.args.get("cursor") or None
    found = rule_queries.list_rules(state=state, search=search, cursor=cursor)
    counts = rule_queries.count_rules()
    counts[""] = sum(counts.values())
    shown = render_template(
        "payment_rules/rules.html", client=current_client(), provider=actor.side == "provider",
        works=actor.side == "provider" and actor.can("payment_control.work", "finance"),
        sets=actor.side == "provider" and actor.can("request.review", "finance"),
        rules=found.items, sources=rule_queries.list_sources([row.id for row in found.items]),
        next_cursor=found.next_cursor, cursor=cursor, state=state, search=search, form=form,
        states=[(name, text(label), counts.get(name, 0)) for name, label in STATES.items()],
        kinds={name: text(label) for name, label in KINDS.items()},
        tolerances=_tolerances(), page=url_for("payment_rules.rules", slug=slug),
    )  # fmt: skip
    return shown, form.status


def _tolerances() -> list[dict[str, Any]]:
    """The euro always, as it is without a row of its own."""
    rows: list[PaymentTolerance] = list_tolerances()
    found = [
        {"currency": r.currency, "absolute": r.absolute, "share": Decimal(r.basis_points) / 10_000,
         "by": r.changed_by_name, "at": r.changed_at}
        for r in rows
    ]  # fmt: skip
    if all(row["currency"] != "EUR" for row in found):
        usual = default_tolerance("EUR")
        share = Decimal(DEFAULT_BASIS_POINTS) / 10_000
        found.insert(0, {"currency": "EUR", "absolute": usual.absolute, "share": share, "by": ""})
    return found
