"""How banks lay out their CSV: which column means what, and how dates and amounts are written."""

from dataclasses import dataclass

MEANINGS = (
    "booked_on", "valued_on", "amount", "debit", "credit", "currency", "name", "iban",
    "remittance", "reference", "balance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` is (meaning, heading) in order; several headings of one meaning are joined.

    An empty `encoding` is found by content; `currency` and `account` hold where no column does.
    """

    name: str
    separator: str
    date_format: str
    decimal_mark: str
    columns: tuple[tuple[str, str], ...]
    encoding: str = ""
    skip_rows: int = 0
    currency: str = ""
    account: str = ""

    def headings(self, meaning: str) -> tuple[str, ...]:
        return tuple(heading for known, heading in self.columns if known == meaning)
