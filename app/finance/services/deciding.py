"""The operator's decisions on matches: confirm, undo, match by hand, leave open."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.finance.models import Match, PaymentControl, StatementLine
from app.finance.queries import list_statements, list_suggested_open, live_by_line
from app.finance.read_results import Reason, reason_json
from app.finance.services.by_hand import TooMuch, match_by_hand, match_lines, match_several
from app.finance.services.holding import hold, outdate_report, record_match, require_work
from app.finance.services.learning import count_against, remember_left_open, remember_matches
from app.finance.services.proposing import propose
from app.service_requests.models import ServiceRequest
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor

__all__ = [
    "MatchGone", "ProposalsChanged", "TooMuch", "accept_difference", "confirm_all",
    "confirm_match", "hold", "leave_open", "leave_open_learned", "match_by_hand", "match_lines", "match_several",
    "propose_again", "refuse_difference", "require_work", "undo_match",
]  # fmt: skip
PART_PAYMENT = _m("A part payment: %(by)s refused the difference of %(amount)s.")


class MatchGone(Conflict):
    code = "match_gone"
    message = _m("This match was undone already. Reload to see how the line stands now.")


class ProposalsChanged(Conflict):
    code = "proposals_changed"
    message = _m("There are %(count)s such proposals by now. Look at them again, then confirm.")


class LinesChanged(Conflict):
    code = "lines_changed"
    message = _m("There are %(count)s such lines by now. Look at them again, then leave them open.")


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
    """With its group: invoices less credit notes make sense together only."""
    require_work(request, actor)
    if _state_now(request, match, actor) == "confirmed":
        return
    rows = [row for row in _with_group(match) if row.state == "proposed"]
    for row in rows:
        _decide(row, "confirmed", actor, now)
    remember_matches(request=request, matches=rows, actor=actor, now=now)
    outdate_report(request, match.control_id, actor, now)


def confirm_all(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    actor: Actor,
    now: datetime,
    at_least: int,
    expected: int | None = None,
    learned: bool = False,
) -> int:
    """Confirm every proposal of this confidence or better, or those of learned rules alone;
    answers how many.

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
            *([Match.learned_rule_id.is_not(None)] if learned else []),
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
        object_id=control.id, matches=len(changed), at_least=at_least, learned=learned,
    )  # fmt: skip
    db.session.expire_all()
    if changed:
        rows = _by_ids(control, [row.id for row in changed])
        remember_matches(request=request, matches=rows, actor=actor, now=now)
        outdate_report(request, control.id, actor, now)
    return len(changed)


def undo_match(*, request: ServiceRequest, match: Match, actor: Actor, now: datetime) -> None:
    """The line and the item are free again; the row stays as what was decided."""
    require_work(request, actor)
    before = _state_now(request, match, actor)
    rows = _with_group(match)
    for row in rows:
        _decide(row, "undone", actor, now)
    count_against(
        request=request, matches=rows, were_confirmed=before == "confirmed", actor=actor, now=now
    )
    outdate_report(request, match.control_id, actor, now)


def refuse_difference(
    *, request: ServiceRequest, match: Match, actor: Actor, now: datetime
) -> None:
    """It becomes a part payment: what is lacking stays open, what is too much stays on the line."""
    require_work(request, actor)
    _state_now(request, match, actor)
    db.session.refresh(match)
    if not match.difference:
        raise Conflict(_m("There is no difference to refuse."), code="no_difference")
    refused = match.difference
    # Too much was paid: the item takes what was open, the rest goes back to the line.
    if (refused > 0) != (match.amount > 0):
        match.amount += refused
    match.difference, match.difference_kind = 0, ""
    line = db.session.get_one(StatementLine, (match.tenant_id, match.line_id))
    match.explanation = reason_json(
        Reason(
            "difference_refused",
            PART_PAYMENT,
            {"amount": refused, "currency": line.currency, "by": actor.name},
        )
    )
    record_match("difference_refused", match, actor, now)
    outdate_report(request, match.control_id, actor, now)


def propose_again(
    *, request: ServiceRequest, line: StatementLine, actor: Actor, now: datetime
) -> int:
    """What the rules find for this line by now, undone proposals included; answers how many."""
    control = db.session.get_one(PaymentControl, (line.tenant_id, line.control_id))
    hold(request, control, actor)
    if live_by_line(control=control).get(line.id):
        raise Conflict(
            _m("This line has a match. Undo it first, then ask for proposals again."),
            code="has_match",
        )
    line.left_open_by, line.candidates = "", None
    found = propose(control=control, lines=[line])
    audit.record(
        "finance.statement_line.proposed_again", actor=actor, now=now,
        object_type="payment_control", object_id=control.id, line=line.id, proposals=found,
    )  # fmt: skip
    outdate_report(request, control.id, actor, now)
    return found


def leave_open(
    *, request: ServiceRequest, line: StatementLine, actor: Actor, now: datetime, note: str
) -> None:
    """Looked at and knowingly left without an open item (fees, wages, unknown payers)."""
    control_id: UUID = line.control_id
    hold(request, db.session.get_one(PaymentControl, (line.tenant_id, control_id)), actor)
    line.left_open_by, line.note = actor.name, note
    remember_left_open(request=request, line=line, note=note, actor=actor, now=now)
    audit.record(
        "finance.statement_line.left_open", actor=actor, now=now,
        object_type="payment_control", object_id=control_id, line=line.id,
    )  # fmt: skip
    db.session.flush()
    outdate_report(request, control_id, actor, now)


def _decide(match: Match, state: str, actor: Actor, now: datetime) -> None:
    match.state = state
    match.decided_by, match.decided_by_name, match.decided_at = actor.user_id, actor.name, now
    record_match(state, match, actor, now)


def _with_group(match: Match) -> list[Match]:
    """The match with those that are decided together with it; for most it is alone."""
    if match.group_id is None:
        db.session.refresh(match)
        return [match]
    return list(
        db.session.execute(
            select(Match)
            .where(
                Match.tenant_id == match.tenant_id, Match.control_id == match.control_id,
                Match.group_id == match.group_id, Match.state != "undone",
            )
            .order_by(Match.id)
            .execution_options(populate_existing=True)
        ).scalars()
    )  # fmt: skip


def _by_ids(control: PaymentControl, ids: list[UUID]) -> list[Match]:
    return list(
        db.session.execute(
            select(Match).where(
                Match.tenant_id == control.tenant_id, Match.control_id == control.id,
                Match.id.in_(ids),
            )
        ).scalars()
    )  # fmt: skip


def leave_open_learned(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    actor: Actor,
    now: datetime,
    expected: int | None = None,
) -> int:
    """Each line that is like one left open before, with the note of that time; answers how many."""
    hold(request, control, actor)
    lines = list_suggested_open(control=control)
    if expected is not None and expected != len(lines):
        raise LinesChanged(count=len(lines))
    for line in lines:
        note = (line.candidates or {})["leave_open"]["note"]
        leave_open(request=request, line=line, actor=actor, now=now, note=note)
    return len(lines)


def _state_now(request: ServiceRequest, match: Match, actor: Actor) -> str:
    """Held until the end of the transaction; MatchGone once it is undone, or its files are."""
    hold(request, db.session.get_one(PaymentControl, (match.tenant_id, match.control_id)), actor)
    state = db.session.execute(
        select(Match.state).where(Match.tenant_id == match.tenant_id, Match.id == match.id)
    ).scalar_one_or_none()
    if state is None or state == "undone":
        raise MatchGone
    return state
