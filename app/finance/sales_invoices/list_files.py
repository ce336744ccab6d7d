"""Lists of invoices as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from app.finance.open_items_columns import CURRENCY, CUSTOMER, DUE, ISSUED, NUMBER, TITLES
from app.finance.sales_invoices.amounts import sign_of
from app.finance.sales_invoices.transitions import STATES, left_of
from app.finance.sales_invoices.words import TYPES
from app.spreadsheets.writing import Sheet
from tenants.core.money import Money
from tenants.core.text import _m

Say = Callable[[str], str]
HEADINGS = (
    _m("Number"), _m("Type"), _m("Customer"), _m("Date"), _m("Due on"), _m("Currency"),
    _m("Before VAT"), _m("VAT"), _m("Total"), _m("To pay"), _m("Paid"), _m("Credited"),
    _m("State"),
)  # fmt: skip


def invoices_sheet(rows: Iterable[Any], say: Say) -> Sheet:
    return Sheet(
        code="sales-invoices",
        name=say(_m("Sales invoices")),
        headings=[say(one) for one in HEADINGS],
        rows=(
            (
                row.number, say(TYPES[row.type]), row.customer_name, row.issued_on,
                row.due_on if row.type != "381" else None, row.currency, *_amounts(
                    row.currency,
                    *(sign_of(row.type) * one for one in (row.net, row.tax, row.gross, row.due)),
                    row.paid, row.credited,
                ),
                say(STATES[row.state]),
            )
            for row in rows
        ),
    )  # fmt: skip


def open_items_sheet(rows: Iterable[Any], say: Say) -> Sheet:
    """As payment control reads open items; `rows` are those of `list_open`."""
    return Sheet(
        code="open-items",
        name=say(_m("Open items")),
        headings=[
            *(say(TITLES[one]) for one in (NUMBER, CUSTOMER, ISSUED, DUE)), say(_m("amount")),
            say(_m("open amount")), say(TITLES[CURRENCY]),
        ],
        rows=(
            (
                row.number, row.customer_name, row.issued_on, row.due_on,
                *_amounts(row.currency, row.gross, left_of(due=row.due, standing=row)),
                row.currency,
            )
            for row in rows
        ),
    )  # fmt: skip


def _amounts(currency: str, *amounts: int) -> list[Decimal]:
    return [Money(one, currency).amount for one in amounts]
