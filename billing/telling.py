"""Mails about a subscription, told by the product's own notifications, which stand above billing."""

from datetime import datetime
from typing import Protocol

from tenants.permissions import Actor


class Tell(Protocol):
    def __call__(
        self, event: str, *, key: str, actor: Actor, until: datetime | None = None
    ) -> None: ...


_told: list[Tell] = []


def register(tell: Tell) -> None:
    _told[:] = [tell]


def tell(event: str, *, key: str, actor: Actor, until: datetime | None = None) -> None:
    """Promise a mail to the client's administrators, in the caller's transaction; once per key."""
    for one in _told:
        one(event, key=key, actor=actor, until=until)
