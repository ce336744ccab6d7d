"""What became of the mail of an invoice: one that never left is no sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.finance.sales_invoices import queries
from app.finance.sales_invoices.models import InvoiceEvent
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.drafting import WORK
from app.finance.sales_invoices.services.standing import settle
from app.finance.sales_invoices.services.telling import tell as publish
from app.finance.sales_invoices.services.validating import note_event
from app.notifications.audiences import operators, people
from app.notifications.services import tell
from tenants import audit
from tenants.core.db import db
from tenants.permissions import Actor

# Of the effect that carries an invoice.
VERB = "sales_invoice.sent"


def mail_key(invoice_id: UUID, mail: str) -> str:
    """`mail` counts the mails of one invoice: it stands in the event of its sending too."""
    return f"sales_invoice:{invoice_id}:{mail}"


def follow_mail(*, dedupe_key: str, to: str, arrived: bool, actor: Actor, now: datetime) -> bool:
    """Whether it says anything new of the invoice. Somebody may let a mail that was given up be
    tried once more: then it did leave after all."""
    actor.require(WORK, "finance")
    _, invoice_id, mail = dedupe_key.split(":")
    kept = queries.get_invoice(invoice_id=UUID(invoice_id), for_change=True)
    events = queries.list_events(invoice_id=kept.invoice.id)
    if arrived != (mail in _lost(events)):
        return False
    verb = "delivered" if arrived else "not_delivered"
    note_event(kept.invoice.id, verb, "", now, to=to, mail=mail)
    _follow(kept, now)
    audit.record(
        f"finance.sales_invoice.{verb}", actor=actor, now=now, object_type="sales_invoice",
        object_id=kept.invoice.id,
    )  # fmt: skip
    publish(("sent" if arrived else "not_delivered", kept), now=now)
    if not arrived:
        _tell_sender(kept, events, mail, to, actor)
    db.session.flush()
    return True


def _follow(kept: Kept, now: datetime) -> None:
    """Its standing, from the sendings that still count."""
    standing, events = kept.standing, queries.list_events(invoice_id=kept.invoice.id)
    lost = _lost(events)
    sendings = [one for one in events if one.verb in ("sent", "handed_over")]
    counting = [one for one in sendings if one.facts.get("mail") not in lost]
    first, last = (counting[0], counting[-1]) if counting else (None, None)
    standing.sent_at = first.at if first else None
    standing.sent_by_name = first.by_name if first else ""
    standing.sent_to = str(last.facts.get("to", "")) if last and last.verb == "sent" else ""
    # What was sent since in another way needs nobody any more.
    open_ = sendings[-1] if sendings and sendings[-1] is not last else None
    standing.undelivered_at = now if open_ else None
    standing.undelivered_to = str(open_.facts.get("to", "")) if open_ else ""
    standing.version += 1
    settle(kept, now=now)


def _lost(events: Sequence[InvoiceEvent]) -> set[str]:
    lost: set[str] = set()
    for one in events:
        if one.verb == "not_delivered":
            lost.add(one.facts["mail"])
        elif one.verb == "delivered":
            lost.discard(one.facts["mail"])
    return lost


def _tell_sender(
    kept: Kept, events: Sequence[InvoiceEvent], mail: str, to: str, actor: Actor
) -> None:
    senders = [UUID(one.facts["by"]) for one in events
               if one.verb == "sent" and one.facts.get("mail") == mail and one.facts.get("by")]  # fmt: skip
    row = kept.invoice
    tell(
        "sales_invoice.not_delivered", key=f"{row.id}:{kept.standing.version}", actor=actor,
        audience=people(senders, line="finance").or_else(operators("finance")),
        link=f"sales-invoices/{row.id}", about=row.id, number=row.number, address=to,
    )  # fmt: skip
