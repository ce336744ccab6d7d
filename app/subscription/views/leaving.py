"""Ending a subscription, taking that back, and coming back."""

from typing import cast

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.subscription.schemas import Leaving
from app.subscription.views.blueprint import bp
from app.web.forms import BoundForm
from billing.changing import showing
from billing.changing.services import leaving
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.permissions import Actor


@bp.get("/end")
@tenant("subscription.manage", always=True)
def end(slug: str) -> ResponseReturnValue:
    return _end_page(slug, BoundForm(Leaving))


@bp.post("/end")
@tenant("subscription.manage", always=True)
def end_subscription(slug: str) -> ResponseReturnValue:
    form = BoundForm(Leaving, request.form)
    if not form.load():
        return _end_page(slug, form), form.status
    leaving.end_subscription(
        reason=form.data["reason"], actor=cast(Actor, g.actor), now=clock.now()
    )
    return _back(slug)


@bp.post("/keep")
@tenant("subscription.manage", always=True)
def keep_subscription(slug: str) -> ResponseReturnValue:
    leaving.keep_subscription(actor=cast(Actor, g.actor), now=clock.now())
    return _back(slug)


@bp.post("/pay")
@tenant("subscription.manage", always=True)
def pay_open(slug: str) -> ResponseReturnValue:
    leaving.pay_open(actor=cast(Actor, g.actor), now=clock.now())
    return _back(slug)


@bp.post("/resume")
@tenant("subscription.manage", always=True)
def resume_subscription(slug: str) -> ResponseReturnValue:
    leaving.resume_subscription(actor=cast(Actor, g.actor), now=clock.now())
    return _back(slug)


def _end_page(slug: str, form: BoundForm) -> str:
    return render_template(
        "subscription/end.html", slug=slug, form=form, standing=showing.standing(now=clock.now()),
        actor=cast(Actor, g.actor), at_once=leaving.AT_ONCE,
    )  # fmt: skip


def _back(slug: str) -> ResponseReturnValue:
    return redirect(url_for("subscription.overview", slug=slug), 303)
