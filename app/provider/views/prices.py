"""Negotiated prices of a company: what counts, what is proposed, and who decides."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _  # type: ignore[import-untyped]
from marshmallow import Schema, validate

from app.auth.current import current_actor
from app.provider.price_form import ProposedPrice, month_choices, proposed
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web.fields import TrimmedString
from app.web.forms import BoundForm
from app.web.i18n import language
from billing.prices import services
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals, subscribed_parts
from billing.prices.showing import figures_of
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.core.text import _m
from tenants.endpoints import company as company_scope
from tenants.queries import list_staff


class Refusal(Schema):
    reason = TrimmedString(
        load_default="", validate=validate.Length(max=500), metadata={"label": _m("Reason")}
    )


@bp.get("/companies/<slug>/prices")
@company_scope("provider.administer")
def prices(slug: str) -> ResponseReturnValue:
    return _page(None)


@bp.get("/companies/<slug>/prices/new")
@company_scope("provider.administer")
def new_price(slug: str) -> ResponseReturnValue:
    return _new(BoundForm(ProposedPrice, values={"price": request.args.get("price")},
                          choices=_choices()))  # fmt: skip


@bp.post("/companies/<slug>/prices/new")
@company_scope("provider.administer")
def propose_price(slug: str) -> ResponseReturnValue:
    form = BoundForm(ProposedPrice, request.form, choices=_choices())
    if form.load():
        try:
            services.propose_price(**proposed(form.data), **who())
            return redirect(url_for("provider.prices", slug=slug, done="proposed"), 303)
        except CoulisseError as error:
            db.session.rollback()
            form.refuse(_at_field(error))
    return _new(form)


@bp.post("/companies/<slug>/prices/<uuid:price_id>/approve")
@company_scope("provider.administer")
def approve_price(slug: str, price_id: UUID) -> ResponseReturnValue:
    services.approve_price(override_id=price_id, **who())
    return redirect(url_for("provider.prices", slug=slug, done="approved"), 303)


@bp.post("/companies/<slug>/prices/<uuid:price_id>/refuse")
@company_scope("provider.administer")
def refuse_price(slug: str, price_id: UUID) -> ResponseReturnValue:
    form = BoundForm(Refusal, request.form, prefix=str(price_id))
    if form.load():
        try:
            services.refuse_price(override_id=price_id, reason=form.data["reason"], **who())
            return redirect(url_for("provider.prices", slug=slug, done="refused"), 303)
        except CoulisseError as error:
            if not error.field_errors:
                raise
            db.session.rollback()
            form.refuse(error)
    return _page((price_id, form))


def _at_field(error: CoulisseError) -> CoulisseError:
    """The form asks for the last month, not for the day after it."""
    if "ends_on" in error.field_errors:
        error.field_errors = {"last_month": error.field_errors["ends_on"]}
    return error


def _choices() -> dict[str, list[tuple[str, str]]]:
    found = month_choices(clock.now(), without_end=_("without end"), language=language())
    return found | {"price": [(part.lookup_key, _(part.label)) for part in subscribed_parts()]}


def _page(refused: tuple[UUID, BoundForm] | None) -> ResponseReturnValue:
    now, me = clock.now(), current_actor().user_id
    proposals = list_proposals()
    page = render_template(
        "provider/prices.html", here=administered(), own=me,
        figures=figures_of(proposals, day_of(now)),
        open=[one for one in proposals if one.state == "proposed"],
        decided=[one for one in proposals if one.state != "proposed"],
        in_time=lambda one: services.begins_in_time(one.row.starts_on, now=now),
        alone=not any(
            one.role == "provider_admin" and one.user_id != me for one in list_staff()
        ),
        refusal=lambda one: refused[1] if refused and refused[0] == one.row.id
        else BoundForm(Refusal, prefix=str(one.row.id)),
        done=request.args.get("done", ""),
    )  # fmt: skip
    return page, refused[1].status if refused else 200


def _new(form: BoundForm) -> ResponseReturnValue:
    page = render_template(
        "provider/new_price.html", here=administered(), form=form, plan=subscribed_parts()
    )
    return page, form.status
