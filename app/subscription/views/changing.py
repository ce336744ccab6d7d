"""Another plan: Stripe's figures first, then the word that it shall be."""

from typing import cast
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.subscription.views.blueprint import bp
from app.subscription.views.choosing import interval_of, plans_page
from billing.changing import showing
from billing.changing.services import asking
from tenants.core import clock
from tenants.core.errors import CoulisseError, Invalid
from tenants.endpoints import tenant
from tenants.permissions import Actor


@bp.get("/change")
@tenant("subscription.read", always=True)
def change(slug: str) -> ResponseReturnValue:
    """What was asked last, and what became of it; without a call to Stripe."""
    shown = showing.change_shown(now=clock.now())
    if shown is None or (shown.row.state == "withdrawn" and shown.row.sent_at is None):
        return redirect(url_for("subscription.plans", slug=slug), 303)
    return render_template(
        "subscription/change.html", slug=slug, change=shown, actor=cast(Actor, g.actor)
    )


@bp.post("/change")
@tenant("subscription.manage", always=True)
def ask_change(slug: str) -> ResponseReturnValue:
    plan, interval = request.form.get("plan", ""), interval_of(request.form)
    actor, now = cast(Actor, g.actor), clock.now()
    try:
        asking.ask_change(plan=plan, interval=interval, actor=actor, now=now)
    except Invalid:
        raise
    except CoulisseError as refusal:
        if refusal.code == asking.NO_PRICES_CODE:
            asking.prepare_prices(plan=plan, interval=interval, actor=actor, now=now)
            return plans_page(slug, interval=interval, preparing=True), 202
        return plans_page(slug, interval=interval, refusal=refusal), refusal.status
    return redirect(url_for("subscription.change", slug=slug), 303)


@bp.post("/change/confirm")
@tenant("subscription.manage", always=True)
def confirm_change(slug: str) -> ResponseReturnValue:
    asking.confirm_change(change_id=_chosen(), actor=cast(Actor, g.actor), now=clock.now())
    return redirect(url_for("subscription.change", slug=slug), 303)


@bp.post("/change/withdraw")
@tenant("subscription.manage", always=True)
def withdraw_change(slug: str) -> ResponseReturnValue:
    row = asking.withdraw_change(
        change_id=_chosen(), actor=cast(Actor, g.actor), now=clock.now()
    )  # fmt: skip
    page = "subscription.change" if row.sent_at else "subscription.plans"
    return redirect(url_for(page, slug=slug), 303)


def _chosen() -> UUID:
    """The change that was looked at, not whichever is there by now."""
    try:
        return UUID(request.form.get("change", ""))
    except ValueError as error:
        raise Invalid from error
