"""What each invoice of a sheet would be, and what keeps it from being one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from app.documents.templating.queries import wording_for
from app.documents.templating.saying import Said
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.sales_invoices import building
from app.finance.sales_invoices.batches.columns import OF_INVOICE, OF_LINE
from app.finance.sales_invoices.batches.finding import Finder, Missed
from app.finance.sales_invoices.batches.sheet import Invoice, Problem, Row
from app.finance.sales_invoices.building import Facts
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.customers import Buyer, usual_form
from app.finance.sales_invoices.freezing import as_json, digest
from app.finance.sales_invoices.line_forms import TOO_LARGE
from app.finance.sales_invoices.seller import Seller
from app.finance.sales_invoices.services.drafting import MOST, MOST_LINES, Wish
from app.finance.sales_invoices.services.series import OutOfOrder
from app.finance.sales_invoices.services.validating import DRAFT_NUMBER, check_content
from app.spreadsheets.columns import Columns
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

TOO_LONG = _m("An invoice has at most 2,000 lines. Make several of it.")
# Of a draft's fields, which are found in a column of another name.
_COLUMNS = {
    "customer_id": "customer", "currency": "currency", "rate": "rate", "delivery": "delivered_on",
    "period": "period_start", "exchange_rate": "rate",
}  # fmt: skip
_OF_LINE = {
    "rate": "vat_rate", "exemption_reason": "exemption", "exemption_code": "exemption",
    "seller_item": "item", "allowances": "discount",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfTemplate(Reason):
    """Of the company's own text, with what of its sentence and place is translated too."""

    labels: dict[str, str] = field(default_factory=dict)
    part: str = ""
    line: int = 0


@dataclass(slots=True)
class Planned:
    """`key` is of what the sheet says: another sheet that says the same has the same one."""

    invoice: Invoice
    wish: Wish | None = None
    document: InvoiceDocument | None = None
    customer_name: str = ""
    key: str = ""
    problems: list[Problem] = field(default_factory=list)


class Planner:
    """`latest` is the day of the last number by year: no earlier one can follow it."""

    def __init__(
        self, sheet: Columns, *, seller: Seller, language: str, now: datetime, time_zone: str,
        latest: Mapping[int, date],
    ) -> None:  # fmt: skip
        self._latest = latest
        self._sheet, self._seller, self._language = sheet, seller, language
        self._today = now.astimezone(ZoneInfo(time_zone)).date()
        self._wording = cache(wording_for)
        self._same: Counter[str] = Counter()

    def plan(self, invoices: Sequence[Invoice]) -> list[Planned]:
        finder = Finder(invoices)
        return [self._one(invoice, finder) for invoice in invoices]

    def _one(self, invoice: Invoice, finder: Finder) -> Planned:
        planned = Planned(invoice, problems=list(invoice.problems))
        buyer = finder.find(invoice, on=_day(invoice.values.get("issued_on")) or self._today)
        if isinstance(buyer, Missed):
            title = self._sheet.titles.get(buyer.field, "")
            planned.problems.append((invoice.rows[0].line, title, buyer.reason))
            planned.customer_name = str(invoice.values.get("customer", ""))
            return planned
        planned.customer_name = buyer.party.name
        if len(invoice.rows) > MOST_LINES:
            planned.problems.append((0, "", Reason("too_many_lines", TOO_LONG)))
        if planned.problems:
            return planned
        planned.wish = wish_of(invoice, buyer, self._language)
        self._check(planned, planned.wish, buyer)
        planned.key = self._key(invoice, buyer)
        return planned

    def _check(self, planned: Planned, wish: Wish, buyer: Buyer) -> None:
        document = building.build(wish.content, self._seller, self._facts(wish, buyer))
        planned.document = document
        totals = document.totals
        if max(abs(totals.gross), abs(totals.net), abs(totals.tax_accounting or 0)) > MOST:
            planned.problems.append((0, "", Reason("too_large", TOO_LARGE)))
            planned.document = None
            return
        for place, sentence in check_content(
            wish.content, document, self._seller, form=wish.form, today=self._today,
            wording=self._wording,
        ):  # fmt: skip
            planned.problems.append(self._placed(planned.invoice, place, sentence))
        day = document.issued_on
        if day < self._latest.get(day.year, self._latest.get(0, day)):
            planned.problems.append(self._placed(planned.invoice, "issued_on", OutOfOrder.message))

    def _facts(self, wish: Wish, buyer: Buyer) -> Facts:
        issued_on = wish.issued_on or self._today
        return Facts(
            number=DRAFT_NUMBER, type=wish.type, issued_on=issued_on,
            due_on=wish.due_on or building.due_on(wish.content, self._seller, issued_on),
            currency=wish.currency, rate=wish.rate, language=wish.language, buyer=buyer.party,
            business=buyer.business,
        )  # fmt: skip

    def _placed(self, invoice: Invoice, place: str, sentence: str) -> Problem:
        return placed(invoice.lines, self._sheet.titles, place, sentence)

    def _key(self, invoice: Invoice, buyer: Buyer) -> str:
        """Nothing of the customer's file but which one it is: that may change between two sheets.
        Two invoices of one sheet that say the same are meant so."""
        said = digest([
            invoice.reference.casefold(), str(buyer.id), _said(invoice.values, OF_INVOICE),
            *(_said(row.values, OF_LINE) for row in invoice.rows),
        ])  # fmt: skip
        self._same[said] += 1
        return f"sheet:{said[:40]}:{self._same[said]}"


def placed(lines: Sequence[int], headings: Mapping[str, str], place: str, sentence: str) -> Problem:
    """A problem of an invoice in the cell of the sheet that it is about, as far as that is known."""
    head, _, rest = place.partition(".")
    reason = _of_template(sentence) if isinstance(sentence, Said) else Reason("invoice", sentence)
    number, _, part = rest.partition(".")
    if head == "lines" and number.isdigit() and 0 < int(number) <= len(lines):
        part = part.partition(".")[0]
        return lines[int(number) - 1], headings.get(_OF_LINE.get(part, part), ""), reason
    return 0, headings.get(_COLUMNS.get(head, head), ""), reason


def _of_template(said: Said) -> Reason:
    one = said.problem
    params: dict[str, str | int] = {name: str(value) for name, value in one.params.items()}
    return OfTemplate("template", one.message, params, dict(one.labels), one.part, one.line)


def wish_of(invoice: Invoice, buyer: Buyer, language: str) -> Wish:
    said: dict[str, Any] = {
        name: invoice.values[name] for name in OF_INVOICE if name in invoice.values
    }
    own = {
        name: said.pop(name, None)
        for name in ("issued_on", "due_on", "rate", "currency", "language")
    }
    said.setdefault("buyer_reference", buyer.reference)
    said.setdefault("payment_terms", buyer.payment_terms)
    assert buyer.id is not None
    currency = own["currency"] or buyer.currency or "EUR"
    return Wish(
        content=Draft(
            lines=tuple(_line(row) for row in invoice.rows), **buyer.terms,
            delivery_name=buyer.delivery_name, delivery_address=buyer.delivery, **said,
        ),
        customer_id=buyer.id, language=own["language"] or buyer.language or language,
        currency=currency, rate=own["rate"] if currency != "EUR" else None,
        issued_on=_day(own["issued_on"]), due_on=_day(own["due_on"]), form=usual_form(buyer),
    )  # fmt: skip


def _said(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """20 and 20.00 are the same."""
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else as_json(value)
        for name in names
        if (value := values.get(name)) is not None
    }


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def _line(row: Row) -> DraftLine:
    values = row.values
    plain = {
        name: values[name]
        for name in ("name", "description", "item", "quantity", "unit", "unit_price")
        if name in values
    }
    category = values.get("category", "S")
    why = str(values.get("exemption", "")) if category != "S" else ""
    listed = why.upper().startswith("VATEX-")
    return DraftLine(
        **plain, category=category, rate=values.get("vat_rate"),
        discount=values.get("discount") or None, exemption_code=why.upper() if listed else "",
        exemption_reason="" if listed else why,
    )  # fmt: skip
