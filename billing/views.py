from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import flask_babel  # type: ignore[import-untyped]
from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from billing import presenting, queries
from billing.plans import INTERVALS, METERS, OFFERED, Interval, plan_of
from billing.subscribing import services as subscribing
from billing.subscribing.portal import call_portal
from billing.subscribing.queries import find_open_attempt, has_live_subscription
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant
from tenants.permissions import Actor

# Longer than Stripe usually takes.
PATIENCE = timedelta(seconds=20)
bp = Blueprint("billing_views", __name__, url_prefix="/c/<slug>/subscription")


@bp.get("")
@tenant("subscription.read", always=True)
def subscription(slug: str) -> ResponseReturnValue:
    zone = str(flask_babel.get_timezone())
    page = presenting.subscription_page(zone=zone, now=clock.now())
    return render_template(
        "billing/subscription.html",
        slug=slug,
        page=page,
        actor=cast(Actor, g.actor),
        plan=page.plan,
    )


@bp.get("/usage")
@tenant("subscription.read", always=True)
def usage(slug: str) -> ResponseReturnValue:
    """The records behind a figure: of the current period, or of an invoice's."""
    part = presenting.part_of(request.args.get("meter") or "statement_lines")
    if part is None:
        raise NotFound
    invoice = request.args.get("invoice") or None
    period = presenting.period_of(part=part, invoice_number=invoice)
    records = presenting.usage_records(
        part=part, period=period, cursor=request.args.get("cursor") or None
    )
    return render_template(
        "billing/usage.html",
        slug=slug,
        part=part,
        invoice=invoice,
        days=presenting.days_of(*period) if period else None,
        records=records,
        cursor=request.args.get("cursor"),
        actor=cast(Actor, g.actor),
    )


@bp.get("/plans")
@tenant("subscription.read", always=True)
def plans(slug: str) -> ResponseReturnValue:
    """The plans on offer beside each other, by the month or the year."""
    return render_template(
        "billing/plans.html", slug=slug, plans=OFFERED, interval=_interval(request.args),
        meters=METERS, actor=cast(Actor, g.actor), live=has_live_subscription(),
        account=queries.find_account(), attempt=find_open_attempt(),
    )  # fmt: skip


@bp.post("/checkout")
@tenant("subscription.manage", always=True)
def begin_checkout(slug: str) -> ResponseReturnValue:
    subscribing.begin_checkout(
        plan=request.form.get("plan", ""), interval=_interval(request.form),
        base_url=current_app.config["SETTINGS"].base_url, actor=cast(Actor, g.actor),
        now=clock.now(),
    )  # fmt: skip
    return redirect(url_for("billing_views.checkout", slug=slug), 303)


@bp.get("/checkout")
@tenant("subscription.read", always=True)
def checkout(slug: str) -> ResponseReturnValue:
    """On the way to Stripe, and back: what the address says of it is believed by nobody."""
    if has_live_subscription():
        return redirect(url_for("billing_views.subscription", slug=slug), 303)
    attempt = find_open_attempt()
    if attempt is None:
        return redirect(url_for("billing_views.plans", slug=slug), 303)
    now = clock.now()
    return render_template(
        "billing/checkout.html", slug=slug, attempt=attempt, back="session" in request.args,
        plan=plan_of(attempt.plan_key, attempt.plan_version), actor=cast(Actor, g.actor),
        over=subscribing.is_over(attempt, now=now),
        waits=now - attempt.begun_at > PATIENCE,
    )  # fmt: skip


@bp.post("/checkout/look")
@tenant("subscription.read", always=True)
def look_again(slug: str) -> ResponseReturnValue:
    subscribing.come_back(actor=cast(Actor, g.actor), now=clock.now())
    return redirect(url_for("billing_views.checkout", slug=slug, session=""), 303)


@bp.post("/portal")
@tenant("subscription.manage", always=True)
def portal(slug: str) -> ResponseReturnValue:
    """A page with the way there: our policy lets no form lead to another site."""
    back = url_for("billing_views.subscription", slug=slug)
    base = current_app.config["SETTINGS"].base_url
    url = call_portal(
        return_url=f"{base}{back}", language=str(flask_babel.get_locale()),
        actor=cast(Actor, g.actor), now=clock.real_now(),
    )  # fmt: skip
    return render_template(
        "billing/portal.html", slug=slug, url=url, subscription=queries.find_subscription()
    )


def _interval(given: Mapping[str, str]) -> Interval:
    return next((one for one in INTERVALS if one == given.get("interval")), "month")
