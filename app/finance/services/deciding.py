"""The operator's decisions on matches: confirm, undo, match by hand, leave open."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.finance.models import Match, OpenItem, PaymentControl, StatementLine
from app.finance.queries import allocated, list_statements
from app.finance.services.proposing import propose
from app.service_requests.models import ServiceRequest
from app.service_requests.services.moves import RequestMoveRefused
from app.service_requests.services.work import withdraw_deliverables
from app.service_requests.transitions import STATES, WORKING
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

REPORT_KINDS = ("reconciliation_pdf", "reconciliation_xlsx")


class MatchGone(Conflict):
    code = "match_gone"
    message = _m("This match was undone already. Reload to see how the line stands now.")


class TooMuch(Conflict):
    code = "allocated_too_much"
    message = _m("This is more than what is left of the line or of the open item.")


class ProposalsChanged(Conflict):
    code = "proposals_changed"
    message = _m("There are %(count)s such proposals by now. Look at them again, then confirm.")


def require_work(request: ServiceRequest, actor: Actor) -> None:
    """Matches belong to the preparer's phase: later they would change what was reviewed."""
    if actor.side == "client":
        raise Forbidden
    actor.require("payment_control.work", request.line)
    if request.state not in WORKING:
        raise RequestMoveRefused(state=STATES[request.state])


def hold(request: ServiceRequest, control: PaymentControl, actor: Actor) -> None:
    """Decisions come one after the other: none spends what another one took, none lands in a
    request that was just handed over, or on files that are being replaced."""
    db.session.refresh(request, with_for_update={"key_share": True})
    require_work(request, actor)
    db.session.refresh(control, with_for_update=True)
    if control.state != "ready":
        raise Conflict(_m("The statement isn't taken yet."), code="not_ready")


def accept_difference(
    *, request: ServiceRequest, control: PaymentControl, actor: Actor, now: datetime, reason: str
) -> None:
    """Take a statement that doesn't balance, knowingly; only then are its lines matched."""
    require_work(request, actor)
    if control.state not in ("unbalanced", "unchecked"):
        raise Conflict(_m("There is no difference to accept."), code="balanced")
    if not reason.strip():
        raise Invalid(field_errors={"reason": [_m("Say why the difference is acceptable.")]})
    control.accepted_by, control.accepted_by_name = actor.user_id, actor.name
    control.accepted_reason, control.accepted_at = reason.strip(), now
    control.state = "ready"
    proposals = propose(control=control)
    audit.record(
        "finance.payment_control.difference_accepted", actor=actor, now=now,
        object_type="payment_control", object_id=control.id, proposals=proposals,
        differences=[row.difference for row in list_statements(control=control)],
    )  # fmt: skip
    db.session.flush()


def confirm_match(*, request: ServiceRequest, match: Match, actor: Actor, now: datetime) -> None:
    require_work(request, actor)
    if _state_now(request, match, actor) == "confirmed":
        return
    match.state = "confirmed"
    match.decided_by, match.decided_by_name, match.decided_at = actor.user_id, actor.name, now
    _audit("confirmed", match, actor, now)
    _outdate_report(request, match.control_id, actor, now)


def confirm_all(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    actor: Actor,
    now: datetime,
    at_least: int,
    expected: int | None = None,
) -> int:
    """Confirm every proposal of this confidence or better; answers how many.

    `expected` is the number that the operator was shown: another one confirms nothing.
    """
    require_work(request, actor)
    hold(request, control, actor)
    changed = db.session.execute(
        update(Match)
        .where(
            Match.tenant_id == control.tenant_id,
            Match.control_id == control.id,
            Match.state == "proposed",
            Match.confidence >= at_least,
        )
        .values(
            state="confirmed", decided_by=actor.user_id, decided_by_name=actor.name,
            decided_at=now,
        )
        .returning(Match.id)
    ).all()  # fmt: skip
    if expected is not None and expected != len(changed):
        raise ProposalsChanged(count=len(changed))
    audit.record(
        "finance.matches.confirmed", actor=actor, now=now, object_type="payment_control",
        object_id=control.id, matches=len(changed), at_least=at_least,
    )  # fmt: skip
    db.session.expire_all()
    if changed:
        _outdate_report(request, control.id, actor, now)
    return len(changed)


def undo_match(*, request: ServiceRequest, match: Match, actor: Actor, now: datetime) -> None:
    """The line and the item are free again; the row stays as what was decided."""
    require_work(request, actor)
    _state_now(request, match, actor)
    match.state = "undone"
    match.decided_by, match.decided_by_name, match.decided_at = actor.user_id, actor.name, now
    _audit("undone", match, actor, now)
    _outdate_report(request, match.control_id, actor, now)


def match_by_hand(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    line: StatementLine,
    item: OpenItem,
    actor: Actor,
    now: datetime,
    amount: int | None = None,
    note: str = "",
) -> Match:
    """`amount` in signed minor units; None takes as much as both leave. Confirmed at once."""
    require_work(request, actor)
    if line.currency != item.currency or (line.amount > 0) != (item.open_amount > 0):
        raise Conflict(
            _m("Line and open item don't go together: check currency and sign."), code="no_fit"
        )
    hold(request, control, actor)
    line_left = line.amount - allocated(control=control, by=Match.line_id, key=line.id)
    item_left = item.open_amount - allocated(control=control, by=Match.item_id, key=item.id)
    most = min(line_left, item_left, key=abs)
    taken = most if amount is None else amount
    if taken == 0 or (taken > 0) != (line.amount > 0) or abs(taken) > abs(most):
        raise TooMuch
    row = Match(
        id=uuid7(), control_id=control.id, line_id=line.id, item_id=item.id, amount=taken,
        rule="by_hand", state="confirmed", decided_by=actor.user_id, decided_by_name=actor.name,
        decided_at=now, note=note,
    )  # fmt: skip
    db.session.add(row)
    line.left_open_by = ""
    _audit("made_by_hand", row, actor, now)
    _outdate_report(request, control.id, actor, now)
    return row


def leave_open(
    *, request: ServiceRequest, line: StatementLine, actor: Actor, now: datetime, note: str
) -> None:
    """Looked at and knowingly left without an open item (fees, wages, unknown payers)."""
    control_id: UUID = line.control_id
    hold(request, db.session.get_one(PaymentControl, (line.tenant_id, control_id)), actor)
    line.left_open_by, line.note = actor.name, note
    audit.record(
        "finance.statement_line.left_open", actor=actor, now=now,
        object_type="payment_control", object_id=control_id, line=line.id,
    )  # fmt: skip
    db.session.flush()
    _outdate_report(request, control_id, actor, now)


def _outdate_report(request: ServiceRequest, control_id: UUID, actor: Actor, now: datetime) -> None:
    """A report written before this decision says something else: a new one is due for review."""
    control = db.session.get_one(PaymentControl, (request.tenant_id, control_id))
    if control.report_job_id is not None:
        withdraw_deliverables(request=request, kinds=REPORT_KINDS, actor=actor, now=now)


def _state_now(request: ServiceRequest, match: Match, actor: Actor) -> str:
    """Held until the end of the transaction; MatchGone once it is undone, or its files are."""
    hold(request, db.session.get_one(PaymentControl, (match.tenant_id, match.control_id)), actor)
    state = db.session.execute(
        select(Match.state).where(Match.tenant_id == match.tenant_id, Match.id == match.id)
    ).scalar_one_or_none()
    if state is None or state == "undone":
        raise MatchGone
    return state


def _audit(verb: str, match: Match, actor: Actor, now: datetime) -> None:
    db.session.flush()
    audit.record(
        f"finance.match.{verb}", actor=actor, now=now, object_type="match", object_id=match.id,
        amount=match.amount, rule=match.rule, line=match.line_id, item=match.item_id,
    )  # fmt: skip
