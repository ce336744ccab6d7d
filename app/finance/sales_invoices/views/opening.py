"""What every page of sales invoices begins with."""

from __future__ import annotations

from typing import Any

from app.auth.current import current_actor
from app.service_requests.views.rendering import current_client
from tenants.core.errors import NotFound
from tenants.permissions import Actor

READ, WORK, MANAGE = "sales_invoice.read", "sales_invoice.work", "sales_invoice.manage"


def reader(permission: str = READ) -> Actor:
    """Invoices belong to the finance line; to others they don't exist."""
    actor = current_actor()
    if not actor.can(permission, "finance"):
        raise NotFound
    return actor


def frame(actor: Actor) -> dict[str, Any]:
    return {
        "client": current_client(),
        "provider": actor.side == "provider",
        "works": actor.can(WORK, "finance"),
        "manages": actor.can(MANAGE, "finance"),
    }
