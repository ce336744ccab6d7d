"""One company by agreement, one on a plan of the catalogue with a card, one on trial."""

from collections.abc import Mapping
from datetime import UTC, datetime

from app.demo.cast import DemoClient
from billing.gateway import TEST_CARD
from billing.plans import AGREED, ESSENTIAL, STANDARD, Plan
from billing.services import request_subscription
from billing.subscribing.services import trial_until
from tenants.permissions import system_actor

PLANS: Mapping[str, Plan] = {"lentier": STANDARD, "hallertau": ESSENTIAL}
ON_TRIAL = ("hallertau",)


def month_of(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def subscribe(client: DemoClient, now: datetime) -> None:
    """From the first of this month, so that what is delivered today stands on the next invoice."""
    trial = trial_until(now) if client.slug in ON_TRIAL else None
    request_subscription(
        actor=system_actor(client.id), now=now, start=month_of(now), card=TEST_CARD,
        plan=PLANS.get(client.slug, AGREED), trial_end=trial,
    )  # fmt: skip
