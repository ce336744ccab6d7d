"""What the gateway sends for the longer calls, and how what exists is compared with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

Json = dict[str, Any]

HOUR = 3600


def digest(*parts: object) -> str:
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]


def customer_params(tenant_id: str, name: str, email: str, country: str, language: str) -> Any:
    return {
        "name": name,
        "email": email,
        "address": {"country": country},
        "preferred_locales": [language],
        "metadata": {"tenant_id": tenant_id},
    }


def invoice_item_params(
    customer: str, amount: int, currency: str, description: str, metadata: Mapping[str, str]
) -> Any:
    return {
        "customer": customer,
        "amount": amount,
        "currency": currency.lower(),
        "description": description,
        "metadata": dict(metadata),
    }


def meter_event_params(
    event_name: str, customer: str, value: int, identifier: str, timestamp: int
) -> Any:
    return {
        "event_name": event_name,
        "payload": {"stripe_customer_id": customer, "value": str(value)},
        "identifier": identifier,
        "timestamp": timestamp,
    }


def meter_params(event_name: str, display_name: str, window: str | None) -> Any:
    params: Json = {
        "display_name": display_name,
        "event_name": event_name,
        "default_aggregation": {"formula": "sum"},
        "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
        "value_settings": {"event_payload_key": "value"},
    }
    return params | ({"event_time_window": window} if window else {})


def meter_difference(meter: Json, wanted: Mapping[str, Any]) -> list[str]:
    rules = {*wanted, "event_time_window"} - {"display_name"}
    return sorted(name for name in rules if meter.get(name) != wanted.get(name))


def price_params(
    lookup_key: str,
    product: str,
    currency: str,
    unit_amount: Decimal,
    meter: str | None,
    included: int,
    interval: str,
    tax_behavior: str,
    nickname: str = "",
) -> Any:
    recurring: Json = {"interval": interval, "usage_type": "metered" if meter else "licensed"}
    if meter:
        recurring["meter"] = meter
    params: Json = {
        "currency": currency.lower(),
        "lookup_key": lookup_key,
        "product": product,
        "recurring": recurring,
        "tax_behavior": tax_behavior,
    }
    if nickname:
        params["nickname"] = nickname
    if not included:
        return params | {"unit_amount_decimal": unit_amount}
    return params | {
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": [
            {"up_to": included, "unit_amount_decimal": Decimal(0)},
            {"up_to": "inf", "unit_amount_decimal": unit_amount},
        ],
    }


def price_difference(price: Json, wanted: Mapping[str, Any]) -> list[str]:
    recurring, tiers = price["recurring"] or {}, price.get("tiers") or []
    has = {
        "active": price["active"],
        "product": price["product"],
        "currency": price["currency"],
        "tax_behavior": price["tax_behavior"],
        "recurring": {name: recurring.get(name) for name in wanted["recurring"]},
        "unit_amount_decimal": _number(price["unit_amount_decimal"]),
        "tiers": [(tier["up_to"], _number(tier["unit_amount_decimal"])) for tier in tiers],
    }
    wants = {name: wanted[name] for name in has if name in wanted} | {
        "active": True,
        "unit_amount_decimal": _number(wanted.get("unit_amount_decimal")),
        "tiers": [
            (None if tier["up_to"] == "inf" else tier["up_to"], tier["unit_amount_decimal"])
            for tier in wanted.get("tiers", [])
        ],
    }
    return [name for name in has if has[name] != wants[name]]


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def subscription_params(
    customer: str,
    items: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, str],
    start: int,
    anchor_day: int,
    default_tax_rates: Sequence[str],
    proration_behavior: str,
    days_until_due: int | None,
) -> Any:
    params: Json = {
        "customer": customer,
        "items": [dict(item) for item in items],
        "metadata": dict(metadata),
        "billing_mode": {"type": "flexible"},
        "backdate_start_date": start,
        "billing_cycle_anchor_config": {
            "day_of_month": anchor_day,
            "hour": 0,
            "minute": 0,
            "second": 0,
        },
        "proration_behavior": proration_behavior,
    }
    if days_until_due is not None:
        params |= {"collection_method": "send_invoice", "days_until_due": days_until_due}
    if default_tax_rates:
        params["default_tax_rates"] = list(default_tax_rates)
    return params
