"""A plan is chosen and paid at Stripe's own pages."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import flask_babel  # type: ignore[import-untyped]
from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.subscription.views.blueprint import bp
from billing import queries
from billing.changing.showing import standing
from billing.plans import AGREED, INTERVALS, METERS, OFFERED, Interval, plan_of
from billing.subscribing import services as subscribing
from billing.subscribing.portal import call_portal
from billing.subscribing.queries import find_open_attempt, has_live_subscription
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.permissions import Actor

# Longer than Stripe usually takes.
PATIENCE = timedelta(seconds=20)


@bp.get("/plans")
@tenant("subscription.read", always=True)
def plans(slug: str) -> ResponseReturnValue:
    """The plans on offer beside each other, by the month or the year."""
    return plans_page(slug, interval=interval_of(request.args))


def plans_page(slug: str, *, interval: Interval, **more: Any) -> str:
    return render_template(
        "subscription/plans.html", slug=slug, plans=OFFERED, interval=interval,
        meters=METERS, actor=cast(Actor, g.actor), live=has_live_subscription(),
        account=queries.find_account(), attempt=find_open_attempt(), agreed=AGREED.key,
        standing=standing(now=clock.now()), **more,
    )  # fmt: skip


@bp.post("/checkout")
@tenant("subscription.manage", always=True)
def begin_checkout(slug: str) -> ResponseReturnValue:
    subscribing.begin_checkout(
        plan=request.form.get("plan", ""), interval=interval_of(request.form),
        base_url=current_app.config["SETTINGS"].base_url, actor=cast(Actor, g.actor),
        now=clock.now(),
    )  # fmt: skip
    return redirect(url_for("subscription.checkout", slug=slug), 303)


@bp.get("/checkout")
@tenant("subscription.read", always=True)
def checkout(slug: str) -> ResponseReturnValue:
    """On the way to Stripe, and back: what the address says of it is believed by nobody."""
    if has_live_subscription():
        return redirect(url_for("subscription.overview", slug=slug), 303)
    attempt = find_open_attempt()
    if attempt is None:
        return redirect(url_for("subscription.plans", slug=slug), 303)
    now = clock.now()
    return render_template(
        "subscription/checkout.html", slug=slug, attempt=attempt, back="session" in request.args,
        plan=plan_of(attempt.plan_key, attempt.plan_version), actor=cast(Actor, g.actor),
        over=subscribing.is_over(attempt, now=now),
        waits=now - attempt.begun_at > PATIENCE,
    )  # fmt: skip


@bp.post("/checkout/look")
@tenant("subscription.read", always=True)
def look_again(slug: str) -> ResponseReturnValue:
    subscribing.come_back(actor=cast(Actor, g.actor), now=clock.now())
    return redirect(url_for("subscription.checkout", slug=slug, session=""), 303)


@bp.post("/portal")
@tenant("subscription.manage", always=True)
def portal(slug: str) -> ResponseReturnValue:
    """A page with the way there: our policy lets no form lead to another site."""
    back = url_for("subscription.overview", slug=slug)
    base = current_app.config["SETTINGS"].base_url
    url = call_portal(
        return_url=f"{base}{back}", language=str(flask_babel.get_locale()),
        actor=cast(Actor, g.actor), now=clock.real_now(),
    )  # fmt: skip
    return render_template(
        "subscription/portal.html", slug=slug, url=url, subscription=queries.find_subscription()
    )


def interval_of(given: Mapping[str, str]) -> Interval:
    return next((one for one in INTERVALS if one == given.get("interval")), "month")
