"""Stripe's figures of a change, as they are kept and shown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from billing import queries as billing
from billing.changing.rules import Choice
from billing.connection import gateway
from billing.gateway import StripeRefused, StripeUnavailable
from billing.models import Subscription, SubscriptionItem
from billing.prices.queries import lookup_keys
from billing.stripe_params import digest
from tenants.core.errors import Conflict, Unavailable
from tenants.core.text import _m
from tenants.scoping import scoped_tenant_id

AWAY = _m("Stripe does not answer at the moment. Please try again in a minute.")
REFUSED = _m("Stripe does not make this change at the moment: %(reason)s")


@dataclass(frozen=True, slots=True)
class FigureLine:
    """In minor units; less than nothing is a credit."""

    lookup_key: str
    description: str
    amount: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Figures:
    """As Stripe said them: `due` is charged at once, `balance` is credit that the company had."""

    lines: Sequence[FigureLine] = ()
    subtotal: int = 0
    tax: int = 0
    total: int = 0
    balance: int = 0
    due: int = 0
    currency: str = "EUR"

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Figures":
        lines = [FigureLine(**one) for one in stored.get("lines", ())]
        numbers = {name: stored[name] for name in
                   ("subtotal", "tax", "total", "balance", "due", "currency") if name in stored}  # fmt: skip
        return cls(lines=lines, **numbers)


def base_change(base: SubscriptionItem, wanted: Choice) -> list[dict[str, Any]]:
    price = billing.list_catalogue()[wanted.base_key].stripe_price_id
    return [{"id": base.stripe_item_id, "price": price}]


def figures_of(
    subscription: Subscription, base: SubscriptionItem, wanted: Choice, *, at: datetime
) -> Figures:
    """Calls Stripe; the same question within a second is the same answer."""
    items, moment = base_change(base, wanted), int(at.timestamp())
    ident = subscription.stripe_subscription_id
    key = f"preview:{scoped_tenant_id()}:{digest(ident, items, moment)}"
    try:
        said = gateway().preview_change(ident, items, key, proration_date=moment)
    except StripeUnavailable as error:
        raise Unavailable(AWAY) from error
    except StripeRefused as error:
        raise Conflict(REFUSED, code="stripe_refused", reason=error.message) from error
    return _read(said)


def _read(said: Mapping[str, Any]) -> Figures:
    keys = lookup_keys()
    return Figures(
        lines=[_line(one, keys) for one in said["lines"]],
        subtotal=said["subtotal"],
        tax=sum(tax["amount"] for tax in said["total_taxes"] or ()),
        total=said["total"],
        balance=said["total"] - said["amount_due"] if said["total"] > said["amount_due"] else 0,
        due=said["amount_due"],
        currency=said["currency"].upper(),
    )


def _line(said: Mapping[str, Any], keys: Mapping[str, str]) -> FigureLine:
    price = ((said.get("pricing") or {}).get("price_details") or {}).get("price", "")
    return FigureLine(
        lookup_key=keys.get(price, ""), description=said["description"] or "",
        amount=said["amount"], start=said["period"]["start"], end=said["period"]["end"],
    )  # fmt: skip
