"""How it is with an invoice, after amounts changed."""

from __future__ import annotations

from datetime import date, datetime

from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.transitions import state_of_amounts


def settle(kept: Kept, *, now: datetime, paid_on: date | None = None) -> bool:
    """Whether the state changed. A disputed invoice stays so until the dispute is resolved."""
    row, standing = kept.invoice, kept.standing
    standing.changed_at = now
    if standing.state in ("draft", "disputed"):
        return False
    sent = standing.sent_at is not None
    if row.type == "381":
        # Nobody pays it, also where deposits leave nothing of it.
        state = "sent" if sent else "validated"
    else:
        state = state_of_amounts(
            gross=row.gross, due=row.due, settled=standing.settled, credited=standing.credited,
            released=standing.released, sent=sent,
        )  # fmt: skip
    changed, standing.state = state != standing.state, state
    standing.paid_on = (paid_on or standing.paid_on) if state == "paid" else None
    return changed
