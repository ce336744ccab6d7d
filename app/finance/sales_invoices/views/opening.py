"""What every page of sales invoices begins with."""

from __future__ import annotations

from typing import Any

from app.finance.sales_invoices.opened import MANAGE, READ, WORK, reader
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.views.rendering import current_client
from tenants.permissions import Actor

__all__ = ["MANAGE", "READ", "WORK", "frame", "reader"]


def request_to_work(typed: str) -> ServiceRequest | None:
    """The request that an invoice is made for, by its number; None without one."""
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        return None
    actor = reader(WORK)
    row = get_request(actor=actor, number=int(typed))
    actor.require("request.work", row.line)
    return row


def frame(actor: Actor) -> dict[str, Any]:
    return {
        "client": current_client(),
        "provider": actor.side == "provider",
        "works": actor.can(WORK, "finance"),
        "manages": actor.can(MANAGE, "finance"),
    }
