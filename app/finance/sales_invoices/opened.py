"""Who may look at sales invoices and work on them, for pages and programs alike."""

from __future__ import annotations

from app.auth.current import current_actor
from tenants.core.errors import NotFound
from tenants.permissions import Actor

READ, WORK, MANAGE = "sales_invoice.read", "sales_invoice.work", "sales_invoice.manage"


def reader(permission: str = READ) -> Actor:
    """Invoices belong to the finance line; to others they don't exist."""
    actor = current_actor()
    if not actor.can(permission, "finance"):
        raise NotFound
    return actor
