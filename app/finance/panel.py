"""The part of a request's page that tells how far its payment control is."""

from typing import Any

from flask import request as http
from flask import url_for
from marshmallow import Schema

from app.finance import schemas
from app.finance.continuity import GOOD
from app.finance.models import TAKEN_STATES, BankStatement, PaymentControl
from app.finance.presenting import sentence, step
from app.finance.queries import count_proposed, find_control, list_statements
from app.finance.reconciliation import CountsDoNotAgree, Reconciliation
from app.finance.sales_invoices.queries import count_open
from app.finance.services.replacing import (
    SALES_INVOICES,
    SLOTS,
    find_reading,
    may_replace,
    missing_slots,
)
from app.finance.services.reporting import current_counts
from app.service_requests.models import ServiceRequest
from app.service_requests.panels import Panel
from app.service_requests.schemas import ActForm
from app.service_requests.scope import NEEDS_OFFER
from app.service_requests.transitions import WORKING
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core.text import _m
from tenants.jobs import JobStatus
from tenants.permissions import Actor

TEMPLATE = "finance/_panel.html"


def payment_control_panel(actor: Actor, request: ServiceRequest) -> Panel:
    control = find_control(request_id=request.id)
    state = control.state if control else "reading"
    status = find_reading(request=request, control=control) if state == "reading" else None
    if state == "reading" and status is None and request.scope in NEEDS_OFFER:
        state = "unpriced"
    elif state == "reading" and (status is None or status.state in ("quarantined", "cancelled")):
        missing = missing_slots(request=request) if status is None else []
        state = "awaiting" if missing else "failed"
    slug = current_client().slug
    context: dict[str, Any] = {
        "state": state,
        "provider": actor.side == "provider",
        "base": url_for("finance.workbench", slug=slug, number=request.number),
        "works": actor.side == "provider" and actor.can("payment_control.work", request.line)
        and request.state in WORKING,
        "progress": _progress(status) if status else None,
        "error": status.error if status and actor.side == "provider" else "",
    }  # fmt: skip
    if control is not None:
        context |= _of_state(state, control, slug) | _source(state, control)
    if state not in ("reading", "unpriced") and may_replace(request=request, actor=actor):
        context["files"] = _file_forms(state, context, slug, request)
        takes = any(slot == "open_items" for slot, _ in context["files"])
        if takes and actor.side == "provider" and actor.can(SALES_INVOICES, request.line):
            context["own"] = (_form(ActForm, "own-invoices", slug, request), count_open())
    if state in ("unbalanced", "unchecked") and context["works"]:
        context["accept"] = _form(schemas.AcceptForm, "accept", slug, request)
    return Panel(TEMPLATE, context)


def _progress(status: JobStatus) -> dict[str, Any]:
    note = text(_m("It was interrupted and goes on by itself.")) if status.restarted else ""
    return {
        "label": step(status.message), "value": status.done, "total": status.total, "note": note,
    }  # fmt: skip


def _of_state(state: str, control: PaymentControl, slug: str) -> dict[str, Any]:
    if state == "refused":
        problem = control.problem or {}
        return {
            "problem": sentence(problem),
            "slot": problem.get("slot", ""),
            "profile": problem.get("code", "").startswith("csv_"),
        }
    if state == "duplicate":
        earlier = control.duplicate_of or 0
        return {
            "earlier": earlier,
            "earlier_url": url_for("service_requests.show", slug=slug, number=earlier),
        }
    if state in ("unbalanced", "unchecked"):
        found = list_statements(control=control)
        return {"statements": [(row, sentence(row.problem)) for row in found if not _fits(row)]}
    return _figures(control) if state == "ready" else {}


def _source(state: str, control: PaymentControl) -> dict[str, Any]:
    if state not in TAKEN_STATES:
        return {}
    found = [row.continuity for row in list_statements(control=control) if row.continuity]
    return {
        "format": control.statement_format,
        "profile": control.statement_format.startswith("CSV"),
        "continuity": [(sentence(one), one["code"] in GOOD) for one in found],
    }


def _fits(row: BankStatement) -> bool:
    return row.difference == 0


def _figures(control: PaymentControl) -> dict[str, Any]:
    """A figure that can't be true is worse than none."""
    accepted = {"by": control.accepted_by_name, "reason": control.accepted_reason}
    try:
        counts = current_counts(control=control)
    except CountsDoNotAgree as error:
        return {"counts": None, "disagreement": str(error), "accepted": accepted}
    return {
        "counts": counts,
        "items": _item_parts(counts),
        "lines": _line_parts(counts),
        "proposed": count_proposed(control=control),
        "accepted": accepted,
    }


def _item_parts(c: Reconciliation) -> list[tuple[str, int, str]]:
    return [
        (text(_m("Paid")), c.paid, "/items?state=paid"),
        (text(_m("Part paid")), c.part_paid, "/items?state=part_paid"),
        (text(_m("Open")), c.open, "/items?state=open"),
        (text(_m("Rejected")), c.items_rejected, "/rejects?source=open_items"),
    ]


def _line_parts(c: Reconciliation) -> list[tuple[str, int, str]]:
    return [
        (text(_m("Used")), c.used, "?view=used"),
        (text(_m("Not used")), c.unmatched, "?view=not_used"),
        (text(_m("Rejected")), c.lines_rejected, "/rejects?source=statement"),
    ]


def _file_forms(
    state: str, context: dict[str, Any], slug: str, request: ServiceRequest
) -> list[tuple[str, BoundForm]]:
    """The form of the file that is wrong; both where it may be either, none once work is done."""
    slots: tuple[str, ...] = SLOTS
    if state == "awaiting":
        slots = tuple(missing_slots(request=request))
    elif state == "refused" and context.get("slot"):
        slots = (context["slot"],)
    elif state in ("duplicate", "unbalanced", "unchecked"):
        slots = ("statement",)
    elif state == "ready":
        counts = context.get("counts")
        slots = SLOTS if counts and not counts.used else ()
    return [(slot, _form(schemas.file_form(slot), slot, slug, request)) for slot in slots]


def _form(schema: type[Schema], name: str, slug: str, request: ServiceRequest) -> BoundForm:
    """A refused form comes back with what was typed, made for what is shown now."""
    sent = http.method == "POST" and http.path.endswith(f"/{name}")
    values = {"client": slug, "version": request.version}
    if not sent:
        return BoundForm(schema, values=values, prefix=f"control-{name}")
    form = BoundForm(schema, http.form, http.files, prefix=f"control-{name}")
    form.load()
    form["client"].value, form["version"].value = slug, request.version
    return form
