"""Invoices as a file that a spreadsheet opens: amounts with a point, days as ISO has them."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from billing.models import StripeInvoice
from billing.presenting import days_of
from tenants.core.money import exponent
from tenants.core.text import _m

Say = Callable[[str], str]
HEADINGS = (
    _m("Number"), _m("State"), _m("Date"), _m("First day"), _m("Last day"), _m("Currency"),
    _m("Net"), _m("VAT"), _m("Total"), _m("Still to pay"), _m("Due"), _m("Paid on"),
    _m("Treatment of VAT"), _m("Your VAT number"),
)  # fmt: skip


def invoices_csv(rows: Iterable[StripeInvoice], *, say: Say) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([say(heading) for heading in HEADINGS])
    writer.writerows(_cells(row) for row in rows)
    # With the mark, spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _cells(row: StripeInvoice) -> Sequence[str]:
    first, last = days_of(row.period_start, row.period_end)
    return (
        row.number or "", row.status, _day(row.finalized_at or row.invoiced_at),
        first.isoformat(), last.isoformat(), row.currency,
        *(_amount(minor, row.currency) for minor in (
            row.total - row.total_tax, row.total_tax, row.total, row.amount_remaining,
        )),
        _day(row.due_at), _day(row.paid_at), row.tax_treatment, row.buyer_vat_id,
    )  # fmt: skip


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else ""


def _amount(minor: int, currency: str) -> str:
    places = exponent(currency)
    sign, digits = "-" if minor < 0 else "", str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
