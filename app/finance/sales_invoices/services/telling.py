"""What a company's own programs hear of its sales invoices: numbers and states, nobody's name."""

from __future__ import annotations

from datetime import datetime

from app.finance.sales_invoices.queries import Kept
from app.webhooks.catalogue import Event
from app.webhooks.services.publishing import publish


def tell(*changes: tuple[str, Kept], now: datetime) -> None:
    """Whoever calls has raised the versions of what changed."""
    if changes:
        publish([_event(what, kept) for what, kept in changes], at=now)


def _event(what: str, kept: Kept) -> Event:
    row, standing = kept.invoice, kept.standing
    return Event(
        f"sales_invoice.{what}", key=f"{row.id}:{standing.version}", line="finance",
        data={
            "invoice": row.number, "id": str(row.id), "type": row.type, "state": standing.state,
            "version": standing.version, "line": "finance",
            "url": f"/api/v1/sales-invoices/{row.id}",
        },
    )  # fmt: skip
