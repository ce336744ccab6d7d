"""What the readers of bank statements and open items hand over."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.spreadsheets.reasons import Reason


@dataclass(frozen=True, slots=True)
class Balance:
    kind: str
    amount: int
    currency: str
    on: date | None


@dataclass(frozen=True, slots=True)
class LineDetail:
    """One transaction inside a booked entry; the amount is absent or in a foreign currency."""

    amount: int | None
    currency: str
    name: str
    iban: str
    end_to_end_id: str
    creditor_reference: str
    remittance: str


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """An invoice named in the structured remittance, with the part it gets where that is told."""

    number: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """`charges` are fees between what the payer sent and `amount`, in the line's currency; never
    negative."""

    position: int
    entry: int
    booked_on: date
    valued_on: date | None
    amount: int
    currency: str
    name: str
    iban: str
    end_to_end_id: str
    creditor_reference: str
    remittance: str
    additional: str
    bank_reference: str
    bank_code: str
    reversal: bool
    batch_count: int
    charges: int = 0
    documents: tuple[DocumentRef, ...] = ()
    mandate_id: str = ""
    return_reason: str = ""
    uetr: str = ""
    details: tuple[LineDetail, ...] = ()


@dataclass(frozen=True, slots=True)
class LineReject:
    """`entry` is the running number of the entry in its statement, or the row of a CSV."""

    entry: int
    raw: str
    reason: Reason
    column: str = ""


@dataclass(frozen=True, slots=True)
class StatementHead:
    """All of a statement but its lines. `movements` are the lines' sum, `lines_in` counts lines
    and rejects."""

    message_id: str
    statement_id: str
    account: str
    account_is_iban: bool
    account_owner: str
    currency: str
    sequence_number: str
    copy_indicator: str
    created_on: date | None
    starts_on: date | None
    ends_on: date | None
    opening: Balance | None
    closing: Balance | None
    balance_problem: Reason | None
    lines_in: int
    movements: int

    @property
    def difference(self) -> int | None:
        """Closing minus (opening plus lines); None where the balances can't be compared."""
        if self.balance_problem or self.opening is None or self.closing is None:
            return None
        return self.closing.amount - self.opening.amount - self.movements

    @property
    def balanced(self) -> bool:
        return self.difference == 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of the statement whose head comes next."""

    lines: tuple[StatementLine, ...]
    rejects: tuple[LineReject, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEnd:
    """Comes last, so that a file is whole. `profile` names the layout that a CSV was read by."""

    message: str
    version: int
    message_id: str
    profile: str = ""

    @property
    def format(self) -> str:
        if self.message == "csv":
            return f"CSV · {self.profile}"
        return f"{self.message}.001.{self.version:02}" if self.version else self.message


Event = Chunk | StatementHead | FileEnd


@dataclass(frozen=True, slots=True)
class Statement(StatementHead):
    lines: tuple[StatementLine, ...]
    rejects: tuple[LineReject, ...]


@dataclass(frozen=True, slots=True)
class StatementFile:
    message: str
    version: int
    message_id: str
    statements: tuple[Statement, ...]
    profile: str = ""


def collect(events: Iterable[Event]) -> StatementFile:
    """A whole file in memory, for small ones."""
    statements: list[Statement] = []
    lines: list[StatementLine] = []
    rejects: list[LineReject] = []
    for event in events:
        if isinstance(event, Chunk):
            lines.extend(event.lines)
            rejects.extend(event.rejects)
        elif isinstance(event, StatementHead):
            head = {f.name: getattr(event, f.name) for f in dataclasses.fields(StatementHead)}
            statements.append(Statement(**head, lines=tuple(lines), rejects=tuple(rejects)))
            lines, rejects = [], []
        else:
            return StatementFile(
                event.message, event.version, event.message_id, tuple(statements), event.profile
            )
    raise ValueError("the file has no end")


@dataclass(frozen=True, slots=True)
class OpenItem:
    line: int
    number: str
    customer: str
    iban: str
    issued_on: date
    due_on: date
    currency: str
    amount: int
    open_amount: int


@dataclass(frozen=True, slots=True)
class ItemReject:
    line: int
    column: str
    raw: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class OpenItemsFile:
    """`rows_in` counts the rows with content below the header, however they ended."""

    format: str
    sheet: str
    rows_in: int
    items: tuple[OpenItem, ...]
    rejects: tuple[ItemReject, ...]
