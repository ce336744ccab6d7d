"""The files of a validated invoice: written, checked by the rules of its receiver's country, kept.
Without a slip that says "valid" it isn't sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.documents.checking.installed import installed_packs
from app.documents.checking.running import check
from app.documents.checking.slip import Slip
from app.documents.printing.strict import NotPrintable, TypesettingFailed, TypesettingStopped
from app.documents.queries import get_version_by_id, is_deleted, list_slips
from app.documents.sealing.services import seal
from app.documents.services.issuing import issue_document, issue_version
from app.documents.templating.queries import get_letterhead
from app.documents.verifying.codes import new_code, shown
from app.finance.einvoicing.container import NotEmbedded
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.forms import FORMS, Form
from app.finance.einvoicing.not_writable import NotWritable
from app.finance.einvoicing.printing import print_invoice
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from app.finance.sales_invoices import queries, unwritten
from app.finance.sales_invoices.freezing import from_json
from app.finance.sales_invoices.models import InvoiceStanding, SalesInvoice
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.drafting import WORK
from app.finance.sales_invoices.services.validating import note_event
from app.finance.sales_invoices.wordings import WordsNotPrintable, look_of, words_on
from billing.usage import record_usage
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import CoulisseError, NotFound
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.jobs.queries import get_status
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Page:
    """`code` stands on it; empty where it has none."""

    content: bytes
    code: str


METER = "invoices_issued"
SOURCE = "sales_invoice"
# What trying again doesn't change.
_NO_FILE = (
    NotWritable, NotPrintable, TypesettingStopped, TypesettingFailed, NotEmbedded, WordsNotPrintable,
)  # fmt: skip


def make_files(
    *, invoice_id: UUID, actor: Actor, now: datetime,
    progress: Callable[[int, int, str], None] = lambda *_: None, verify_address: str = "",
) -> str:  # fmt: skip
    """Answers the slip's outcome. A repeat makes nothing. What can't be
    written in its form leaves the invoice without a file and says why. With the address of the
    public page its code stands on the page."""
    actor.require(WORK, "finance")
    row = queries.get_invoice(invoice_id=invoice_id).invoice
    document = document_of(row)
    form = FORMS[row.form]
    progress(0, 3, _m("The file is written"))
    try:
        xml = write_xml(document, form=form)
        code = new_code() if verify_address else ""
        look = look_of(
            get_letterhead(), words_on(document), code=shown(code), address=verify_address
        )
        page = seal(print_invoice(document, form=form, xml=xml, look=look), now=now)
    except _NO_FILE as error:
        return _not_made(invoice_id, error, actor, now)
    progress(1, 3, _m("The rules are checked"))
    slip = check(xml, rule_sets(document, form), now=now, installed=installed_packs())
    progress(2, 3, _m("The file is kept"))
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    if kept.standing.files != "making":
        return kept.standing.files
    _keep(kept, document, form, xml, Page(page, code), slip, actor, now)
    return slip.outcome


def make_again(*, invoice_id: UUID, actor: Actor, now: datetime) -> None:
    """Of an invoice whose file couldn't be made, whose job ended without one, or that was found wrong by
    rules that have changed since. What is made becomes the next version of the same document."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    if kept.standing.state == "draft" or kept.standing.files in ("", "valid"):
        return
    if kept.standing.files == "making" and not is_stuck(kept.standing):
        return
    kept.standing.files, kept.standing.problem = "making", ""
    kept.standing.version += 1
    kept.standing.job_id = enqueue(
        "sales_invoices.make_files",
        key=f"sales_invoice.files:{invoice_id}:{kept.standing.version}", actor_id=actor.user_id,
        title=_m("Writing the files of an invoice"), for_client=True, subject=("sales_invoice", invoice_id),
        invoice_id=invoice_id, actor_name=actor.name,
    )  # fmt: skip
    db.session.flush()


def is_stuck(standing: InvoiceStanding) -> bool:
    """Its job has ended, and there is neither a file nor a reason: workers died of it."""
    if standing.files != "making" or standing.job_id is None:
        return False
    try:
        return get_status(tenant_id=standing.tenant_id, job_id=standing.job_id).ended
    except NotFound:
        return True


def document_of(row: SalesInvoice) -> InvoiceDocument:
    assert row.document is not None, "only a validated invoice has a document"
    return from_json(InvoiceDocument, row.document)


def slips_of(kept: Kept) -> list[Any]:
    found = kept.standing.file_version_id
    return list(list_slips(version_ids=[found])) if found else []


def _keep(
    kept: Kept, document: InvoiceDocument, form: Form, xml: bytes, page: Page, slip: Slip,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    row, standing = kept.invoice, kept.standing
    legal = page.content if form.has_pdf else xml
    about: dict[str, Any] = {
        "kind": "credit_note" if row.type == "381" else "sales_invoice",
        "title": f"{row.number} {row.customer_name}", "language": row.language,
        "request_id": row.request_id, "about_type": SOURCE, "about_id": row.id,
        "dated": row.issued_on, "actor": actor, "now": now,
    }  # fmt: skip
    name = file_name(row.number)
    standing.file_version_id = _issue(
        standing.file_version_id, about, content=legal, name=f"{name}.{form.extension}",
        media_type=form.media_type, slip=slip.of_file(hashlib.sha256(legal).hexdigest()),
        code=page.code if form.has_pdf else "",
    )  # fmt: skip
    if not form.has_pdf:
        standing.view_version_id = _issue(
            standing.view_version_id, about, content=page.content, name=f"{name}.pdf",
            media_type="application/pdf", code=page.code,
        )  # fmt: skip
    standing.files, standing.problem, standing.changed_at = slip.outcome, "", now
    standing.version += 1
    note_event(row.id, "filed", "", now, outcome=slip.outcome, form=form.name)
    count(row, slip.outcome, actor=actor, now=now)
    audit.record(
        "finance.sales_invoice.filed", actor=actor, now=now, object_type=SOURCE, object_id=row.id,
        outcome=slip.outcome, form=form.name, sha256=hashlib.sha256(legal).hexdigest(),
    )  # fmt: skip
    db.session.flush()


def _issue(before: UUID | None, about: dict[str, Any], **file: Any) -> UUID:
    """The version's id; `before` is the one that it follows."""
    if before is None or is_deleted(version_id=before):
        return issue_document(**about, **file).id
    actor, now = about["actor"], about["now"]
    held = get_version_by_id(actor=actor, version_id=before)
    return issue_version(document_id=held.document.id, **file, actor=actor, now=now).id


def _not_made(invoice_id: UUID, error: CoulisseError, actor: Actor, now: datetime) -> str:
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    field = error.field if isinstance(error, NotWritable) else "page"
    kept.standing.files, kept.standing.problem = "failed", unwritten.kept(error)
    kept.standing.version += 1
    note_event(invoice_id, "not_filed", "", now, field=field)
    audit.record(
        "finance.sales_invoice.not_filed", actor=actor, now=now, object_type=SOURCE,
        object_id=invoice_id, field=field,
    )  # fmt: skip
    db.session.flush()
    return "failed"


def count(row: SalesInvoice, outcome: str, *, actor: Actor, now: datetime) -> None:
    """For the moment of validation and once alone, as soon as a file proves it and may leave."""
    if row.type != "381" and outcome == "valid":
        record_usage(
            meter=METER, quantity=1, source_type=SOURCE, source_id=row.id,
            occurred_at=row.validated_at or now, actor=actor,
        )  # fmt: skip


def file_name(number: str) -> str:
    return number.replace("/", "-")
