"""An invoice's file was checked again by the rules of that day: what they say counts from then on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.documents.services.slips import register
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services.making import SOURCE, count
from app.finance.sales_invoices.services.validating import note_event
from tenants import audit
from tenants.core.db import db
from tenants.permissions import Actor

CHECKED = ("valid", "invalid", "not_validated")


def follow_check(
    *, about_id: UUID, version_id: UUID, outcome: str, actor: Actor, now: datetime
) -> None:
    """Of the file that counts alone: an earlier version, the page beside it and one that is being
    written anew change nothing."""
    kept = queries.get_invoice(invoice_id=about_id, for_change=True)
    row, standing = kept.invoice, kept.standing
    if standing.file_version_id != version_id or standing.files not in CHECKED:
        return
    if standing.files == outcome:
        return
    standing.files, standing.problem, standing.changed_at = outcome, "", now
    standing.version += 1
    note_event(row.id, "passed" if outcome == "valid" else "broken", actor.name, now)
    count(row, outcome, actor=actor, now=now)
    audit.record(
        "finance.sales_invoice.rechecked", actor=actor, now=now, object_type=SOURCE,
        object_id=row.id, outcome=outcome,
    )  # fmt: skip
    db.session.flush()


def init_invoice_checks() -> None:
    register(SOURCE, follow_check)
