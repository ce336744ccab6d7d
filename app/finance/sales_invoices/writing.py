"""What a person or a program writes of a draft, put together with what follows from the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.finance.sales_invoices import choosing
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.customers import Buyer
from app.finance.sales_invoices.services.drafting import Wish

IN_CONTENT = (
    "nature", "vat_point", "audience", "payment_terms", "note", "buyer_reference", "order",
    "contract", "project", "delivered_on", "period_start", "period_end", "reason",
)  # fmt: skip
# What these correct is settled, and so is their kind.
FIXED = ("381", "384")


def written_wish(
    data: Mapping[str, Any], *, lines: tuple[DraftLine, ...], customer: Buyer | None, before: Wish
) -> Wish:
    """`data` has each name of IN_CONTENT, the parts of a Wish, and which `delivery` and `contact` of
    the customer's file are chosen."""
    content = replace(
        before.content, lines=lines, deposits=tuple(str(one) for one in data["deposits"]),
        terms_days=customer.terms_days if customer else before.content.terms_days,
        **(_chosen(data, customer, before.content) if customer else {}),
        **{name: data[name] for name in IN_CONTENT},
    )  # fmt: skip
    return Wish(
        content=content, type=before.type if before.type in FIXED else data["type"],
        customer_id=customer.id if customer else before.customer_id, series_id=data["series"],
        language=data["language"], currency=data["currency"], rate=data["rate"],
        issued_on=data["issued_on"], due_on=data["due_on"], form=data["form"],
    )  # fmt: skip


def _chosen(data: Mapping[str, Any], customer: Buyer, before: Draft) -> dict[str, Any]:
    return choosing.delivery(data["delivery"], customer, before) | choosing.contact(
        data["contact"], customer, before
    )
