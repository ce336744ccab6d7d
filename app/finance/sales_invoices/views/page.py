"""The page of one invoice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from app.directory.queries import list_by_ids
from app.directory.rights import READ as DIRECTORY
from app.directory.rights import may
from app.documents.queries import get_file, get_version_by_id
from app.documents.slips import taking
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.forms import FORMS
from app.finance.sales_invoices import customers, queries, schemas, unwritten
from app.finance.sales_invoices.freezing import from_json
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services import leaving, making, validating
from app.finance.sales_invoices.services.settings import NoSettings
from app.finance.sales_invoices.transitions import STATES, left_of, possible
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.opening import WORK, frame, reader
from app.finance.sales_invoices.words import EVENTS, FILES, TYPES, UNITS
from app.service_requests.views.files import as_download
from app.service_requests.views.rendering import current_client, local_today
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant
from tenants.permissions import Actor

ACTS: dict[str, type[Schema]] = {
    "validate": schemas.ActForm,
    "delete": schemas.ActForm,
    "send": schemas.SendForm,
    "take_back": schemas.ActForm,
    "credit": schemas.CreditForm,
    "correct": schemas.ActForm,
    "finish": schemas.ActForm,
    "copy": schemas.ActForm,
    "dispute": schemas.DisputeForm,
    "resolve": schemas.ResolveForm,
    "again": schemas.ActForm,
}


@bp.get("/<uuid:invoice_id>")
@tenant("sales_invoice.read")
def show(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return page(invoice_id)


@bp.get("/<uuid:invoice_id>/file")
@tenant("sales_invoice.read")
def download(slug: str, invoice_id: UUID) -> Response:
    """The file that counts, or the page to read beside one that is XML alone."""
    actor = reader()
    standing = queries.get_invoice(invoice_id=invoice_id).standing
    wanted = standing.view_version_id if "view" in request.args else standing.file_version_id
    if wanted is None:
        raise NotFound
    return as_download(get_file(get_version_by_id(actor=actor, version_id=wanted).version))


@bp.get("/<uuid:invoice_id>/with-slip.zip")
@tenant("sales_invoice.read")
def with_slip(slug: str, invoice_id: UUID) -> Response:
    """The file that counts, the page to read beside one that is XML alone, and the slip."""
    actor = reader()
    standing = queries.get_invoice(invoice_id=invoice_id).standing
    if standing.files == "making":
        raise taking.BeingChecked
    if standing.file_version_id is None:
        raise NotFound
    held = get_version_by_id(actor=actor, version_id=standing.file_version_id)
    beside = []
    if standing.view_version_id is not None:
        beside.append(get_version_by_id(actor=actor, version_id=standing.view_version_id).version)
    return taking.with_slip(held.document, held.version, current_client().name, beside)


def page(invoice_id: UUID, refused: BoundForm | None = None, act: str = "") -> Response:
    """`refused` is a form whose act wasn't done."""
    actor = reader()
    kept = queries.get_invoice(invoice_id=invoice_id)
    row, standing = kept.invoice, kept.standing
    works = actor.can(WORK, "finance")
    document, problems = _document(kept)
    context: dict[str, Any] = {
        **frame(actor), "i": row, "s": standing, "document": document, "problems": problems,
        "types": TYPES, "states": STATES, "files": FILES, "units": UNITS,
        "possible": possible(standing.state), "today": local_today(),
        "is_leaving": leaving.is_leaving(standing, clock.real_now()),
        "party_number": _party_number(row.customer_id, actor),
        "form_label": text(FORMS[row.form].label),
        "file_now": "failed" if making.is_stuck(standing) else standing.files,
        "left": left_of(due=row.due, standing=standing),
        "following": queries.list_following(invoice_id=invoice_id) if row.number else [],
        "payments": queries.list_payments(invoice_id=invoice_id) if row.number else [],
        "disputes": queries.list_disputes(invoice_id=invoice_id) if row.number else [],
        "file_problem": _file_problem(kept),
        "events": _events(kept), "slips": making.slips_of(kept),
        "preceding": _preceding(row.preceding_id), "act": act or request.args.get("act", ""),
        "form_of": {
            name: _form(schema, kept) if refused is None or name != act else refused
            for name, schema in ACTS.items()
        } if works else {},
    }  # fmt: skip
    shown = render_template("sales_invoices/show.html", **context)
    return make_response(shown, refused.status if refused else 200)


def _document(kept: Kept) -> tuple[InvoiceDocument | None, list[tuple[str, str]]]:
    """With what keeps a draft from being validated: where it is put right, and a sentence."""
    if kept.invoice.document is not None:
        return from_json(InvoiceDocument, kept.invoice.document), []
    try:
        document, found = validating.preview(kept.invoice, now=clock.now())
    except NoSettings as error:
        return None, [("settings", text(error.message))]
    return document, [(place, text(sentence)) for place, sentence in found]


def _file_problem(kept: Kept) -> str:
    why = unwritten.read(kept.standing.problem)
    return text(why.message, why.params)


def _form(schema: type[Schema], kept: Kept) -> BoundForm:
    values: dict[str, Any] = {
        "client": current_client().slug, "version": kept.standing.version,
    }  # fmt: skip
    if schema is schemas.SendForm:
        values["to"] = _mail_address(kept)
    return BoundForm(schema, values=values, prefix=schema.__name__.lower())


def _mail_address(kept: Kept) -> str:
    if kept.standing.undelivered_to or kept.standing.sent_to:
        return kept.standing.undelivered_to or kept.standing.sent_to
    chosen = str(kept.invoice.content.get("contact_email", ""))
    if chosen:
        return chosen
    if kept.invoice.customer_id is not None:
        return customers.get_buyer(kept.invoice.customer_id).email
    return ""


def _party_number(customer_id: UUID | None, actor: Actor) -> int | None:
    """Of the customer's file, for those who may open it."""
    if customer_id is None or not may(actor, DIRECTORY):
        return None
    found = list_by_ids([customer_id]).get(customer_id)
    return found.number if found else None


def _preceding(invoice_id: UUID | None) -> Any:
    return queries.get_invoice(invoice_id=invoice_id).invoice if invoice_id else None


def _events(kept: Kept) -> list[dict[str, Any]]:
    from app.web import formats
    from app.web.i18n import language

    found = []
    for one in queries.list_events(invoice_id=kept.invoice.id) if kept.invoice.number else []:
        facts = dict(one.facts)
        if "amount" in facts:
            facts["amount"] = formats.money_text(facts["amount"], facts["currency"], language())
        found.append(
            {"who": one.by_name, "text": text(EVENTS.get(one.verb, one.verb), facts), "at": one.at,
             "icon": "circle-dot", "note": ""}
        )  # fmt: skip
    return found
