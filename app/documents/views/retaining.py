"""How long each class of documents stays: the law's rules, and what the company chose beyond."""

from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.documents import retention, retention_queries
from app.documents.schemas import RetainForm
from app.documents.services import keeping_longer
from app.documents.views.blueprint import bp
from app.documents.views.frame import current_client, page
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.endpoints import tenant

RIGHT = "document.retain"


@bp.get("/retention/rules")
@tenant("document.read")
def retention_rules(slug: str) -> ResponseReturnValue:
    return _page()


@bp.post("/retention/rules")
@tenant("document.retain")
def keep_longer(slug: str) -> ResponseReturnValue:
    form = _form()

    def work() -> None:
        check_client(slug)
        keeping_longer.extend(**_values(form.data), actor=current_actor(), now=clock.now())

    if carried_out(form, work):
        return redirect(url_for(".retention_rules", slug=slug, done="saved"), 303)
    return _page(form)


def _values(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("name", "years", "since", "reason")}


def _form(*, fresh: bool = False) -> BoundForm:
    country, today = current_client().country, keeping_longer.today_of(clock.now())
    choices = {
        "name": [(name, text(label)) for name, label in retention.CLASSES.items()
                 if retention.rule_on(name, country, today)]
    }  # fmt: skip
    if fresh:
        values = {"client": current_client().slug, "since": today}
        return BoundForm(RetainForm, values=values, choices=choices)
    return BoundForm(RetainForm, request.form, choices=choices)


def _page(refused: BoundForm | None = None) -> Response:
    country, today = current_client().country, keeping_longer.today_of(clock.now())
    chosen = retention_queries.list_own()
    rows = [
        {"label": label, "law": retention.rule_on(name, country, today),
         "own": retention.own_on(name, chosen, today),
         "years": retention.years_on(name, country, today, chosen)}
        for name, label in retention.CLASSES.items()
    ]  # fmt: skip
    form = None
    if current_actor().can(RIGHT):
        form = refused or _form(fresh=True)
        form["client"].value = current_client().slug
    return page(
        "retention_rules", rows=rows, classes=retention.CLASSES, form=form, today=today,
        decided=list(reversed(retention_queries.list_extensions())),
        history=[one for one in retention.RULES if one.country == country],
        status=refused.status if refused else 200,
    )  # fmt: skip
