"""What a program sent of a draft, as the services take it; what doesn't exist is said at its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.finance.sales_invoices import customers, queries
from app.finance.sales_invoices.content import CHOSEN_TYPES, DraftLine
from app.finance.sales_invoices.customers import Buyer
from app.finance.sales_invoices.problems import DEDUCTING
from app.finance.sales_invoices.services.drafting import Wish
from app.finance.sales_invoices.writing import FIXED, written_wish
from tenants.core.errors import Invalid, NotFound
from tenants.core.text import _m
from tenants.queries import get_tenant

_NUMBERS = ("quantity", "unit_price", "discount", "rate")


def read_wish(body: Mapping[str, Any], *, before: Wish, instead_of: UUID | None = None) -> Wish:
    """What is left out follows from the customer's file and the company; `instead_of` is the invoice
    that this one corrects."""
    customer = _customer(body["customer"])
    data = dict(body)
    data["rate"] = Decimal(body["rate"] or 0) or None
    data["language"] = _first(
        body["language"], customer.language if customer else "", get_tenant().document_language
    )
    data["currency"] = _first(body["currency"], customer.currency if customer else "", "EUR")
    usual = customers.usual_form(customer) if customer else before.form
    data["form"] = body["form"] or usual
    for name in ("buyer_reference", "payment_terms"):
        of_customer = {"buyer_reference": "reference"}.get(name, name)
        data[name] = body[name] or (getattr(customer, of_customer) if customer else "")
    _check(data, customer, before, instead_of)
    return written_wish(data, lines=_lines(body["lines"]), customer=customer, before=before)


def _first(*values: str) -> str:
    return next(one for one in values if one)


def _customer(customer_id: UUID | None) -> Buyer | None:
    if customer_id is None:
        return None
    try:
        return customers.get_buyer(customer_id)
    except NotFound as error:
        problem = _m("The directory has no such customer.")
        raise Invalid(field_errors={"customer_id": [problem]}) from error


def _check(
    data: Mapping[str, Any], customer: Buyer | None, before: Wish, instead_of: UUID | None
) -> None:
    errors: dict[str, list[str]] = {}
    if data["series"] and data["series"] not in {
        one.id for one in queries.list_series(active=True)
    }:
        errors["series_id"] = [_m("Choose one of the list.")]
    free = queries.list_free_deposits(
        customer_id=customer.id if customer else None, currency=data["currency"],
        instead_of=instead_of,
    )  # fmt: skip
    known = {str(one.id) for one in free} | set(before.content.deposits)
    for number, one in enumerate(data["deposits"]):
        if str(one) not in known:
            errors[f"deposits.{number}"] = [_m("Choose one of the list.")]
    if data["type"] not in (*CHOSEN_TYPES, before.type):
        errors["type"] = [_m("Choose one of the list.")]
    kind = before.type if before.type in FIXED else data["type"]
    if data["deposits"] and kind not in DEDUCTING:
        errors["deposits"] = [_m("Only an invoice deducts deposits.")]
    if errors:
        raise Invalid(field_errors=errors)


def _lines(sent: Sequence[Mapping[str, Any]]) -> tuple[DraftLine, ...]:
    errors: dict[str, list[str]] = {}
    found = []
    for number, one in enumerate(sent):
        numbers = {name: None if one[name] is None else Decimal(one[name]) for name in _NUMBERS}
        if one["category"] == "S" and numbers["rate"] is None:
            errors[f"lines.{number}.rate"] = [_m("Say which rate of VAT.")]
        if one["category"] == "O" and numbers["rate"] is not None:
            errors[f"lines.{number}.rate"] = [_m("What is not subject to VAT has no rate.")]
        if one["category"] not in ("S", "O"):
            numbers["rate"] = numbers["rate"] or Decimal(0)
        numbers["discount"] = numbers["discount"] or None
        found.append(DraftLine(**{**one, **numbers}))
    if errors:
        raise Invalid(field_errors=errors)
    return tuple(found)
