from datetime import UTC, datetime

from app.demo.cast import DemoClient
from billing.gateway import TEST_CARD
from billing.services import request_subscription
from tenants.permissions import system_actor


def subscribe(client: DemoClient, now: datetime) -> None:
    """From the first of this month, so that what is delivered today stands on the next invoice."""
    start = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    request_subscription(actor=system_actor(client.id), now=now, start=start, card=TEST_CARD)
