"""What a company may have and may owe: the plan's limits, what is agreed in their place, and who
decides."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.provider.last_moment import last_moment
from app.provider.limit_form import NAMES, AskedLimit, Exposure, asked
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web.forms import BoundForm
from billing.exposure import POLICY_LIMIT, is_over, limit_of, set_exposure_limit
from billing.limits import agreeing
from billing.limits.queries import list_overrides, seats, storage
from billing.plans import CURRENCY
from billing.queries import find_account
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.core.money import Money
from tenants.endpoints import company as company_scope
from tenants.queries import get_tenant, list_staff


@bp.get("/companies/<slug>/limits")
@company_scope("provider.administer")
def limits(slug: str) -> ResponseReturnValue:
    return _page(None)


@bp.get("/companies/<slug>/limits/new")
@company_scope("provider.administer")
def new_limit(slug: str) -> ResponseReturnValue:
    return _new(BoundForm(AskedLimit, values={"feature": "seats"}))


@bp.post("/companies/<slug>/limits/new")
@company_scope("provider.administer")
def ask_for_limit(slug: str) -> ResponseReturnValue:
    form = BoundForm(AskedLimit, request.form)
    if form.load():
        try:
            expires_at = last_moment(
                form.data["until"], zone=get_tenant().time_zone, now=clock.now()
            )
            agreeing.ask_for_limit(**asked(form.data), expires_at=expires_at, **who())
            return redirect(url_for("provider.limits", slug=slug, done="asked"), 303)
        except CoulisseError as error:
            db.session.rollback()
            form.refuse(_at_field(error))
    return _new(form)


@bp.post("/companies/<slug>/limits/<uuid:limit_id>/approve")
@company_scope("provider.administer")
def approve_limit(slug: str, limit_id: UUID) -> ResponseReturnValue:
    agreeing.approve_limit(override_id=limit_id, **who())
    return redirect(url_for("provider.limits", slug=slug, done="approved"), 303)


@bp.post("/companies/<slug>/limits/<uuid:limit_id>/refuse")
@company_scope("provider.administer")
def refuse_limit(slug: str, limit_id: UUID) -> ResponseReturnValue:
    agreeing.refuse_limit(override_id=limit_id, **who())
    return redirect(url_for("provider.limits", slug=slug, done="refused"), 303)


@bp.post("/companies/<slug>/limits/exposure")
@company_scope("provider.administer")
def change_exposure(slug: str) -> ResponseReturnValue:
    form = BoundForm(Exposure, request.form)
    if form.load():
        set_exposure_limit(limit=form.data["limit"], **who())
        return redirect(url_for("provider.limits", slug=slug, done="exposure"), 303)
    return _page(form)


def _at_field(error: CoulisseError) -> CoulisseError:
    if "day" in error.field_errors:
        error.field_errors = {"until": error.field_errors["day"]}
    return error


def _page(exposure: BoundForm | None) -> ResponseReturnValue:
    now, me, account = clock.now(), current_actor().user_id, find_account()
    overrides = list_overrides()
    page = render_template(
        "provider/limits.html", here=administered(), own=me, names=NAMES, account=account,
        seats=seats(now=now), storage=storage(now=now, used=account.storage_used if account else 0),
        open=[one for one in overrides if one.verdict is None],
        decided=[one for one in overrides if one.verdict is not None],
        alone=not any(
            one.role == "provider_admin" and one.user_id != me for one in list_staff()
        ),
        most=limit_of(account) if account else 0, policy=POLICY_LIMIT, currency=CURRENCY, now=now,
        over=account is not None and is_over(account.exposure, limit_of(account)),
        form=exposure or BoundForm(Exposure, values={"limit": _typed(account)}),
        done=request.args.get("done", ""),
    )  # fmt: skip
    return page, exposure.status if exposure else 200


def _typed(account: object) -> str:
    given = getattr(account, "credit_exposure_limit", None)
    return "" if given is None else str(Money(given, CURRENCY).amount)


def _new(form: BoundForm) -> ResponseReturnValue:
    now = clock.now()
    account = find_account()
    page = render_template(
        "provider/new_limit.html", here=administered(), form=form, seats=seats(now=now),
        storage=storage(now=now, used=account.storage_used if account else 0),
    )  # fmt: skip
    return page, form.status
