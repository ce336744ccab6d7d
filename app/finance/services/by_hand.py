"""Matches that a person makes: several items for a line, several lines for an item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.finance.models import Match, OpenItem, PaymentControl, StatementLine
from app.finance.queries import allocated, settled_items
from app.finance.services.holding import conclude, hold, record_matches
from app.finance.services.learning import count_left_open_against, remember_matches
from app.finance.services.tolerances import tolerances
from app.finance.settlement import may_settle
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class TooMuch(Conflict):
    code = "allocated_too_much"
    message = _m("This is more than what is left of the line or of the open item.")


class JoinedAlready(Conflict):
    code = "joined_already"
    message = _m("%(number)s is on this line already. Undo that match first, then match again.")


class DifferenceRefused(Conflict):
    code = "difference_refused"
    message = _m(
        "What is left is more than this company lets pass as such a difference. Leave it open, or"
        " choose another kind."
    )


@dataclass(frozen=True, slots=True)
class Part:
    """`amount` in signed minor units; None takes as much as both leave."""

    item: OpenItem
    amount: int | None = None


@dataclass(slots=True)
class _Share:
    item: OpenItem
    left: int
    amount: int
    difference: int = 0


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
    difference_kind: str = "",
) -> Match:
    """`amount` in signed minor units; None takes as much as both leave. Confirmed at once."""
    [made] = match_several(
        request=request, control=control, line=line, parts=[Part(item, amount)], actor=actor,
        now=now, note=note, difference_kind=difference_kind,
    )  # fmt: skip
    return made


def match_several(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    line: StatementLine,
    parts: Sequence[Part],
    actor: Actor,
    now: datetime,
    note: str = "",
    difference_kind: str = "",
) -> list[Match]:
    """One line pays several items, credit notes netted. With a `difference_kind` what is left in
    the end, of the line or of one item, is settled as such a difference, within its limits."""
    hold(request, control, actor)
    made = _make(control, line, parts, actor, now, note, difference_kind)
    _keep(request, control, [line], made, actor, now)
    return made


def match_lines(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    item: OpenItem,
    lines: Sequence[StatementLine],
    actor: Actor,
    now: datetime,
    note: str = "",
) -> list[Match]:
    """Several lines pay one item, the earliest first, each with as much as it and the item leave."""
    hold(request, control, actor)
    made: list[Match] = []
    for line in sorted(lines, key=lambda n: (n.booked_on, n.statement, n.position)):
        made += _make(control, line, [Part(item)], actor, now, note)
    _keep(request, control, lines, made, actor, now)
    return made


def _make(
    control: PaymentControl,
    line: StatementLine,
    parts: Sequence[Part],
    actor: Actor,
    now: datetime,
    note: str,
    difference_kind: str = "",
) -> list[Match]:
    left = line.amount - allocated(control=control, by=Match.line_id, key=line.id)
    shares = _shares(control, line, left, parts)
    if difference_kind:
        _settle(line, left, shares, difference_kind)
    _check(left, shares)
    netted = len({share.amount > 0 for share in shares}) > 1
    group = uuid7() if netted else None
    made = [
        Match(
            id=uuid7(), control_id=control.id, line_id=line.id, item_id=share.item.id,
            amount=share.amount, difference=share.difference,
            difference_kind=difference_kind if share.difference else "", group_id=group,
            rule="by_hand", state="confirmed", decided_by=actor.user_id,
            decided_by_name=actor.name, decided_at=now, note=note,
        )
        for share in shares
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    return made


def _keep(
    request: ServiceRequest,
    control: PaymentControl,
    lines: Sequence[StatementLine],
    made: Sequence[Match],
    actor: Actor,
    now: datetime,
) -> None:
    for line in lines:
        if line.left_open_by:
            count_left_open_against(request=request, line=line, actor=actor, now=now)
        line.left_open_by = ""
    record_matches("made_by_hand", made, actor, now)
    remember_matches(
        request=request, control=control, match_ids=[row.id for row in made], actor=actor, now=now
    )
    conclude(request, control, actor, now)


def _shares(
    control: PaymentControl, line: StatementLine, left: int, parts: Sequence[Part]
) -> list[_Share]:
    """Credit notes first: what they take back, the invoices can use."""
    ordered = sorted(parts, key=lambda part: (part.item.open_amount > 0) == (line.amount > 0))
    settled = settled_items(
        control=control, item_ids=[part.item.id for part in parts], line_id=line.id
    )
    shares = []
    for part in ordered:
        item = part.item
        if item.currency != line.currency:
            raise Conflict(
                _m("Line and open item don't go together: check currency and sign."), code="no_fit"
            )
        taken, joined = settled.get(item.id, (0, False))
        item_left = item.open_amount - taken
        if not left or not item_left:
            raise TooMuch
        if joined:
            raise JoinedAlready(number=item.number)
        same_way = (item.open_amount > 0) == (line.amount > 0)
        most = min(left, item_left, key=abs) if same_way else item_left
        amount = most if part.amount is None else part.amount
        shares.append(_Share(item, item_left, amount))
        left -= amount
    if not any((share.item.open_amount > 0) == (line.amount > 0) for share in shares):
        raise Conflict(
            _m("Line and open item don't go together: check currency and sign."), code="no_fit"
        )
    return shares


def _settle(line: StatementLine, left: int, shares: list[_Share], kind: str) -> None:
    rest = left - sum(share.amount for share in shares)
    short = [share for share in shares if share.left != share.amount]
    if rest and not short:
        # Too much was paid: the largest item takes it, and the difference gives it back.
        share = max(shares, key=lambda s: (abs(s.amount), s.item.number))
        share.amount += rest
        share.difference = -rest
    elif len(short) == 1 and not rest:
        [share] = short
        share.difference = share.left - share.amount
    else:
        raise DifferenceRefused
    if not may_settle(
        kind=kind, whole=share.item.open_amount, difference=share.difference,
        charges=line.charges, tolerance=tolerances().of(line.currency),
    ):  # fmt: skip
        raise DifferenceRefused


def _check(left: int, shares: Sequence[_Share]) -> None:
    for share in shares:
        settled = share.amount + share.difference
        backwards = (share.amount > 0) != (share.left > 0)
        if not share.amount or backwards or abs(settled) > abs(share.left):
            raise TooMuch
    taken = sum(share.amount for share in shares)
    if not taken or (taken > 0) != (left > 0) or abs(taken) > abs(left):
        raise TooMuch
