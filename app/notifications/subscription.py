"""Mails about a client's subscription, which billing promises."""

from datetime import datetime

from app.notifications.audiences import administrators, provider_administrators
from app.notifications.services import tell
from billing import telling
from tenants.permissions import Actor
from tenants.queries import get_tenant


def init_subscription_mails() -> None:
    telling.register(_tell)


def _tell(
    event: str,
    *,
    key: str,
    actor: Actor,
    until: datetime | None = None,
    link: str = "subscription",
    office: bool = False,
) -> None:
    """The provider's administrators have no page inside a client: theirs lie beside it."""
    if event.endswith(("_80", "_100")):
        link = "subscription/usage-overview"
    if office:
        link = f"/provider/billing/companies/{get_tenant().slug}/{link}"
    tell(
        event, audience=provider_administrators() if office else administrators(), link=link,
        key=key, actor=actor, until=until,
    )  # fmt: skip
