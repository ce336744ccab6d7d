"""The plan at Stripe: made once, found again ever after, remembered in catalog_map."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from billing.gateway import StripeGateway
from billing.models import CatalogueEntry
from billing.plans import CURRENCY, PARTS, TAXES, Part, Plan
from tenants.core.db import db

Entry = dict[str, Any]


def open_at_stripe(
    gateway: StripeGateway, parts: Sequence[Part] = PARTS, *, nickname: str = ""
) -> list[Entry]:
    """Calls Stripe, touches no table."""
    return [_open(gateway, part, nickname) for part in parts]


def parts_of(plan: Plan) -> Sequence[Part]:
    """Of a subscription: the plan's, and what is added for taxes."""
    return (*plan.parts, *TAXES)


def metadata_of(plan: Plan) -> Mapping[str, str]:
    return {"plan": plan.key, "plan_version": str(plan.version)}


def remember(entries: Sequence[Entry]) -> None:
    db.session.execute(
        insert(CatalogueEntry)
        .values(list(entries))
        .on_conflict_do_nothing(index_elements=["lookup_key"])
    )


def _open(gateway: StripeGateway, part: Part, nickname: str) -> Entry:
    entry: Entry = {
        "lookup_key": part.lookup_key,
        "plan_key": part.plan,
        "plan_version": part.version,
        "kind": part.kind,
        "meter_key": part.meter,
        "currency": CURRENCY,
        # outbox results are JSON
        "unit_amount": str(part.unit_amount),
        "included": part.included,
        "stripe_product_id": part.product,
        "stripe_meter_id": None,
        "sink": None,
    }
    if part.kind == "tax":
        rate = gateway.ensure_tax_rate(
            country=part.country, percentage=part.unit_amount, display_name=part.name
        )
        return entry | {"stripe_price_id": rate["id"]}
    product = gateway.ensure_product(part.product, name=part.name, unit_label=part.unit_label)
    if part.meter:
        meter = gateway.ensure_meter(part.meter, display_name=part.name)
        entry["stripe_meter_id"] = meter["id"]
        entry["sink"] = gateway.usage_sink
    price = gateway.ensure_price(
        part.lookup_key,
        product=product["id"],
        currency=CURRENCY,
        unit_amount=part.unit_amount,
        meter=entry["stripe_meter_id"],
        included=part.included,
        interval=part.interval,
        nickname=nickname,
    )
    return entry | {"stripe_price_id": price["id"]}
