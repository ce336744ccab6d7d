"""A credit at Stripe. A credit note is prepared first: it may be there already, and its call says how
much of it was paid before, which stands in what is asked so that a repeat asks for the same."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from billing.credits.models import Credit
from billing.credits.queries import get_credit
from billing.gateway import StripeGateway
from billing.telling import tell, tell_office
from tenants import audit, outbox
from tenants.core.db import db
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id

PREPARE, CREATE, GRANT = "prepare_credit_note", "create_credit_note", "give_credit"
VERBS = (PREPARE, CREATE, GRANT)
Json = dict[str, Any]


def promise(verb: str, row: Credit, **more: Any) -> None:
    expires = int(row.expires_at.timestamp()) if row.expires_at else None
    outbox.send(
        kind="stripe",
        verb=verb,
        dedupe_key=f"billing:{verb}:{row.id}:{row.attempt}",
        params={
            "tenant_id": str(scoped_tenant_id()), "credit_id": str(row.id),
            "invoice": row.target_invoice_id, "lines": note_lines(row.lines), "amount": row.amount,
            "currency": row.currency, "memo": memo_of(row), "expires_at": expires, **more,
        },
        queue="billing",
    )  # fmt: skip


def note_lines(lines: list[dict[str, Any]]) -> list[Json]:
    return [{"invoice_line_item": part["line"], "amount": part["amount"]} for part in lines]


def memo_of(row: Credit) -> str:
    """What the customer reads on the credit note."""
    if row.source.startswith("sla:") and row.month:
        return f"Service level credit, {row.line}, {row.month:%Y-%m}"
    return "Contested usage" if row.kind == "correction" else row.reason[:400]


def perform(stripe: StripeGateway, *, verb: str, params: Json, key: str) -> Any:
    """Call Stripe; touches no table."""
    metadata = {"tenant_id": params["tenant_id"], "credit_id": params["credit_id"]}
    if verb == PREPARE:
        found = [one for one in stripe.list_credit_notes(invoice=params["invoice"])
                 if _is_of(one, metadata) and one["status"] == "issued"]  # fmt: skip
        if found:
            return {"found": _said(found[0])}
        seen = stripe.preview_credit_note(params["invoice"], params["lines"])
        return {"paid": seen["post_payment_amount"]}
    if verb == CREATE:
        note = stripe.create_credit_note(
            params["invoice"], params["lines"], key, memo=params["memo"], metadata=metadata,
            to_balance=params["paid"],
        )  # fmt: skip
        return _said(note)
    grants = [one for one in stripe.list_credit_grants(params["customer"])
              if _is_of(one, metadata) and one["voided_at"] is None]  # fmt: skip
    grant = grants[0] if grants else stripe.give_credit(
        params["customer"], params["amount"], params["currency"], params["memo"][:100], metadata,
        key, expires_at=params["expires_at"],
    )  # fmt: skip
    return {"id": grant["id"], "number": "", "total": None}


def settle(*, verb: str, params: Json, result: Any, now: datetime) -> None:
    row = get_credit(credit_id=UUID(params["credit_id"]))
    if verb == PREPARE and "found" not in result:
        promise(CREATE, row, paid=result["paid"])
        return
    said = result["found"] if verb == PREPARE else result
    row.state, row.stripe_id, row.waits, row.error = "issued", said["id"], "", ""
    row.number, row.total = said["number"], said["total"]
    row.issued_at = datetime.fromtimestamp(said["at"], UTC) if said.get("at") else now
    db.session.flush()
    actor = system_actor(scoped_tenant_id())
    audit.record(
        "billing.credit.issued", actor=actor, now=now, object_type="credit", object_id=row.id,
        kind=row.kind, amount=row.amount, currency=row.currency, stripe=row.stripe_id,
        number=row.number,
    )  # fmt: skip
    tell("billing.credit_issued", key=str(row.id), actor=actor, link="subscription/credits")
    enqueue("billing.sync_customer", queue="billing", key=f"credited:{row.id}")


def refuse(*, params: Json, error: str, now: datetime) -> None:
    """Stripe wouldn't, or its answer never came: somebody of the provider says how it goes on."""
    row = get_credit(credit_id=UUID(params["credit_id"]))
    if row.state != "issuing":
        return
    row.state, row.waits, row.error = "refused", "refused", error
    db.session.flush()
    actor = system_actor(scoped_tenant_id())
    audit.record(
        "billing.credit.refused_by_stripe", actor=actor, now=now, object_type="credit",
        object_id=row.id, attempt=row.attempt,
    )  # fmt: skip
    tell_office("billing.credit_refused", key=f"{row.id}:{row.attempt}", actor=actor,
                path=f"credits/{row.id}")  # fmt: skip


def _is_of(found: Json, metadata: Json) -> bool:
    return bool(found["metadata"].get("credit_id") == metadata["credit_id"])


def _said(note: Json) -> Json:
    return {"id": note["id"], "number": note["number"], "total": note["total"],
            "at": note["created"]}  # fmt: skip
