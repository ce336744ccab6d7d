"""What is charged beside a subscription: items of the next invoice, and an invoice for items that no
renewal would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing.stripe_calls import keyed, plain, translated
from billing.stripe_params import Json, invoice_item_params


class Invoicing:
    _v1: Any

    def create_invoice_item(
        self,
        customer: str,
        amount: int,
        currency: str,
        description: str,
        metadata: Mapping[str, str],
        idempotency_key: str,
        *,
        period: tuple[int, int] | None = None,
    ) -> Json:
        """In minor units; it waits for the customer's next invoice, whose tax rates it has. The
        `period` is printed on it, for what belongs to an earlier time."""
        with translated():
            params = invoice_item_params(customer, amount, currency, description, metadata)
            if period is not None:
                params["period"] = {"start": period[0], "end": period[1]}
            return plain(self._v1.invoice_items.create(params, keyed(idempotency_key)))

    def invoice_remaining(
        self,
        customer: str,
        metadata: Mapping[str, str],
        idempotency_key: str,
        *,
        days_until_due: int | None = None,
        default_tax_rates: Sequence[str] = (),
    ) -> Json:
        """An invoice of all items that wait, which Stripe makes final by itself. `days_until_due`: it
        is sent, not charged."""
        params: Json = {
            "customer": customer,
            "auto_advance": True,
            "collection_method": "charge_automatically",
            "pending_invoice_items_behavior": "include",
            "metadata": dict(metadata),
        }
        if days_until_due is not None:
            params |= {"collection_method": "send_invoice", "days_until_due": days_until_due}
        if default_tax_rates:
            params["default_tax_rates"] = list(default_tax_rates)
        with translated():
            return plain(self._v1.invoices.create(params, keyed(idempotency_key)))
