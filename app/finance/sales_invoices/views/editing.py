"""Drafts: whom for, what, how much. Totals follow what is typed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.directory.queries import list_parties
from app.finance.einvoicing.document import Totals, VatLine
from app.finance.sales_invoices import amounts, choosing, customers, line_forms, queries
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.customers import Buyer
from app.finance.sales_invoices.line_forms import Row
from app.finance.sales_invoices.problems import DEDUCTING
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.schemas import InvoiceForm
from app.finance.sales_invoices.services import drafting
from app.finance.sales_invoices.services.drafting import Wish
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.opening import WORK, frame, reader, request_to_work
from app.finance.sales_invoices.words import TYPES, UNITS
from app.finance.sales_invoices.writing import IN_CONTENT, kept_of, written_wish
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.i18n import language, text
from tenants.core import clock
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.get("/new")
@tenant("sales_invoice.work")
def new(slug: str) -> ResponseReturnValue:
    """First the customer, then the invoice."""
    actor = reader(WORK)
    row = request_to_work(request.args.get("request", ""))
    customer = customer_of(request.args.get("customer", ""))
    if customer is None:
        search, cursor = request.args.get("q", "").strip()[:120], request.args.get("cursor")
        found = list_parties(role="customer", search=search, cursor=cursor or None)
        return render_template(
            "sales_invoices/choose.html", **frame(actor), rows=found.items, search=search,
            cursor=cursor, next_cursor=found.next_cursor, ready=queries.find_settings() is not None,
            kind=request.args.get("type", "380"), of_request=row.number if row else None,
        )  # fmt: skip
    wish = _first(customer)
    values = _values(wish) | {"request": row.number if row else None}
    return _page(_form(values=values), [], wish, customer)


@bp.post("/new")
@tenant("sales_invoice.work")
def create(slug: str) -> ResponseReturnValue:
    reader(WORK)
    form, rows = _form(), line_forms.typed_rows(request.form)
    customer = customer_of(request.form.get("customer", ""))
    made: list[UUID] = []

    def work(data: dict[str, Any]) -> None:
        wish = _wish(data, rows, Wish())
        row = request_to_work(request.form.get("request", ""))
        made.append(
            drafting.create_draft(
                wish=wish, actor=reader(WORK), now=clock.now(), request_id=row.id if row else None
            ).id
        )

    if "more" in request.form or not carried_out(form, slug, work):
        return _page(form, rows, None, customer)
    return redirect(url_for("sales_invoices.show", slug=slug, invoice_id=made[0]), 303)


@bp.get("/<uuid:invoice_id>/edit")
@tenant("sales_invoice.work")
def edit(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    kept = _draft(invoice_id)
    if kept.standing.state != "draft":
        return redirect(url_for("sales_invoices.show", slug=slug, invoice_id=invoice_id), 303)
    wish = drafting.wish_of(kept.invoice)
    rows = line_forms.rows_of(wish.content.lines, comma=language() != "en")
    form = _form(values=_values(wish) | {"version": kept.standing.version}, kept=kept)
    return _page(form, rows, wish, customer_of(str(wish.customer_id or "")), kept)


@bp.post("/<uuid:invoice_id>/edit")
@tenant("sales_invoice.work")
def change(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    kept = _draft(invoice_id)
    before = drafting.wish_of(kept.invoice)
    form, rows = _form(kept=kept), line_forms.typed_rows(request.form)

    def work(data: dict[str, Any]) -> None:
        drafting.change_draft(
            invoice_id=invoice_id, wish=_wish(data, rows, before),
            expected_version=data["version"] or 0, actor=reader(WORK), now=clock.now(),
        )  # fmt: skip

    if "more" in request.form or not carried_out(form, slug, work):
        return _page(
            form, rows, None, customer_of(request.form.get("customer", "")), _draft(invoice_id)
        )
    return redirect(url_for("sales_invoices.show", slug=slug, invoice_id=invoice_id), 303)


@bp.post("/lines")
@tenant("sales_invoice.work")
def lines(slug: str) -> ResponseReturnValue:
    """The table of lines with what it comes to, as typed so far; nothing is kept."""
    reader(WORK)
    rows = line_forms.typed_rows(request.form)
    return render_template("sales_invoices/_lines.html", **line_table(rows, _currency()))


def _draft(invoice_id: UUID) -> Kept:
    reader(WORK)
    return queries.get_invoice(invoice_id=invoice_id)


def customer_of(typed: str) -> Buyer | None:
    try:
        return customers.get_buyer(UUID(typed))
    except ValueError:
        return None


def _first(customer: Buyer) -> Wish:
    kind = request.args.get("type", "380")
    return Wish(
        content=Draft(
            buyer_reference=customer.reference, payment_terms=customer.payment_terms,
        ),
        type=kind if kind in ("380", "386") else "380", customer_id=customer.id,
        language=customer.language or current_client().language,
        currency=customer.currency or "EUR", form=customers.usual_form(customer),
    )  # fmt: skip


def _form(*, values: dict[str, Any] | None = None, kept: Kept | None = None) -> BoundForm:
    chosen = (values or {}).get("customer") or request.form.get("customer")
    customer = customer_of(str(chosen or ""))
    currency = (values or {}).get("currency") or request.form.get("currency", "EUR")
    kind = (values or {}).get("type", "") if kept is None else kept.invoice.type
    deposits = (
        queries.list_free_deposits(
            customer_id=customer.id if customer else None, currency=str(currency)[:3],
            instead_of=kept.invoice.preceding_id if kept else None,
        )
        # A deposit invoice may become an invoice by the same form.
        if kind in DEDUCTING or values is None and kind != "381"
        else []
    )  # fmt: skip
    content = kept_of(customer, drafting.wish_of(kept.invoice)) if kept else Draft()
    choices = {
        "delivery": delivery_choices(customer, content),
        "contact": contact_choices(customer, content),
        "series": series_choices(kept.invoice.series_id if kept else None),
        "deposits": [(str(one.id), one.number) for one in deposits],
    }
    given = {"client": current_client().slug, **(values or {})}
    if values is None:
        form = BoundForm(InvoiceForm, request.form, choices=choices)
    else:
        form = BoundForm(InvoiceForm, values=given, choices=choices)
    if kept is not None and kept.invoice.type not in ("380", "386"):
        # What it corrects is settled: its kind is no choice.
        form["type"].input = "hidden"
    return form


def series_choices(chosen: UUID | None) -> list[tuple[str, str]]:
    """Those in use, and the one that was chosen before: to leave it is for people to decide."""
    return [
        (str(one.id), text(one.name))
        for one in queries.list_series()
        if one.active or one.id == chosen
    ]


def delivery_choices(customer: Buyer | None, content: Draft) -> list[tuple[str, str]]:
    found = choosing.places(customer, content) if customer else []
    usual = next((label for key, label in found), "") if found else text(_m("none"))
    first = text(_m("the usual one (%(which)s)"), {"which": usual})
    return [(choosing.USUAL, first), *found, (choosing.NONE, text(_m("none")))]


def contact_choices(customer: Buyer | None, content: Draft) -> list[tuple[str, str]]:
    found = choosing.people(customer, content) if customer else []
    return [(choosing.USUAL, text(_m("the usual one"))), *found]


def _values(wish: Wish) -> dict[str, Any]:
    content = {name: getattr(wish.content, name) for name in IN_CONTENT}
    return content | {
        "type": wish.type, "customer": wish.customer_id, "issued_on": wish.issued_on,
        "due_on": wish.due_on, "language": wish.language, "currency": wish.currency,
        "rate": wish.rate, "form": wish.form, "series": wish.series_id,
        "deposits": list(wish.content.deposits), "delivery": wish.content.delivery_choice,
        "contact": wish.content.contact_choice,
    }  # fmt: skip


def _wish(data: dict[str, Any], rows: list[Row], before: Wish) -> Wish:
    found = line_forms.read(rows)
    if not line_forms.sound(rows):
        raise Invalid
    customer = customers.get_buyer(data["customer"]) if data["customer"] else None
    return written_wish(data, lines=found, customer=customer, before=before)


def _currency() -> str:
    typed = request.form.get("currency", "EUR").strip().upper()[:3]
    return typed if len(typed) == 3 and typed.isalpha() else "EUR"


def line_table(rows: list[Row], currency: str) -> dict[str, Any]:
    """Rows with blank ones behind them, and the totals of those that are whole."""
    found = line_forms.read(rows)
    blank = Row(dict.fromkeys(line_forms.PARTS, ""))
    country = _country()
    choices = line_forms.vat_choices(country)
    known = [row.values["vat"] for row in rows if row.values["vat"] not in choices]
    vat: tuple[VatLine, ...] = ()
    totals: Totals | None = None
    if found:
        _, vat, totals = amounts.add_up(Draft(lines=found), currency=currency, country=country)
    return {
        "client": current_client(), "line_rows": [*rows, *[blank] * line_forms.BLANK_ROWS],
        "currency": currency, "vat": vat, "totals": totals, "units": UNITS,
        "vat_choices": [(one, _vat_name(one)) for one in (*choices, *dict.fromkeys(known)) if one],
        "vat_names": line_forms.NAMES,
    }  # fmt: skip


def _vat_name(choice: str) -> str:
    category, _, rate = choice.partition(":")
    if category == "S":
        return f"{rate if language() == 'en' else rate.replace('.', ',')} %"
    return text(line_forms.NAMES.get(category, category))


def _country() -> str:
    row = queries.find_settings()
    return row.country if row else current_client().country


def _page(
    form: BoundForm, rows: list[Row], wish: Wish | None, customer: Buyer | None,
    kept: Kept | None = None,
) -> Response:  # fmt: skip
    line_forms.read(rows)
    form["client"].value = current_client().slug
    currency = wish.currency if wish else _currency()
    page = render_template(
        "sales_invoices/edit.html", **frame(reader(WORK)) | line_table(rows, currency), form=form,
        kept=kept, customer=customer, types=TYPES,
        bad_rows=[n for n, row in enumerate(rows, start=1) if row.errors],
    )  # fmt: skip
    return make_response(page, form.status)
