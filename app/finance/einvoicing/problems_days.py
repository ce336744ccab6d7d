"""Days that the rule sets don't take as such: typing errors in the year."""

from collections.abc import Iterator
from datetime import date

from app.finance.einvoicing.broken import Found
from app.finance.einvoicing.document import InvoiceDocument, Period
from app.finance.einvoicing.years import NOT_IN_THEM, YEARS


def day_problems(document: InvoiceDocument) -> Found:
    yield from ((field, NOT_IN_THEM) for field, day in _days(document) if day.year not in YEARS)


def _days(document: InvoiceDocument) -> Iterator[tuple[str, date]]:
    found: list[tuple[str, date | None]] = [
        ("issued_on", document.issued_on),
        ("due_on", document.due_on),
        ("tax_point_on", document.tax_point_on),
        ("delivery.on", document.delivery.on if document.delivery else None),
        *_of_period(document.period, "period"),
    ]
    for number, one in enumerate(document.preceding, start=1):
        found.append((f"preceding.{number}", one.issued_on))
    for number, line in enumerate(document.lines, start=1):
        found += _of_period(line.period, f"lines.{number}.period")
    yield from ((field, day) for field, day in found if day is not None)


def _of_period(period: Period | None, field: str) -> list[tuple[str, date | None]]:
    return [(field, period.start), (field, period.end)] if period else []
