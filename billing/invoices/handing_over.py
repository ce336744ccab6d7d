"""The port through which the provider's own invoices leave for whoever writes them as Factur-X.

Each final invoice and credit note becomes a record once, in the transaction of the mirror; a record is
offered in the order of its making until it is taken, and waits while nobody is there.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from billing.invoices import record as records
from billing.invoices.models import InvoiceRecord
from billing.reconcile.checks import Difference
from billing.reconcile.services import close, note
from billing.taxes.mirror import treatment_on
from billing.taxes.queries import Seller, get_seller
from billing.taxes.rules import KINDS, mention
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

Json = Mapping[str, Any]
# Says whether it took the record; called in the client's scope, in the caller's transaction.
Take = Callable[[InvoiceRecord], bool]
R = InvoiceRecord
FINAL = ("open", "paid", "uncollectible")
_takers: list[Take] = []
_log = logging.getLogger(__name__)


def register(take: Take) -> None:
    _takers[:] = [take]


def keep(state: Json, *, now: datetime) -> None:
    """Of everything final in the customer's state, what isn't kept yet."""
    invoices = [one for one in state["invoices"] if one["status"] in FINAL and one["number"]]
    notes = [one for one in (state.get("credits") or {}).get("notes", ())
             if one["status"] == "issued"]  # fmt: skip
    known = _known([one["id"] for one in (*invoices, *notes)] + [one["invoice"] for one in notes])
    missing = [one for one in invoices if one["id"] not in known]
    seller = get_seller() if missing else None
    for one in missing:
        made = _try(records.of_invoice, one, now=now, **_about(one, seller)) if seller else None
        if made:
            known[one["id"]] = made
            _put("invoice", one, made, now=now)
    for credit in notes:
        invoice = known.get(credit["invoice"])
        if credit["id"] not in known and invoice is not None:
            made = _try(records.of_credit_note, credit, now=now, invoice=invoice)
            if made:
                _put("credit_note", credit, made, now=now)
    _withdraw([one for one in state["invoices"] if one["status"] == "void"], now=now)


def _withdraw(voided: list[Json], *, now: datetime) -> None:
    """Of an invoice that was handed on, that it was cancelled since; once."""
    if not voided:
        return
    known = _known([one["id"] for one in voided])
    for one in voided:
        if one["id"] in known:
            invoice = known[one["id"]]
            _put(
                "void", one, records.of_void(one, invoice=invoice, sha256=digest(invoice)), now=now
            )


def offer(*, now: datetime) -> None:
    """What waits, to who registered."""
    for take in _takers:
        for row in _waiting():
            if take(row):
                row.taken_at = now
    db.session.flush()


def digest(record: Json) -> str:
    """Of the record's canonical form: keys in order, no blanks."""
    written = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(written.encode()).hexdigest()


def _about(one: Json, seller: Seller) -> dict[str, Any]:
    treated = treatment_on(one, seller.country)
    kind = next((known for known in KINDS if known == treated), None)
    said = mention(kind, seller=seller.country, language=get_tenant().document_language) if kind else None  # fmt: skip
    return {
        "kind": treated, "seller": asdict(seller), "seller_country": seller.country,
        "mention": {"code": said.code, "sentence": f"{said.sentence} ({said.law})"}
        if said else None,
    }  # fmt: skip


def _try(
    make: Callable[..., records.Record], one: Json, *, now: datetime, **more: Any
) -> records.Record | None:
    """The mirror doesn't wait for an invoice that can't be written down so."""
    try:
        made = make(one, **more)
    except records.SumsDiffer as error:
        _log.warning("invoice record not made: sums differ")
        difference = Difference("invoice_record", one["number"], str(one["total"]), str(error))
        note(difference, now=now)
        return None
    close("invoice_record", one["number"], now=now)
    return made


def _known(ids: list[str]) -> dict[str, Any]:
    rows = db.session.execute(
        select(R.stripe_id, R.record).where(
            R.tenant_id == scoped_tenant_id(), R.stripe_id.in_(ids), R.kind != "void"
        )
    )
    return {row.stripe_id: row.record for row in rows}


def _put(kind: str, one: Json, made: Json, *, now: datetime) -> None:
    db.session.execute(
        insert(R)
        .values(
            tenant_id=scoped_tenant_id(), id=uuid7(), kind=kind, stripe_id=one["id"],
            number=made["number"], record=made, sha256=digest(made), made_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "stripe_id", "kind"])
    )  # fmt: skip


def _waiting() -> list[InvoiceRecord]:
    rows = db.session.execute(
        select(R)
        .where(R.tenant_id == scoped_tenant_id(), R.taken_at.is_(None))
        .order_by(R.made_at, R.id)
        .with_for_update(skip_locked=True)
    ).scalars()
    return list(rows)
