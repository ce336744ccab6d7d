from typing import cast

import flask_babel  # type: ignore[import-untyped]
from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from billing import presenting
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant
from tenants.permissions import Actor

bp = Blueprint("billing_views", __name__, url_prefix="/c/<slug>/subscription")


@bp.get("")
@tenant("subscription.read")
def subscription(slug: str) -> ResponseReturnValue:
    zone = str(flask_babel.get_timezone())
    page = presenting.subscription_page(zone=zone, now=clock.now())
    return render_template(
        "billing/subscription.html", slug=slug, page=page, actor=cast(Actor, g.actor)
    )


@bp.get("/usage")
@tenant("subscription.read")
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
