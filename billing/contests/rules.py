"""Which record may be contested, until when, and what a decision is worth: pure, in whole cents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tenants.core.text import _m

# In cents: a decision or a credit that is worth more needs a second person.
LIMIT = 100_00
DAYS = timedelta(days=10)
STATES = ("open", "proposed", "decided")
VERDICTS = ("upheld", "adjusted", "answered")
OUTCOMES = ("reversed", "credited", "nothing")
CARRIED = ("carried_in", "carried_out")


@dataclass(frozen=True, slots=True)
class Contested:
    """What counts of a record: `final_at` is when its invoice became final, None while the period
    runs; `charged` whether that invoice asks money for this meter."""

    source_type: str
    quantity: int
    billed: bool
    final_at: datetime | None
    charged: bool
    contested: bool


def refusal(record: Contested, now: datetime) -> tuple[str, str] | None:
    """Code and sentence, None when it may be contested."""
    if record.contested:
        return "contested_already", _m("This record was contested already. Read the answer there.")
    if record.source_type in CARRIED:
        return "carried_usage", _m(
            "This is a sum that moved from one invoice to the next. Contest the records it is made"
            " of."
        )
    if record.source_type == "contest" or record.quantity <= 0:
        return "taken_back", _m("Nothing is billed for this record any more.")
    if not record.billed:
        return "not_billed", _m("This record isn't billed, so there is nothing to contest.")
    if record.final_at is None:
        return None
    if now >= record.final_at + DAYS:
        return "too_late", _m(
            "The ten days after the invoice are over. Write to us in a request instead."
        )
    if not record.charged:
        return "within_plan", _m("The invoice asked nothing for it: your plan includes this usage.")
    return None


def needs_second(amount: int) -> bool:
    return amount > LIMIT


def worth(*, charged: int, amount: int, taken_before: int, taken: int) -> int:
    """What `taken` units are worth of an invoice line that asks `amount` for `charged` units, after
    others were given back: all of them together are worth the line, to the cent."""
    left = max(0, charged - taken_before)
    after = max(0, left - taken)
    return _part(amount, left, charged) - _part(amount, after, charged)


def _part(amount: int, units: int, of: int) -> int:
    return (2 * amount * units + of) // (2 * of) if of else 0


def steps(hours: Sequence[tuple[datetime, int]], taken: int) -> list[tuple[datetime, int]]:
    """From which hours it is taken back, latest first: never more than an hour has."""
    found = []
    for hour, quantity in sorted(hours, reverse=True):
        part = min(taken, max(0, quantity))
        if part:
            found.append((hour, part))
        taken -= part
    return found


def value(unit_amount: Decimal, units: int) -> int:
    """In whole cents, rounded up: whether a second person is needed is not a matter of rounding."""
    exact = unit_amount * units
    whole = int(exact)
    return whole + (exact > whole)
