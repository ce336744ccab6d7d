"""Mails about a client's subscription, which billing promises."""

from datetime import datetime

from app.notifications.audiences import administrators
from app.notifications.services import tell
from billing import telling
from tenants.permissions import Actor


def init_subscription_mails() -> None:
    telling.register(_tell)


def _tell(event: str, *, key: str, actor: Actor, until: datetime | None = None) -> None:
    tell(event, audience=administrators(), link="subscription", key=key, actor=actor, until=until)
