"""What a reconciliation report holds, whatever it is printed as. Amounts are signed minor units."""

from dataclasses import dataclass
from datetime import date, datetime

from app.finance.reconciliation import Reconciliation
from app.spreadsheets.reasons import Reason

AGE_LIMITS = (0, 30, 60, 90)
OPEN_ITEMS, STATEMENT = "open_items", "statement"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """`kind` is OPEN_ITEMS or STATEMENT."""

    kind: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BalanceCheck:
    statement: str
    account: str
    currency: str
    starts_on: date | None
    ends_on: date | None
    opening: int | None
    movements: int
    closing: int | None
    difference: int | None
    problem: Reason | None = None
    continuity: Reason | None = None
    accepted_by: str = ""
    accepted_reason: str = ""


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """`confidence` is None where the operator matched by hand; `note` is then what they wrote.

    `statement` and `position` name the line: a line that pays several items stands here for each.
    """

    position: int
    booked_on: date
    name: str
    text: str
    line_amount: int
    allocated: int
    currency: str
    item_number: str
    customer: str
    rule: str
    confidence: int | None
    explanation: Reason | None
    confirmed_by: str
    note: str = ""
    difference: int = 0
    difference_kind: str = ""
    learned: bool = False
    statement: int = 1


@dataclass(frozen=True, slots=True)
class UnmatchedLine:
    """`amount` is what is left of the line: all of it, or the rest of one that was used."""

    position: int
    booked_on: date
    name: str
    text: str
    amount: int
    currency: str
    is_rest: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpenPosition:
    number: str
    customer: str
    issued_on: date
    due_on: date
    open_amount: int
    remaining: int
    currency: str


@dataclass(frozen=True, slots=True)
class Rejected:
    source: str
    line: int
    column: str
    raw: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Report:
    client_name: str
    accent: str
    request: str
    starts_on: date | None
    ends_on: date | None
    as_of: date
    prepared_at: datetime
    prepared_by: str
    balances: tuple[BalanceCheck, ...]
    counts: Reconciliation
    matched: tuple[MatchedLine, ...]
    unmatched: tuple[UnmatchedLine, ...]
    open_items: tuple[OpenPosition, ...]
    rejects: tuple[Rejected, ...]
    sources: tuple[SourceFile, ...]


def age_bucket(due_on: date, as_of: date) -> int:
    """0 not yet due, then 1 to 30, 31 to 60, 61 to 90 and more than 90 days late."""
    late = (as_of - due_on).days
    return sum(1 for limit in AGE_LIMITS if late > limit)


def aged(report: Report) -> dict[str, list[tuple[int, int]]]:
    """Currency -> (count, amount) for each age."""
    ages: dict[str, list[tuple[int, int]]] = {}
    for item in report.open_items:
        row = ages.setdefault(item.currency, [(0, 0)] * (len(AGE_LIMITS) + 1))
        bucket = age_bucket(item.due_on, report.as_of)
        count, amount = row[bucket]
        row[bucket] = (count + 1, amount + item.remaining)
    return dict(sorted(ages.items()))
