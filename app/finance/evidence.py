"""By what a payer or a kind of booking is known again in the next statement."""

from dataclasses import dataclass

from app.finance.names import name_tokens
from app.finance.references import fold

PAYER_ACCOUNT, PAYER_NAME, LEAVE_OPEN = "payer_account", "payer_name", "leave_open"
RETIRED_AFTER = 2
# Bookings of every month differ by these.
_MONTHS = frozenset(
    """
    JANVIER FEVRIER MARS AVRIL MAI JUIN JUILLET AOUT SEPTEMBRE OCTOBRE NOVEMBRE DECEMBRE
    JANUAR FEBRUAR MARZ APRIL JUNI JULI AUGUST SEPTEMBER OKTOBER NOVEMBER DEZEMBER
    JANUARY FEBRUARY MARCH MAY JUNE JULY OCTOBER DECEMBER
    JAN FEB FEV MAR AVR APR JUN JUL AUG AOU SEP SEPT OCT OKT NOV DEC DEZ
    """.split()  # noqa: SIM905 - months as text read better than quoted ones
)
_MAX_WORDS = 12


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    kind: str
    text: str
    customer_key: str = ""


def customer_key(customer: str) -> str:
    return " ".join(sorted(name_tokens(customer)))


def of_payer(*, iban_index: str, name: str, customer: str) -> list[Evidence]:
    """The account, and the name where it isn't just the customer's own."""
    key = customer_key(customer)
    found = [Evidence(PAYER_ACCOUNT, iban_index, key)] if iban_index and key else []
    words = customer_key(name) if name else ""
    if words and key and words != key:
        found.append(Evidence(PAYER_NAME, words, key))
    return found


def of_open_line(*, iban_index: str, name: str, text: str, amount: int) -> Evidence | None:
    """Counterparty, direction and the words of the text that every month repeats."""
    words = [
        word
        for word in sorted(name_tokens(fold(text)))
        if not any(c.isdigit() for c in word) and word not in _MONTHS
    ][:_MAX_WORDS]
    counterparty = iban_index or (customer_key(name) if name else "")
    if not counterparty and not words:
        return None
    direction = "in" if amount > 0 else "out"
    return Evidence(LEAVE_OPEN, "|".join((direction, counterparty, " ".join(words))))


def is_worn_out(confirmed: int, undone: int) -> bool:
    return undone >= confirmed + RETIRED_AFTER
