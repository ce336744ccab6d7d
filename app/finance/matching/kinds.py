"""What the rules work on and what they answer. Amounts are signed minor units: a receivable and the
credit that pays it are positive, a credit note and its repayment negative."""

from dataclasses import dataclass
from datetime import date

from app.spreadsheets.reasons import Reason

REFERENCE_AMOUNT, REFERENCE_PART = "reference_amount", "reference_part"
REFERENCE_DIFFERENCE = "reference_difference"
AMOUNT_IBAN, AMOUNT_NAME, AMOUNT_LEARNED = "amount_iban", "amount_name", "amount_learned"
SUM_IBAN, SUM_NAME, SUM_LEARNED = "sum_iban", "sum_name", "sum_learned"
DIFFERENCE_IBAN, DIFFERENCE_NAME = "difference_iban", "difference_name"
DIFFERENCE_LEARNED = "difference_learned"
INSTALMENTS = "instalments"
MAX_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    number: str
    customer: str
    iban: str
    currency: str
    open_amount: int
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Learned:
    """That a payer paid for a customer before: `evidence` is the account or name as shown,
    `requests` the numbers it was learned in."""

    rule_id: str
    customer: str
    by_account: bool
    evidence: str
    requests: str
    times: int
    by: str


@dataclass(frozen=True, slots=True)
class Line:
    """`charges` is what the bank kept back before it booked `amount`."""

    id: str
    amount: int
    currency: str
    booked_on: date
    name: str = ""
    iban: str = ""
    texts: tuple[str, ...] = ()
    reversal: bool = False
    charges: int = 0
    learned: tuple[Learned, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The item is settled by `amount` of the line and `difference`, which nobody pays. `netted`:
    receivables and credit notes on one line, that only make sense together."""

    line_id: str
    item_id: str
    amount: int
    rule: str
    confidence: int
    explanation: Reason
    difference: int = 0
    difference_kind: str = ""
    netted: bool = False
    learned_rule: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguity:
    line_id: str
    rule: str
    item_ids: tuple[str, ...]
    explanation: Reason


@dataclass(frozen=True, slots=True)
class Matches:
    proposals: tuple[Proposal, ...]
    ambiguities: tuple[Ambiguity, ...]
