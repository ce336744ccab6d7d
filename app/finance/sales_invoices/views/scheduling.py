"""Invoices that come again: the list, one of them, and its form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.directory.queries import list_parties
from app.finance.sales_invoices import line_forms
from app.finance.sales_invoices import queries as invoices
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.customers import Buyer, usual_form
from app.finance.sales_invoices.line_forms import Row
from app.finance.sales_invoices.schedules import keeping, queries, services, words
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from app.finance.sales_invoices.schedules.placeholders import PLACES
from app.finance.sales_invoices.schedules.recurrence import ABOUT, EVERY, Span, span_of
from app.finance.sales_invoices.services.drafting import Wish
from app.finance.sales_invoices.transitions import STATES
from app.finance.sales_invoices.views import schedule_forms as forms
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.editing import customer_of, line_table
from app.finance.sales_invoices.views.opening import WORK, frame, reader
from app.finance.sales_invoices.words import FILES, TYPES, UNITS
from app.service_requests.views.rendering import current_client, local_today
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.i18n import language
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant
from tenants.permissions import Actor

SHOWN = 3


@bp.get("/recurring")
@tenant("sales_invoice.read")
def list_schedules(slug: str) -> str:
    actor, cursor = reader(), request.args.get("cursor") or None
    found = queries.list_schedules(cursor=cursor)
    return render_template(
        "sales_invoices/schedules.html", **frame(actor), rows=found.items, cursor=cursor,
        next_cursor=found.next_cursor, states=words.STATES, every=EVERY,
    )  # fmt: skip


@bp.get("/recurring/new")
@tenant("sales_invoice.work")
def new_schedule(slug: str) -> ResponseReturnValue:
    """Of an invoice, or first the customer and then the rest."""
    actor, today = reader(WORK), local_today()
    wish = _of_invoice(actor)
    if wish is not None:
        rows = line_forms.rows_of(wish.content.lines, comma=language() != "en")
        return _edit(forms.bound(wish, forms.first_values(wish, today)), rows, wish)
    customer = customer_of(request.args.get("customer", ""))
    if customer is None:
        return _choice()
    wish = _first(customer)
    return _edit(forms.bound(wish, forms.first_values(wish, today)), [], wish)


@bp.post("/recurring/new")
@tenant("sales_invoice.work")
def begin_schedule(slug: str) -> ResponseReturnValue:
    actor = reader(WORK)
    before = _of_invoice(actor) or Wish()
    form, rows = forms.bound(before), line_forms.typed_rows(request.form)
    made: list[UUID] = []

    def work(data: dict[str, Any]) -> None:
        wish = forms.wish_of(data, rows, before)
        made.append(
            services.begin(terms=forms.terms_of(data), wish=wish, actor=actor, now=clock.now()).id
        )

    if "more" in request.form or not carried_out(form, slug, work):
        return _edit(form, rows, before)
    return redirect(url_for("sales_invoices.show_schedule", slug=slug, schedule_id=made[0]), 303)


@bp.get("/recurring/<uuid:schedule_id>")
@tenant("sales_invoice.read")
def show_schedule(slug: str, schedule_id: UUID) -> ResponseReturnValue:
    reader()
    return _page(schedule_id)


@bp.get("/recurring/<uuid:schedule_id>/edit")
@tenant("sales_invoice.work")
def edit_schedule(slug: str, schedule_id: UUID) -> ResponseReturnValue:
    reader(WORK)
    row = queries.get_schedule(schedule_id=schedule_id)
    if row.ended_at is not None:
        return redirect(
            url_for("sales_invoices.show_schedule", slug=slug, schedule_id=schedule_id), 303
        )
    wish = keeping.wish_of(row)
    if "customer" in request.args:
        customer = customer_of(request.args["customer"])
        if customer is None:
            return _choice(row)
        wish = _for_another(wish, customer)
    rows = line_forms.rows_of(wish.content.lines, comma=language() != "en")
    return _edit(forms.bound(wish, forms.values_of(row, wish)), rows, wish, row)


@bp.post("/recurring/<uuid:schedule_id>/edit")
@tenant("sales_invoice.work")
def change_schedule(slug: str, schedule_id: UUID) -> ResponseReturnValue:
    actor = reader(WORK)
    before = keeping.wish_of(queries.get_schedule(schedule_id=schedule_id))
    form, rows = forms.bound(before), line_forms.typed_rows(request.form)

    def work(data: dict[str, Any]) -> None:
        services.change(
            schedule_id=schedule_id, terms=forms.terms_of(data),
            wish=forms.wish_of(data, rows, before), expected_version=data["version"] or 0,
            actor=actor, now=clock.now(),
        )  # fmt: skip

    if "more" in request.form or not carried_out(form, slug, work):
        return _edit(form, rows, before, queries.get_schedule(schedule_id=schedule_id))
    return redirect(
        url_for("sales_invoices.show_schedule", slug=slug, schedule_id=schedule_id), 303
    )


@bp.post("/recurring/<uuid:schedule_id>/pause")
@tenant("sales_invoice.work")
def pause_schedule(slug: str, schedule_id: UUID) -> ResponseReturnValue:
    return _perform(slug, schedule_id, services.pause)


@bp.post("/recurring/<uuid:schedule_id>/resume")
@tenant("sales_invoice.work")
def resume_schedule(slug: str, schedule_id: UUID) -> ResponseReturnValue:
    return _perform(slug, schedule_id, services.resume)


@bp.post("/recurring/<uuid:schedule_id>/end")
@tenant("sales_invoice.work")
def end_schedule(slug: str, schedule_id: UUID) -> ResponseReturnValue:
    return _perform(slug, schedule_id, services.end)


@bp.post("/recurring/<uuid:schedule_id>/retry")
@tenant("sales_invoice.work")
def retry_schedule(slug: str, schedule_id: UUID) -> ResponseReturnValue:
    return _perform(slug, schedule_id, lambda expected_version, **who: services.retry(**who))


def _perform(slug: str, schedule_id: UUID, act: Callable[..., None]) -> ResponseReturnValue:
    form = BoundForm(forms.ScheduleActForm, request.form)
    actor, now = reader(WORK), clock.now()
    if not carried_out(form, slug, lambda data: act(
        schedule_id=schedule_id, expected_version=data["version"] or 0, actor=actor, now=now,
    )):  # fmt: skip
        return _page(schedule_id, form)
    return redirect(
        url_for("sales_invoices.show_schedule", slug=slug, schedule_id=schedule_id), 303
    )


def _page(schedule_id: UUID, refused: BoundForm | None = None) -> Response:
    row = queries.get_schedule(schedule_id=schedule_id)
    values = {"client": current_client().slug, "version": row.version}
    shown = render_template(
        "sales_invoices/schedule.html", **frame(reader()), r=row, wish=keeping.wish_of(row),
        states=words.STATES, problems=words.PROBLEMS, every=EVERY, about=ABOUT, units=UNITS,
        coming=_coming(row), fresh=_fresh(row), left_out=keeping.left_out(row), made=queries.list_made(schedule_id=schedule_id), types=TYPES,
        invoice_states=STATES, files=FILES, today=local_today(), refused=refused,
        act=BoundForm(forms.ScheduleActForm, values=values),
    )  # fmt: skip
    return make_response(shown, refused.status if refused else 200)


def _fresh(row: InvoiceSchedule) -> Span | None:
    """The first period of a rhythm that was changed, until it is made."""
    if row.next_on is None or row.next_on != keeping.counted_from(row):
        return None
    return keeping.span_on(row, row.next_on)


def _coming(row: InvoiceSchedule) -> list[dict[str, Any]]:
    """The next days, each with the period and the lines that its draft will have."""
    if row.state == "ended" or row.next_on is None:
        return []
    since = max(row.next_on, local_today()) if row.paused else row.next_on
    return [
        {"on": day, "span": span_of(day, months=row.months, about=row.about),
         "lines": [one.name for one in keeping.wish_on(row, day).content.lines]}
        for day in queries.days_of(row).coming(since, most=SHOWN)
    ]  # fmt: skip


def _choice(kept: InvoiceSchedule | None = None) -> str:
    """Which customer: of a new one, or of one that is kept another than until now."""
    search, cursor = request.args.get("q", "").strip()[:120], request.args.get("cursor")
    found = list_parties(role="customer", search=search, cursor=cursor or None)
    return render_template(
        "sales_invoices/choose.html", **frame(reader(WORK)), rows=found.items, search=search,
        cursor=cursor, next_cursor=found.next_cursor, kind="380",
        ready=invoices.find_settings() is not None, recurring=True, kept=kept,
    )  # fmt: skip


def _for_another(wish: Wish, customer: Buyer) -> Wish:
    """What stood there of the first one's file comes from this one's."""
    first = _first(customer)
    content = replace(
        wish.content, buyer_reference=first.content.buyer_reference,
        payment_terms=first.content.payment_terms, delivery_choice="", contact_choice="",
    )  # fmt: skip
    return replace(
        wish, content=content, customer_id=customer.id, language=first.language, form=first.form
    )


def _of_invoice(actor: Actor) -> Wish | None:
    typed = request.args.get("invoice")
    if not typed:
        return None
    try:
        return services.wish_from(invoice_id=UUID(typed), actor=actor)
    except ValueError:
        raise NotFound from None


def _first(customer: Buyer) -> Wish:
    return Wish(
        content=Draft(buyer_reference=customer.reference, payment_terms=customer.payment_terms),
        customer_id=customer.id, language=customer.language or current_client().language,
        currency=customer.currency or "EUR", form=usual_form(customer),
    )  # fmt: skip


def _edit(
    form: BoundForm, rows: list[Row], wish: Wish, kept: InvoiceSchedule | None = None
) -> Response:
    line_forms.read(rows)
    forms.check_texts(rows)
    form["client"].value = current_client().slug
    customer = customer_of(str(form["customer"].value or ""))
    buyer = customer.party if customer else wish.content.buyer
    page = render_template(
        "sales_invoices/schedule_edit.html",
        **frame(reader(WORK)) | line_table(rows, str(form["currency"].value or "EUR")),
        form=form, kept=kept, customer=customer, buyer_name=buyer.name if buyer else "", places=PLACES,
        invoice=request.args.get("invoice"),
        bad_rows=[n for n, row in enumerate(rows, start=1) if row.errors],
    )  # fmt: skip
    return make_response(page, form.status)
