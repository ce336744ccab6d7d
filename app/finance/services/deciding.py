"""The operator's decisions on matches: confirm, undo, match by hand, leave open."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update

from app.finance.models import Match, PaymentControl, StatementLine
from app.finance.queries import list_statements, list_suggested_open, live_by_line
from app.finance.services.by_hand import TooMuch, match_by_hand, match_lines, match_several
from app.finance.services.holding import (
    conclude,
    hold,
    record_matches,
    require_right,
    require_work,
)
from app.finance.services.learning import count_against, remember_left_open, remember_matches
from app.finance.services.proposing import propose
from app.service_requests.models import ServiceRequest
from app.spreadsheets.reasons import Reason, reason_json
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
    control, group = _held(request, match, actor)
    if match.state == "confirmed":
        return
    rows = [row for row in group if row.state == "proposed"]
    _decide(rows, "confirmed", actor, now)
    remember_matches(
        request=request, control=control, match_ids=[row.id for row in rows], actor=actor, now=now
    )
    conclude(request, control, actor, now)


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
    changed = db.session.scalars(
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
    if changed:
        remember_matches(request=request, control=control, match_ids=changed, actor=actor, now=now)
        conclude(request, control, actor, now)
    return len(changed)


def undo_match(*, request: ServiceRequest, match: Match, actor: Actor, now: datetime) -> None:
    """The line and the item are free again; the row stays as what was decided."""
    control, rows = _held(request, match, actor)
    were_confirmed = match.state == "confirmed"
    _decide(rows, "undone", actor, now)
    count_against(
        request=request, control=control, matches=rows, were_confirmed=were_confirmed,
        actor=actor, now=now,
    )  # fmt: skip
    conclude(request, control, actor, now)


def refuse_difference(
    *, request: ServiceRequest, match: Match, actor: Actor, now: datetime
) -> None:
    """It becomes a part payment: what is lacking stays open, what is too much stays on the line."""
    control, _group = _held(request, match, actor)
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
    record_matches("difference_refused", [match], actor, now)
    conclude(request, control, actor, now)


def propose_again(
    *, request: ServiceRequest, line: StatementLine, actor: Actor, now: datetime
) -> int:
    """What the rules find for this line by now, undone proposals included; answers how many."""
    require_right(request, actor)
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
    conclude(request, control, actor, now)
    return found


def leave_open(
    *, request: ServiceRequest, line: StatementLine, actor: Actor, now: datetime, note: str
) -> None:
    """Looked at and knowingly left without an open item (fees, wages, unknown payers)."""
    require_right(request, actor)
    control = db.session.get_one(PaymentControl, (line.tenant_id, line.control_id))
    hold(request, control, actor)
    _leave_open(request, control, {line: note}, actor, now)


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
    notes = {line: (line.candidates or {})["leave_open"]["note"] for line in lines}
    _leave_open(request, control, notes, actor, now)
    return len(lines)


def _leave_open(
    request: ServiceRequest,
    control: PaymentControl,
    notes: Mapping[StatementLine, str],
    actor: Actor,
    now: datetime,
) -> None:
    for line, note in notes.items():
        line.left_open_by, line.note = actor.name, note
        audit.record(
            "finance.statement_line.left_open", actor=actor, now=now,
            object_type="payment_control", object_id=control.id, line=line.id,
        )  # fmt: skip
    remember_left_open(request=request, lines=notes, actor=actor, now=now)
    conclude(request, control, actor, now)


def _decide(rows: Sequence[Match], state: str, actor: Actor, now: datetime) -> None:
    for row in rows:
        row.state = state
        row.decided_by, row.decided_by_name, row.decided_at = actor.user_id, actor.name, now
    record_matches(state, rows, actor, now)


def _held(
    request: ServiceRequest, match: Match, actor: Actor
) -> tuple[PaymentControl, Sequence[Match]]:
    """The match and those that are decided together with it, as they are now and until the end of
    the transaction; MatchGone once it is undone, or its files are replaced."""
    require_right(request, actor)
    control = db.session.get_one(PaymentControl, (match.tenant_id, match.control_id))
    hold(request, control, actor)
    together = Match.group_id == match.group_id if match.group_id else Match.id == match.id
    rows = db.session.scalars(
        select(Match)
        .where(
            Match.tenant_id == control.tenant_id, Match.control_id == control.id,
            together, Match.state != "undone",
        )
        .order_by(Match.id)
        .execution_options(populate_existing=True)
    ).all()  # fmt: skip
    if match not in rows:
        raise MatchGone
    return control, rows
