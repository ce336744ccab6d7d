"""What lines, matches and steps of a payment control look like; no statement goes to the database."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.finance.models import PaymentControl, StatementLine
from app.finance.wording import render_reason
from app.spreadsheets.reasons import Reason
from app.web.i18n import language, text
from tenants.core.text import _m

STEPS: Mapping[str, str] = {
    "open_items": _m("Reading the open items…"),
    "statement": _m("Reading the bank statement…"),
    "keeping": _m("Storing lines and items…"),
    "matching": _m("Looking for the item that each line pays…"),
    "pdf": _m("Typesetting the PDF…"),
    "xlsx": _m("Writing the workbook…"),
    "done": _m("Almost done…"),
}
WAITING = _m("Waiting for its turn…")
VIEWS: Mapping[str, str] = {
    "all": _m("All"),
    "proposed": _m("Proposed"),
    "confirmed": _m("Confirmed"),
    "unmatched": _m("Unmatched"),
    "left_open": _m("Left open"),
    "used": _m("Used"),
    "not_used": _m("Not used"),
    "learned": _m("Learned"),
    "difference": _m("With difference"),
    "by_rule": _m("Matched by rule"),
    "undone": _m("Undone"),
}
# In front of the amount of a difference.
DIFFERENCES: Mapping[str, str] = {
    "small_difference": _m("small difference"),
    "bank_charge": _m("bank charges"),
    "cash_discount": _m("cash discount"),
}
# How the client reads what isn't decided yet.
CLIENT_VIEWS: Mapping[str, str] = {"proposed": _m("Being checked")}
ITEM_STATES: Mapping[str, str] = {
    "": _m("All"),
    "paid": _m("Paid"),
    "part_paid": _m("Part paid"),
    "open": _m("Open"),
}
SOURCES: Mapping[str, str] = {
    "": _m("All"),
    "open_items": _m("Open items"),
    "statement": _m("Bank statement"),
}


@dataclass(frozen=True, slots=True)
class ShownMatch:
    id: UUID
    number: str
    customer: str
    due_on: date
    amount: int
    currency: str
    state: str
    sentence: str
    confidence: int | None
    decided_by: str
    note: str
    difference: int = 0
    difference_label: str = ""
    grouped: bool = False
    learned: bool = False


@dataclass(frozen=True, slots=True)
class ShownLine:
    """`state` is the line's view; `left` what no live match covers."""

    id: UUID
    booked_on: date
    name: str
    text: str
    amount: int
    left: int
    currency: str
    state: str
    matches: Sequence[ShownMatch] = ()
    candidates: Sequence[Any] = ()
    doubt: str = ""
    reversal: bool = False
    left_open_by: str = ""
    note: str = ""
    position: int = 0
    bank_reference: str = ""
    charges: int = 0
    suggested: str = ""
    again: bool = False


def sentence(reason: Mapping[str, Any] | None) -> str:
    """A stored Reason in the reader's language."""
    if not reason:
        return ""
    found = Reason(reason["code"], reason["message"], reason["params"])
    return render_reason(found, text, language())


def step(message: str) -> str:
    return text(STEPS.get(message, WAITING))


def files_mark(control: PaymentControl) -> str:
    """Names the two files that a page was made from."""
    both = control.open_items_sha256 + control.statement_sha256
    return hashlib.sha256(both.encode()).hexdigest()[:16]


def candidate_ids(lines: Iterable[StatementLine]) -> list[UUID]:
    return [UUID(item_id) for line in lines for item_id in (line.candidates or {}).get("items", ())]


def shown_lines(
    lines: Sequence[StatementLine],
    *,
    matches: Sequence[Any],
    items: Sequence[Any],
    provider: bool,
    undone: Collection[UUID] = (),
) -> list[ShownLine]:
    """`items` are those of candidate_ids, `undone` lines where a match was undone. Proposals and
    doubts are for the provider's side only."""
    of_line: dict[UUID, list[Any]] = defaultdict(list)
    for match in matches:
        of_line[match.line_id].append(match)
    by_id = {item.id: item for item in items}
    return [
        _line(line, of_line[line.id], by_id, provider=provider, undone=line.id in undone)
        for line in lines
    ]


def _line(
    line: StatementLine,
    found: list[Any],
    items: Mapping[UUID, Any],
    *,
    provider: bool,
    undone: bool,
) -> ShownLine:
    doubtful = provider and not found and not line.left_open_by and line.candidates
    suggestion = (line.candidates or {}).get("leave_open") if doubtful else None
    seen = [match for match in found if provider or match.state == "confirmed"]
    offered = [] if found or not provider else _candidates(line, items)
    return ShownLine(
        id=line.id,
        booked_on=line.booked_on,
        name=line.name,
        text=line.remittance,
        amount=line.amount,
        left=line.amount - sum(match.amount for match in found),
        currency=line.currency,
        state=_state(line, found),
        matches=[_match(match) for match in seen],
        candidates=offered,
        doubt=sentence(line.candidates["reason"])
        if line.candidates and (offered or suggestion)
        else "",
        reversal=line.reversal,
        left_open_by=line.left_open_by,
        note=line.note,
        position=line.position,
        bank_reference=line.bank_reference,
        charges=line.charges,
        suggested=suggestion["note"] if suggestion else "",
        again=provider and not found and (undone or bool(line.left_open_by)),
    )


def _candidates(line: StatementLine, items: Mapping[UUID, Any]) -> list[Any]:
    known = [items[one] for one in candidate_ids([line]) if one in items]
    return [item for item in known if item.remaining]


def _state(line: StatementLine, found: list[Any]) -> str:
    if any(match.state == "proposed" for match in found):
        return "proposed"
    if found:
        return "confirmed"
    return "left_open" if line.left_open_by else "unmatched"


def _match(row: Any) -> ShownMatch:
    return ShownMatch(
        id=row.id,
        number=row.number,
        customer=row.customer,
        due_on=row.due_on,
        amount=row.amount,
        currency=row.currency,
        state=row.state,
        sentence=sentence(row.explanation),
        confidence=row.confidence,
        decided_by=row.decided_by_name,
        note=row.note,
        difference=row.difference,
        difference_label=text(DIFFERENCES[row.difference_kind]) if row.difference else "",
        grouped=row.group_id is not None,
        learned=row.learned_rule_id is not None,
    )
