"""What may be given back, on which lines of an invoice, and whether a second person is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tenants.core.text import _m

# In cents, before VAT.
LIMIT = 100_00
KINDS = ("sla", "goodwill", "correction")
METHODS = ("credit_note", "credit_grant")
STATES = ("draft", "approved", "issuing", "issued", "void", "refused")
# Their money is gone, on its way, or promised.
COMMITTED = ("issuing", "issued")
GRANT_LASTS = timedelta(days=365)
# Why an approved one isn't on its way yet.
WAITS = {
    "no_customer": _m("There is no subscription at Stripe yet."),
    "no_invoice": _m("The invoice of this month doesn't exist yet."),
    "draft": _m("The invoice is in preparation; it becomes final within hours."),
    "gone": _m("The invoice was cancelled or given up, so nothing can be credited on it."),
    "over": _m("The invoice has less left to credit than this amount."),
    "refused": _m("Stripe refused it, or gave no answer."),
}  # fmt: skip
# Those that only a person can help.
STUCK = ("gone", "over", "refused")


def needs_second(*, kind: str, amount: int) -> bool:
    return kind == "goodwill" or amount > LIMIT


@dataclass(frozen=True, slots=True)
class Left:
    """A line of an invoice and what of it, before VAT, was credited by nobody yet."""

    line_id: str
    amount: int


def left_of(lines: Sequence[tuple[str, int]], given: Mapping[str, int]) -> list[Left]:
    found = [Left(line_id, amount - given.get(line_id, 0)) for line_id, amount in lines]
    return [one for one in found if one.amount > 0]


def allocate(amount: int, lines: Sequence[Left]) -> list[tuple[str, int]] | None:
    """On as few lines as it takes, the largest first; None when there is less left than that."""
    parts: list[tuple[str, int]] = []
    for line in sorted(lines, key=lambda one: (-one.amount, one.line_id)):
        part = min(amount, line.amount)
        if part:
            parts.append((line.line_id, part))
        amount -= part
    return None if amount else parts


@dataclass(frozen=True, slots=True)
class Given:
    state: str
    amount: int


def still_owed(amount: int, rows: Sequence[Given]) -> int:
    """What a credit that is worth `amount` by now asks for beside what was issued, or refused by a
    person. Less than was issued already is the provider's loss: nothing is taken back."""
    settled = sum(one.amount for one in rows if one.state in (*COMMITTED, "refused"))
    return max(0, amount - settled)
