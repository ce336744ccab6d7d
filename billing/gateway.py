"""Stripe, as the product sees it: verbs in, plain JSON-able dicts out.

Amounts of Stripe's `*_decimal` fields come as strings, everything else as JSON has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, Literal

from billing.sinks import SINKS
from billing.sinks import Name as SinkName
from billing.stripe_calls import everything, keyed, plain, stripe, translated
from billing.stripe_changes import Changes
from billing.stripe_credits import Credits
from billing.stripe_details import Details
from billing.stripe_errors import (
    GatewayMisconfigured,
    StripeRefused,
    StripeUnavailable,
    WebhookRefused,
    check_address,
    is_loopback,
    livemode_of,
)
from billing.stripe_events import Events
from billing.stripe_finding import Finding
from billing.stripe_hosted import Hosted
from billing.stripe_invoicing import Invoicing
from billing.stripe_params import (
    HOUR,
    Json,
    customer_params,
    digest,
    meter_difference,
    meter_params,
    price_difference,
    price_params,
    subscription_params,
)
from billing.stripe_paying import Paying
from billing.stripe_schedules import Schedules
from billing.stripe_trials import Trials
from billing.stripe_usage import Usage

__all__ = [
    "GatewayMisconfigured",
    "StripeGateway",
    "StripeRefused",
    "StripeUnavailable",
    "WebhookRefused",
]

API_VERSION = "2026-10-28.endive"
STRIPE_API_BASE = "https://api.stripe.com"
TOLERANCE = 300
TEST_CARD = "pm_card_visa"


def _connected(secret_key: str, base: str) -> stripe.StripeClient:
    addresses: dict[str, str] = {}
    if base != STRIPE_API_BASE:
        addresses = dict.fromkeys(("api", "meter_events", "files", "connect"), base)
    direct: Any = {"http": "", "https": ""} if is_loopback(base) else None
    return stripe.StripeClient(
        secret_key,
        max_network_retries=2,
        stripe_version=API_VERSION,
        base_addresses=addresses,  # type: ignore[arg-type]
        http_client=stripe.RequestsClient(timeout=(3, 15), proxy=direct),
    )


class StripeGateway(
    Schedules, Trials, Hosted, Changes, Credits, Usage, Paying, Events, Invoicing, Finding, Details
):
    def __init__(
        self,
        secret_key: str,
        api_base: str,
        webhook_secrets: Sequence[str],
        *,
        usage_sink: SinkName = "totals",
    ) -> None:
        """New meters are made for `usage_sink`."""
        self.usage_sink = usage_sink
        base = api_base.rstrip("/") or STRIPE_API_BASE
        self.livemode = livemode_of(secret_key)
        check_address(base, livemode=self.livemode, stripe_base=STRIPE_API_BASE)
        self._secrets = [secret.strip() for secret in webhook_secrets if secret.strip()]
        self._made = partial(_connected, secret_key, base)

    @cached_property
    def _client(self) -> stripe.StripeClient:
        """When it is first needed: the library is large."""
        return self._made()

    @property
    def _v1(self) -> Any:
        return self._client.v1

    @property
    def _v2(self) -> Any:
        return self._client.v2

    # The catalogue: each verb may be repeated and answers with the one that exists.

    def ensure_product(self, product_id: str, *, name: str, unit_label: str | None = None) -> Json:
        wanted: Any = {"name": name} | ({"unit_label": unit_label} if unit_label else {})
        with translated():
            try:
                found = plain(self._v1.products.retrieve(product_id))
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise
                key = f"product:{product_id}:{digest(wanted)}"
                created = self._v1.products.create(wanted | {"id": product_id}, keyed(key))
                return plain(created)
            if all(found.get(field) == value for field, value in wanted.items()):
                return found
            key = f"product:{product_id}:{digest(found, wanted)}"
            return plain(self._v1.products.update(product_id, wanted, keyed(key)))

    def ensure_meter(self, event_name: str, *, display_name: str) -> Json:
        """Refused where one of that name counts in another way: it can't be changed."""
        wanted = meter_params(event_name, display_name, SINKS[self.usage_sink].window)
        with translated():
            meters = everything(self._v1.billing.meters.list({"status": "active", "limit": 100}))
            meter = next((row for row in meters if row["event_name"] == event_name), None)
            if meter is None:
                key = f"meter:{event_name}:{digest(wanted)}"
                meter = plain(self._v1.billing.meters.create(wanted, keyed(key)))
        if difference := meter_difference(meter, wanted):
            raise StripeRefused("meter_mismatch", f"{event_name} differs in {difference}")
        return meter

    def ensure_price(
        self,
        lookup_key: str,
        *,
        product: str,
        currency: str,
        unit_amount: Decimal,
        meter: str | None = None,
        included: int = 0,
        interval: Literal["month", "year"] = "month",
        tax_behavior: Literal["exclusive", "inclusive"] = "exclusive",
        nickname: str = "",
    ) -> Json:
        """`unit_amount` in minor units, fractions allowed; the first `included` units are free.
        Prices never change: another amount under a known `lookup_key` is refused."""
        params = price_params(
            lookup_key, product, currency, unit_amount, meter, included, interval, tax_behavior,
            nickname,
        )  # fmt: skip
        with translated():
            found = self._v1.prices.list(
                {"lookup_keys": [lookup_key], "limit": 1, "expand": ["data.tiers"]}
            )
            if not found.data:
                key = f"price:{lookup_key}:{digest(params)}"
                return plain(self._v1.prices.create(params | {"expand": ["tiers"]}, keyed(key)))
        price = plain(found.data[0])
        if difference := price_difference(price, params):
            raise StripeRefused("price_mismatch", f"{lookup_key} differs in {difference}")
        return price

    def ensure_tax_rate(
        self, *, country: str, percentage: Decimal, display_name: str, inclusive: bool = False
    ) -> Json:
        with translated():
            rates = everything(
                self._v1.tax_rates.list({"active": True, "inclusive": inclusive, "limit": 100})
            )
            for rate in rates:
                same = Decimal(str(rate["percentage"])) == percentage
                if same and rate["country"] == country and rate["display_name"] == display_name:
                    return rate
            params: Any = {
                "country": country,
                "percentage": percentage,
                "display_name": display_name,
                "inclusive": inclusive,
                "tax_type": "vat",
            }
            key = f"tax_rate:{digest(params)}"
            return plain(self._v1.tax_rates.create(params, keyed(key)))

    # Customers and subscriptions: the key is stored before the call.

    def create_customer(
        self,
        tenant_id: str,
        name: str,
        email: str,
        country: str,
        language: str,
        idempotency_key: str,
    ) -> Json:
        with translated():
            params = customer_params(tenant_id, name, email, country, language)
            return plain(self._v1.customers.create(params, keyed(idempotency_key)))

    def set_default_payment_method(
        self, customer: str, payment_method: str, idempotency_key: str
    ) -> Json:
        with translated():
            wanted: Any = {"invoice_settings": {"default_payment_method": payment_method}}
            updated = self._v1.customers.update(customer, wanted, keyed(idempotency_key))
        return plain(updated)

    def attach_test_card(
        self, customer: str, idempotency_key: str, *, card: str = TEST_CARD
    ) -> Json:
        if self.livemode:
            raise StripeRefused("test_card_in_livemode", "test cards work with test keys only")
        with translated():
            owner: Any = {"customer": customer}
            method = self._v1.payment_methods.attach(card, owner, keyed(idempotency_key))
        self.set_default_payment_method(customer, method.id, f"{idempotency_key}:default")
        return plain(method)

    def create_subscription(
        self,
        customer: str,
        items: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, str],
        idempotency_key: str,
        *,
        start: int,
        anchor_day: int = 1,
        default_tax_rates: Sequence[str] = (),
        proration_behavior: Literal["create_prorations", "none"] = "create_prorations",
        days_until_due: int | None = None,
    ) -> Json:
        """`items` are `{"price": id, "quantity": n}`, without quantity where metered. `start` is
        a full hour not after now, so that no hour of usage lies in two periods; later periods
        begin on `anchor_day` at midnight UTC. `days_until_due`: invoices are sent, not charged."""
        if start % HOUR:
            raise ValueError("a subscription starts on a full hour")
        params = subscription_params(
            customer, items, metadata, start, anchor_day, default_tax_rates, proration_behavior,
            days_until_due,
        )  # fmt: skip
        with translated():
            return plain(self._v1.subscriptions.create(params, keyed(idempotency_key)))

    # What Stripe knows.

    def fetch_customer_state(self, customer: str, *, invoices_since: int | None = None) -> Json:
        """`{"customer", "subscriptions", "invoices"}`. Each invoice has all its lines under
        `lines` and all its payments under `payments`, as plain lists; each subscription its
        items under `items`. `invoices_since` leaves out older invoices, but never open ones."""
        with translated():
            held = plain(self._v1.customers.retrieve(customer))
            subscriptions = self._v1.subscriptions.list(
                {"customer": customer, "status": "all", "limit": 100}
            )
            return {
                "customer": held,
                "subscriptions": [
                    self._with_items(plain(row)) for row in subscriptions.auto_paging_iter()
                ],
                "invoices": [
                    self._with_lines(row) for row in self._invoices(customer, invoices_since)
                ],
            }

    def upcoming_invoice(self, subscription: str) -> Json:
        """The next renewal with the usage so far; lines as in `fetch_customer_state`."""
        with translated():
            preview = self._v1.invoices.create_preview({"subscription": subscription})
            return self._with_lines(plain(preview))

    def postpone_finalization(self, invoice: str, until: int, idempotency_key: str) -> Json:
        later: Any = {"automatically_finalizes_at": until}
        with translated():
            updated = self._v1.invoices.update(invoice, later, keyed(idempotency_key))
            return self._with_lines(plain(updated))

    def _invoices(self, customer: str, since: int | None) -> Iterable[Json]:
        params: Any = {"customer": customer, "limit": 100, "expand": ["data.payments"]}
        if since is None:
            return everything(self._v1.invoices.list(params))
        recent = everything(self._v1.invoices.list(params | {"created": {"gte": since}}))
        still_open = everything(self._v1.invoices.list(params | {"status": "open"}))
        return {row["id"]: row for row in [*recent, *still_open]}.values()

    def _with_lines(self, invoice: Json) -> Json:
        lines, payments = invoice["lines"], invoice.get("payments")
        invoice["lines"] = lines["data"]
        if lines["has_more"]:
            invoice["lines"] = everything(
                self._v1.invoices.line_items.list(invoice["id"], {"limit": 100})
            )
        invoice["payments"] = payments["data"] if payments else []
        if payments and payments["has_more"]:
            invoice["payments"] = everything(
                self._v1.invoice_payments.list({"invoice": invoice["id"], "limit": 100})
            )
        return invoice

    def _with_items(self, subscription: Json) -> Json:
        items = subscription["items"]
        subscription["items"] = items["data"]
        if items["has_more"]:
            subscription["items"] = everything(
                self._v1.subscription_items.list({"subscription": subscription["id"], "limit": 100})
            )
        return subscription

    def parse_webhook(self, raw: bytes, signature: str, now: int) -> Json:
        """Snapshot (`object: event`) or thin (`object: v2.core.event`), unread beyond that."""
        self._verify(raw, signature)
        stamps = [part[2:] for part in signature.split(",") if part.startswith("t=")]
        if len(stamps) != 1 or not stamps[0].isdecimal():
            raise WebhookRefused("no single timestamp")
        if abs(now - int(stamps[0])) > TOLERANCE:
            raise WebhookRefused("signed outside the tolerance")
        try:
            event = json.loads(raw)
        except ValueError as error:
            raise WebhookRefused("not JSON") from error
        if not isinstance(event, dict) or event.get("object") not in ("event", "v2.core.event"):
            raise WebhookRefused("not an event")
        if event.get("livemode") is not self.livemode:
            raise WebhookRefused("livemode does not match the key")
        return event

    def _verify(self, raw: bytes, signature: str) -> None:
        for secret in self._secrets:
            with suppress(stripe.SignatureVerificationError, UnicodeDecodeError):
                stripe.WebhookSignature.verify_header(raw, signature, secret)
                return
        raise WebhookRefused("no secret fits the signature")
