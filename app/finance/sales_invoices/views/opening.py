"""What every page of sales invoices begins with."""

from __future__ import annotations

from typing import Any

from app.finance.sales_invoices.opened import MANAGE, READ, WORK, reader
from app.service_requests.views.rendering import current_client
from tenants.permissions import Actor

__all__ = ["MANAGE", "READ", "WORK", "frame", "reader"]


def frame(actor: Actor) -> dict[str, Any]:
    return {
        "client": current_client(),
        "provider": actor.side == "provider",
        "works": actor.can(WORK, "finance"),
        "manages": actor.can(MANAGE, "finance"),
    }
