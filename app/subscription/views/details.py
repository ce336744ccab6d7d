"""Who is invoiced, and with which VAT: asked before the first payment, changed at any time."""

from collections.abc import Mapping
from typing import Any, cast

from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.subscription.countries import country_choices
from app.subscription.schemas import BillingDetails
from app.subscription.views.blueprint import bp
from app.web.forms import BoundForm
from app.web.i18n import language
from billing import queries
from billing.plans import INTERVALS, Interval, Plan, find_offered
from billing.subscribing import services as subscribing
from billing.taxes import services
from billing.taxes.showing import vat_now
from tenants.core import clock
from tenants.core.errors import Conflict, Invalid
from tenants.endpoints import tenant
from tenants.permissions import Actor
from tenants.queries import get_tenant, get_user


@bp.get("/billing-details")
@tenant("subscription.read", always=True)
def billing_details(slug: str) -> ResponseReturnValue:
    """`plan` is what the company is about to choose: its payment comes next."""
    form = BoundForm(BillingDetails, values=_known(), choices=_choices())
    return _page(slug, form, *_choice(request.args))


@bp.post("/billing-details")
@tenant("subscription.manage", always=True)
def save_billing_details(slug: str) -> ResponseReturnValue:
    form = BoundForm(BillingDetails, request.form, choices=_choices())
    plan, interval = _choice(request.form)
    if form.load():
        actor, now = cast(Actor, g.actor), clock.now()
        try:
            services.save_details(
                details=services.Details(**form.data), actor=actor, now=now,
                plan=plan.key if plan else "", interval=interval,
            )  # fmt: skip
            if plan is None:
                return redirect(url_for("subscription.billing_details", slug=slug, saved=1), 303)
            subscribing.begin_checkout(
                plan=plan.key, interval=interval,
                base_url=current_app.config["SETTINGS"].base_url, actor=actor, now=now,
            )  # fmt: skip
            return redirect(url_for("subscription.checkout", slug=slug), 303)
        except (Invalid, Conflict) as error:
            form.refuse(error)
    return _page(slug, form, plan, interval), form.status


def _page(slug: str, form: BoundForm, plan: Plan | None, interval: Interval) -> str:
    account = queries.find_account()
    on, said_in = clock.now().date(), get_tenant().document_language
    return render_template(
        "subscription/details.html", slug=slug, form=form, plan=plan, interval=interval,
        account=account, actor=cast(Actor, g.actor), saved="saved" in request.args,
        vat=vat_now(account, on=on, language=said_in) if account else None,
    )  # fmt: skip


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {"country": country_choices(language())}


def _choice(given: Mapping[str, str]) -> tuple[Plan | None, Interval]:
    wanted: Interval = next((one for one in INTERVALS if one == given.get("interval")), "month")
    return find_offered(given.get("plan", "")), wanted


def _known() -> dict[str, Any]:
    account = queries.find_account()
    if account is not None:
        return {name: getattr(account, name) for name in services.NAMES}
    company, actor = get_tenant(), cast(Actor, g.actor)
    email = get_user(user_id=actor.user_id).email if actor.user_id else ""
    return {
        "billing_name": company.name, "billing_email": email, "country": company.country,
        "vat_id": company.vat_id,
    }  # fmt: skip
