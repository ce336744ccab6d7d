"""What every decision on a payment control begins and ends with."""

from collections.abc import Iterable
from datetime import datetime

from app.finance.models import Match, PaymentControl
from app.finance.sales_invoices.services.paying import follow_matches
from app.service_requests.models import ServiceRequest
from app.service_requests.services.moves import RequestMoveRefused
from app.service_requests.services.work import withdraw_deliverables
from app.service_requests.transitions import STATES, WORKING
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.text import _m
from tenants.permissions import Actor

REPORT_KINDS = ("reconciliation_pdf", "reconciliation_xlsx")


def require_right(request: ServiceRequest, actor: Actor) -> None:
    """Asked before anything is read or locked."""
    if actor.side == "client":
        raise Forbidden
    actor.require("payment_control.work", request.line)


def require_work(request: ServiceRequest, actor: Actor) -> None:
    """Matches belong to the preparer's phase: later they would change what was reviewed."""
    require_right(request, actor)
    if request.state not in WORKING:
        raise RequestMoveRefused(state=STATES[request.state])


def hold(request: ServiceRequest, control: PaymentControl, actor: Actor) -> None:
    """Decisions come one after the other: none spends what another one took, none lands in a
    request that was just handed over, or on files that are being replaced."""
    require_right(request, actor)
    db.session.refresh(request, with_for_update={"key_share": True})
    require_work(request, actor)
    db.session.refresh(control, with_for_update=True)
    if control.state != "ready":
        raise Conflict(_m("The statement isn't taken yet."), code="not_ready")


def conclude(request: ServiceRequest, control: PaymentControl, actor: Actor, now: datetime) -> None:
    """A report written before this decision says something else: a new one is due for review. What
    it paid of the company's own invoices is known there."""
    follow_matches(control_id=control.id, now=now)
    if control.report_job_id is not None:
        withdraw_deliverables(request=request, kinds=REPORT_KINDS, actor=actor, now=now)


def record_matches(verb: str, matches: Iterable[Match], actor: Actor, now: datetime) -> None:
    for match in matches:
        audit.record(
            f"finance.match.{verb}", actor=actor, now=now, object_type="match", object_id=match.id,
            amount=match.amount, difference=match.difference,
            difference_kind=match.difference_kind, rule=match.rule, line=match.line_id,
            item=match.item_id,
        )  # fmt: skip
    db.session.flush()
