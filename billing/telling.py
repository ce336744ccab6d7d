"""Mails about a subscription, told by the product's own notifications, which stand above billing."""

from datetime import datetime
from typing import Protocol

from tenants.permissions import Actor


class Tell(Protocol):
    def __call__(
        self,
        event: str,
        *,
        key: str,
        actor: Actor,
        until: datetime | None = None,
        link: str = "subscription",
        office: bool = False,
    ) -> None: ...


_told: list[Tell] = []


def register(tell: Tell) -> None:
    _told[:] = [tell]


def tell(
    event: str,
    *,
    key: str,
    actor: Actor,
    until: datetime | None = None,
    link: str = "subscription",
) -> None:
    """Promise a mail to the client's administrators, in the caller's transaction; once per key."""
    for one in _told:
        one(event, key=key, actor=actor, until=until, link=link)


def tell_office(event: str, *, key: str, actor: Actor, path: str) -> None:
    """The same to the provider's administrators; `path` lies below their pages of this client."""
    for one in _told:
        one(event, key=key, actor=actor, link=path, office=True)
