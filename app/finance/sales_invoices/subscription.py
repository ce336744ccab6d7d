"""The provider's own subscription invoice as a file that every platform accepts, among the client's
documents: billing hands over a record of what was charged, a job writes it."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.documents.checking.installed import installed_packs
from app.documents.checking.running import check
from app.documents.checking.slip import Slip
from app.documents.models import ValidationSlip
from app.documents.queries import Held, find_slip, list_about, list_outcomes
from app.documents.services.issuing import issue_document, issue_version
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.from_record import NoInvoice
from app.finance.einvoicing.not_writable import NotWritable
from app.finance.einvoicing.printing import print_invoice
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from app.finance.sales_invoices.services.drafting import WORK
from app.finance.sales_invoices.subscription_sides import FORM, Gap, gaps, read_sides, written
from app.notifications.audiences import provider_administrators
from app.notifications.services import SEVERAL, tell
from billing.invoices.handing_over import register
from billing.invoices.models import InvoiceRecord
from billing.invoices.queries import get_by_number_or_id
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError, NotFound
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

ABOUT = "subscription_invoice"
TITLE = _m("Writing the subscription invoice as a file")
BROKEN_RULES = _m("Its slip says which rules are broken.")
NOT_WRITTEN = _m("Its file couldn't be written in this form.")
_log = logging.getLogger(__name__)


class NothingToWrite(Conflict):
    code = "no_invoice_record"
    message = _m("There is nothing to write a file of yet: the invoice isn't final.")


@dataclass(frozen=True, slots=True)
class SubscriptionFile:
    """`held` is the latest version that the reader may see, `gaps` what its data still lack."""

    record_id: UUID
    held: Held | None
    slip: ValidationSlip | None
    gaps: list[Gap]

    @property
    def is_valid(self) -> bool:
        return self.slip is not None and self.slip.outcome == "valid"


def init_subscription_files() -> None:
    register(take)


def take(record: InvoiceRecord) -> bool:
    """In the mirror's transaction: the work itself comes afterwards. One that takes another back is
    no document of its own."""
    if record.kind != "void":
        enqueue(
            "sales_invoices.write_subscription", key=f"subscription_invoice:{record.id}",
            title=TITLE, for_client=True, record_id=record.id,
        )  # fmt: skip
    return True


def write_record(*, record_id: UUID, actor: Actor, now: datetime, again: bool = False) -> str:
    """Answers the slip's outcome. Once for each record; `again` gives a file that isn't valid
    another version."""
    actor.require(WORK, "finance")
    row = _hold(record_id)
    held = _latest(record_id, actor)
    if held and (not again or _outcome(held) == "valid"):
        return "kept"
    try:
        document = written(row.record, read_sides(), language=get_tenant().document_language)
        page, slip = _made(document, now)
    except (NoInvoice, NotWritable, CoulisseError) as error:
        _log.warning("a subscription invoice was not written: %s", type(error).__name__)
        _tell_incomplete(row, actor, now, NOT_WRITTEN)
        return "failed"
    if held:
        issue_version(
            document_id=held.document.id, content=page, name=f"{row.number}.pdf",
            media_type=FORM.media_type, slip=slip, actor=actor, now=now,
        )  # fmt: skip
    else:
        issue_document(
            kind="supporting_document", title=f"{document.number} {document.seller.name}",
            language=document.language, content=page, name=f"{row.number}.pdf",
            media_type=FORM.media_type, about_type=ABOUT, about_id=record_id,
            dated=document.issued_on, slip=slip, actor=actor, now=now,
        )  # fmt: skip
    if slip.outcome != "valid":
        _tell_incomplete(row, actor, now)
    return slip.outcome


def write_again(*, number: str, actor: Actor, now: datetime) -> None:
    """A client's administrator asks for it, once the data are complete."""
    actor.require("subscription.manage")
    get_by_number_or_id(reference=number)
    row = _find(number)
    if row is None:
        raise NothingToWrite
    _ask(row, f"{actor.user_id}:{now.isoformat()}")


def mend(*, actor: Actor, now: datetime) -> int:
    """What isn't valid and was written before somebody said more is written again, unless people
    deleted it; answers how many."""
    actor.require(WORK, "finance")
    sides = read_sides()
    if sides.changed_at is None:
        return 0
    done = {
        one.about_id
        for one in list_outcomes(about_type=ABOUT)
        if one.deleted or one.outcome == "valid" or one.issued_at >= sides.changed_at
    }
    missing = [row for row in _records() if row.id not in done]
    for row in missing:
        _ask(row, sides.changed_at.isoformat())
    return len(missing)


def find_file(*, number: str, actor: Actor) -> SubscriptionFile | None:
    """Of the invoice of this number, if one was handed over."""
    row = _find(number)
    if row is None:
        return None
    held = _latest(row.id, actor)
    slip = find_slip(version_id=held.version.id) if held else None
    missing = []
    if slip is None or slip.outcome != "valid":
        missing = _gaps(row)
    return SubscriptionFile(row.id, held, slip, missing)


def _made(document: InvoiceDocument, now: datetime) -> tuple[bytes, Slip]:
    xml = write_xml(document, form=FORM)
    page = print_invoice(document, form=FORM, xml=xml)
    slip = check(xml, rule_sets(document, FORM), now=now, installed=installed_packs())
    return page, slip.of_file(hashlib.sha256(page).hexdigest())


def _ask(row: InvoiceRecord, why: str) -> None:
    enqueue(
        "sales_invoices.write_subscription", key=f"subscription_invoice:{row.id}:{why}",
        title=TITLE, for_client=True, record_id=row.id, again=True,
    )  # fmt: skip


def _gaps(row: InvoiceRecord) -> list[Gap]:
    return gaps(written(row.record, read_sides(), language=get_tenant().document_language))


def _tell_incomplete(
    row: InvoiceRecord, actor: Actor, now: datetime, otherwise: str = BROKEN_RULES
) -> None:
    """Once for the same gaps, or an invoice that lacks nothing and isn't valid all the same."""
    found = _gaps(row) if row.kind != "void" else []
    sentences = list(dict.fromkeys(one.sentence for one in found))
    said = hashlib.sha256("\n".join(sentences).encode()).hexdigest() if found else str(row.id)
    tell(
        "billing.file_incomplete", audience=provider_administrators(),
        link="/provider/billing/invoicing", key=said[:40], actor=actor,
        lacks=SEVERAL.join(sentences) or otherwise,
    )  # fmt: skip


def _hold(record_id: UUID) -> InvoiceRecord:
    """Until the transaction ends, so that one alone writes its file."""
    row = db.session.scalars(
        select(InvoiceRecord)
        .where(InvoiceRecord.tenant_id == scoped_tenant_id(), InvoiceRecord.id == record_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def _find(number: str) -> InvoiceRecord | None:
    return db.session.scalars(
        select(InvoiceRecord)
        .where(
            InvoiceRecord.tenant_id == scoped_tenant_id(), InvoiceRecord.number == number,
            InvoiceRecord.kind != "void",
        )
        .limit(1)
    ).first()  # fmt: skip


def _records() -> list[InvoiceRecord]:
    """A company gets a few a month."""
    return list(
        db.session.scalars(
            select(InvoiceRecord).where(
                InvoiceRecord.tenant_id == scoped_tenant_id(), InvoiceRecord.kind != "void",
                InvoiceRecord.taken_at.is_not(None),
            )
        )
    )  # fmt: skip


def _latest(record_id: UUID, actor: Actor) -> Held | None:
    return next(iter(list_about(actor=actor, about_type=ABOUT, about_id=record_id)), None)


def _outcome(held: Held) -> str:
    slip = find_slip(version_id=held.version.id)
    return slip.outcome if slip else ""
