"""The catalogue of plans brought to Stripe: first what would change, then the changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing import catalogue, queries
from billing.connection import gateway
from billing.gateway import StripeGateway
from billing.models import CatalogueEntry
from billing.plans import CURRENCY, PARTS, Part


@dataclass(frozen=True, slots=True)
class Change:
    """`part` isn't at Stripe yet, as far as we remember."""

    part: Part

    def __str__(self) -> str:
        part = self.part
        if part.kind == "tax":
            return f"+ tax rate {part.name} {part.unit_amount} % ({part.country})"
        terms = f"{part.unit_amount / 100:f} {CURRENCY}"
        if part.meter:
            free = f", {part.included} included" if part.included else ""
            return f"+ price {part.lookup_key}: {terms} per {part.unit_label}{free}"
        return f"+ price {part.lookup_key}: {terms} per {part.interval}"


class Differs(Exception):
    """What was pushed under a lookup key is not what the code says now: it needs a new version."""


def planned() -> Sequence[Change]:
    """Compared with what is remembered of earlier pushes, without a call. Differs for a price that
    changed under its key, and for meters that count in another way than the setting says."""
    known = queries.list_catalogue()
    _same_sink(known)
    for part in PARTS:
        row = known.get(part.lookup_key)
        if row is not None and (row.unit_amount, row.included) != (part.unit_amount, part.included):
            raise Differs(
                f"{part.lookup_key} was pushed with {row.unit_amount:f} and {row.included} included,"
                f" and has {part.unit_amount:f} and {part.included} now. A price never changes:"
                f" make version {part.version + 1} of its plan."
            )
    return [Change(part) for part in PARTS if part.lookup_key not in known]


def _same_sink(known: Mapping[str, CatalogueEntry]) -> None:
    wanted = gateway().usage_sink
    others = sorted({m for m, sink in queries.sinks_at_stripe(known).items() if sink != wanted})
    if others:
        raise Differs(
            f"USAGE_SINK is {wanted}, and these meters were made for the other way:"
            f" {', '.join(others)}. A meter never changes: set USAGE_SINK back."
        )


def push(stripe: StripeGateway, changes: Sequence[Change]) -> None:
    """Each step finds what is there already, so that a push which broke off can run again; Stripe's
    own differing price is refused as StripeRefused."""
    catalogue.remember(catalogue.open_at_stripe(stripe, [one.part for one in changes]))
