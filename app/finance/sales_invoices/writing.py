"""What a person or a program writes of a draft, put together with what follows from the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.directory.queries import get_current_party
from app.finance.sales_invoices import choosing
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.customers import Buyer
from app.finance.sales_invoices.services.drafting import Wish

IN_CONTENT = (
    "nature", "vat_point", "audience", "payment_terms", "note", "buyer_reference", "order",
    "contract", "project", "delivered_on", "period_start", "period_end", "reason",
)  # fmt: skip
_OF_NOBODY: Mapping[str, Any] = {
    name: getattr(Draft(), name)
    for name in (
        "buyer", "terms_days", "end_of_month", "delivery_choice", "delivery_name", "delivery_address",
        "contact_choice", "contact", "contact_phone", "contact_email",
    )
}  # fmt: skip
# What these correct is settled, and so is their kind.
FIXED = ("381", "384")


def written_wish(
    data: Mapping[str, Any], *, lines: tuple[DraftLine, ...], customer: Buyer | None, before: Wish
) -> Wish:
    """`data` has each name of IN_CONTENT, the parts of a Wish, and which `delivery` and `contact` of
    the customer's file are chosen."""
    content = replace(
        before.content, lines=lines, deposits=tuple(str(one) for one in data["deposits"]),
        **of_customer(data, customer, before), **{name: data[name] for name in IN_CONTENT},
    )  # fmt: skip
    return Wish(
        content=content, type=before.type if before.type in FIXED else data["type"],
        customer_id=customer.id if customer else None, series_id=data["series"],
        language=data["language"], currency=data["currency"], rate=data["rate"],
        issued_on=data["issued_on"], due_on=data["due_on"], form=data["form"],
    )  # fmt: skip


def of_customer(data: Mapping[str, Any], customer: Buyer | None, before: Wish) -> dict[str, Any]:
    """What of the content follows from the customer's file; nothing of another one's stays."""
    if customer is None:
        return {} if before.customer_id is None else dict(_OF_NOBODY)
    kept = kept_of(customer, before)
    return {
        **customer.terms,
        **choosing.delivery(data["delivery"], customer, kept),
        **choosing.contact(data["contact"], customer, kept),
    }


def kept_of(customer: Buyer | None, before: Wish) -> Draft:
    """What was written before, if it was for this customer or what became part of it."""
    if customer is None or before.customer_id is None:
        return Draft()
    now_is = get_current_party(party_id=before.customer_id).id
    return before.content if now_is == customer.id else Draft()
