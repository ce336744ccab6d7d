"""What a company's own programs hear of its customers and suppliers: numbers, never names."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.directory.models import Party
from app.directory.rights import LINES
from app.webhooks.catalogue import Event
from app.webhooks.services.publishing import publish


def told(kind: str, party: Party, *, into: UUID | None = None) -> Event:
    """`into` is the entry that this one became part of."""
    facts = {
        "party": party.number, "id": str(party.id), "version": party.version,
        "url": f"/api/v1/parties/{party.id}",
    }  # fmt: skip
    if into is not None:
        facts["into"] = str(into)
    return Event(f"party.{kind}", key=f"{party.id}:{party.version}", data=facts, lines=LINES)


def tell(events: Sequence[Event], *, now: datetime) -> None:
    if events:
        publish(events, at=now)
