"""Who is invoiced, with which taxes, by which means of payment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from billing.stripe_calls import keyed, plain, translated
from billing.stripe_params import Json


class Details:
    _v1: Any

    def set_details(
        self, customer: str, name: str, email: str, address: Json, idempotency_key: str
    ) -> Json:
        """`address` as Stripe has it; parts that are left out are gone afterwards."""
        params: Json = {"name": name, "email": email, "address": dict(address)}
        with translated():
            return plain(self._v1.customers.update(customer, params, keyed(idempotency_key)))

    def set_taxation(
        self,
        customer: str,
        exempt: Literal["none", "exempt", "reverse"],
        footer: str,
        idempotency_key: str,
    ) -> Json:
        """Counts for invoices that aren't final yet. The `footer` stands on each of them."""
        params: Json = {"tax_exempt": exempt, "invoice_settings": {"footer": footer}}
        with translated():
            return plain(self._v1.customers.update(customer, params, keyed(idempotency_key)))

    def set_tax_rates(self, subscription: str, rates: Sequence[str], idempotency_key: str) -> None:
        """Of what is invoiced from now on; nothing is sent where they are these already."""
        with translated():
            held = plain(self._v1.subscriptions.retrieve(subscription))
            if [one["id"] for one in held["default_tax_rates"]] != list(rates):
                params: Json = {"default_tax_rates": list(rates)}
                self._v1.subscriptions.update(subscription, params, keyed(idempotency_key))

    def fetch_payment_method(self, method: str) -> Json:
        with translated():
            return plain(self._v1.payment_methods.retrieve(method))
