"""Credit notes and what is left of credits, mirrored beside the customer's invoices."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from billing.credits.models import Credit, CreditBalance, CreditNote
from billing.gateway import StripeGateway
from billing.plans import CURRENCY
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.scoping import scoped_tenant_id

Json = Mapping[str, Any]


def fetch(stripe: StripeGateway, customer: str, state: Json) -> Json:
    """Calls Stripe, touches no table."""
    if state["customer"].get("deleted"):
        return {"notes": [], "for_usage": 0}
    return {
        "notes": stripe.list_credit_notes(customer=customer),
        "for_usage": stripe.credit_left(customer),
    }


def apply(found: Json, customer: Json, *, version: int) -> None:
    for note in found["notes"]:
        _put(CreditNote, ["stripe_note_id"], _row(note, version))
        if note["status"] == "void":
            _take_back(note["id"])
    balance = int(customer.get("balance") or 0)
    values = {
        "currency": CURRENCY, "on_account": max(0, -balance), "for_usage": found["for_usage"],
        "sync_version": version,
    }  # fmt: skip
    _put(CreditBalance, [], values)


def _take_back(stripe_note_id: str) -> None:
    """Somebody at Stripe did: our credit keeps its number, and isn't given again."""
    db.session.execute(
        update(Credit)
        .where(
            Credit.tenant_id == scoped_tenant_id(), Credit.stripe_id == stripe_note_id,
            Credit.state == "issued",
        )
        .values(state="void", stripe_id=None)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _row(note: Json, version: int) -> dict[str, Any]:
    return {
        "stripe_note_id": note["id"],
        "stripe_invoice_id": note["invoice"],
        "credit_id": _own(note["metadata"].get("credit_id")),
        "number": note["number"],
        "status": note["status"],
        "memo": note["memo"] or "",
        "currency": note["currency"].upper(),
        "subtotal": note["subtotal"],
        "total": note["total"],
        "to_balance": note["post_payment_amount"],
        "lines": [{"line": line["invoice_line_item"] or "", "amount": line["amount"]}
                  for line in note["lines"]],
        "pdf_url": note["pdf"],
        "issued_at": datetime.fromtimestamp(note["created"], UTC),
        "sync_version": version,
    }  # fmt: skip


def _own(credit_id: str | None) -> UUID | None:
    """Anybody may write anything into a note's metadata at Stripe."""
    try:
        return UUID(credit_id) if credit_id else None
    except ValueError:
        return None


def _put(model: Any, keys: list[str], values: dict[str, Any]) -> None:
    row = insert(model).values(tenant_id=scoped_tenant_id(), id=uuid7(), **values)
    kept = {name: row.excluded[name] for name in values if name not in keys}
    db.session.execute(row.on_conflict_do_update(index_elements=["tenant_id", *keys], set_=kept))
