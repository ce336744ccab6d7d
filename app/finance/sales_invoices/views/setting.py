"""What stands on the company's invoices, and its series of numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.directory.country_names import country_choices
from app.finance.masking import mask_accounts
from app.finance.sales_invoices import queries, seller
from app.finance.sales_invoices.schemas import SETTINGS, SeriesForm, SettingsForm
from app.finance.sales_invoices.services import series, settings
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.opening import MANAGE, frame, reader
from app.finance.sales_invoices.words import TYPES
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.i18n import language
from app.web.limits import limiter
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.queries import get_tenant


def _person() -> str:
    return str(current_actor().user_id)


@bp.get("/settings")
@tenant("sales_invoice.read")
def show_settings(slug: str) -> ResponseReturnValue:
    return _page()


@bp.post("/settings")
@limiter.limit("12/minute;60/hour", key_func=_person)
@tenant("sales_invoice.manage")
def change_settings(slug: str) -> ResponseReturnValue:
    actor = reader(MANAGE)
    form = BoundForm(SettingsForm, request.form, choices=_choices())

    def work(data: dict[str, Any]) -> None:
        values = {name: value for name, value in data.items() if name != "client"}
        code, real_now = values.pop("code"), clock.real_now()
        if not values.get("iban"):
            values.pop("iban", None)
        confirmed = settings.confirmed(values=values, code=code, actor=actor, real_now=real_now)
        settings.set_settings(values=values, actor=confirmed, now=clock.now(), real_now=real_now)

    if not carried_out(form, slug, work):
        return _page(form=form)
    return redirect(url_for("sales_invoices.show_settings", slug=slug, done="1"), 303)


@bp.post("/series")
@tenant("sales_invoice.manage")
def add_series(slug: str) -> ResponseReturnValue:
    actor = reader(MANAGE)
    form = BoundForm(SeriesForm, request.form, prefix="series")

    def work(data: dict[str, Any]) -> None:
        data = {name: value for name, value in data.items() if name != "client"}
        series.add_series(**data, actor=actor, now=clock.now())

    if not carried_out(form, slug, work):
        return _page(adding=form)
    return redirect(url_for("sales_invoices.show_settings", slug=slug), 303)


@bp.post("/series/<uuid:series_id>/switch")
@tenant("sales_invoice.manage")
def switch_series(slug: str, series_id: UUID) -> ResponseReturnValue:
    series.switch_series(
        series_id=series_id, active="on" in request.form, actor=reader(MANAGE), now=clock.now()
    )
    return redirect(url_for("sales_invoices.show_settings", slug=slug), 303)


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {"country": country_choices(language())}


def _page(form: BoundForm | None = None, adding: BoundForm | None = None) -> Response:
    actor = reader()
    row = queries.find_settings()
    values: dict[str, Any] = {}
    if row is None:
        company = get_tenant()
        values = {"name": company.name, "country": company.country, "vat_id": company.vat_id}
    else:
        values = {name: getattr(row, name) for name in settings.PLAIN}
    values["client"] = current_client().slug
    page = render_template(
        "sales_invoices/settings.html", **frame(actor), kept=row,
        iban=mask_accounts(seller.iban_of(row)) if row else "",
        form=form or BoundForm(SettingsForm, values=values, choices=_choices()), sections=SETTINGS,
        adding=adding or BoundForm(SeriesForm, values={"client": current_client().slug}, prefix="series"),
        series=queries.list_series(), types=TYPES, done=request.args.get("done", ""),
    )  # fmt: skip
    return make_response(page, form.status if form else adding.status if adding else 200)
