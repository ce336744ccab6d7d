"""The provider's own subscription invoice as a file that every platform accepts, among the client's
documents: billing hands over a record of what was charged, a job writes it."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.documents.checking.installed import installed_packs
from app.documents.checking.running import check
from app.documents.queries import list_about
from app.documents.services.issuing import issue_document
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.from_record import NoInvoice, document_of
from app.finance.einvoicing.not_writable import NotWritable
from app.finance.einvoicing.printing import print_invoice
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from app.finance.sales_invoices.services.drafting import WORK
from billing.invoices.handing_over import register
from billing.invoices.models import InvoiceRecord
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.queries import get_tenant, scoped_tenant_id

ABOUT = "subscription_invoice"
FORM = FORMS["facturx-en16931"]
_log = logging.getLogger(__name__)


def init_subscription_files() -> None:
    register(take)


def take(record: InvoiceRecord) -> bool:
    """In the mirror's transaction: the work itself comes afterwards. One that takes another back is
    no document of its own."""
    if record.kind != "void":
        enqueue(
            "sales_invoices.write_subscription", key=f"subscription_invoice:{record.id}",
            title=_m("Writing the subscription invoice as a file"), for_client=True,
            record_id=record.id,
        )  # fmt: skip
    return True


def write_record(*, record_id: UUID, actor: Actor, now: datetime) -> str:
    """Once for each record; answers the slip's outcome."""
    actor.require(WORK, "finance")
    row = db.session.scalars(
        select(InvoiceRecord).where(
            InvoiceRecord.tenant_id == scoped_tenant_id(), InvoiceRecord.id == record_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    if list_about(actor=actor, about_type=ABOUT, about_id=record_id):
        return "kept"
    language = get_tenant().document_language
    try:
        document = document_of(row.record, language=language)
        xml = write_xml(document, form=FORM)
    except (NoInvoice, NotWritable) as error:
        _log.warning("a subscription invoice was not written: %s", error)
        return "failed"
    page = print_invoice(document, form=FORM, xml=xml)
    slip = check(xml, rule_sets(document, FORM), now=now, installed=installed_packs())
    issue_document(
        kind="supporting_document", title=f"{document.number} {document.seller.name}",
        language=language, content=page, name=f"{row.number}.pdf", media_type=FORM.media_type,
        about_type=ABOUT, about_id=record_id, dated=document.issued_on,
        slip=slip.of_file(hashlib.sha256(page).hexdigest()), actor=actor, now=now,
    )  # fmt: skip
    return slip.outcome
