from typing import cast

import flask_babel  # type: ignore[import-untyped]
from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from app.subscription.views.blueprint import bp
from billing import presenting
from billing.changing.showing import standing
from billing.contests import words
from billing.contests.queries import contests_of
from billing.invoices import showing
from billing.taxes.showing import VatNow, vat_now
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant
from tenants.permissions import Actor
from tenants.queries import get_tenant

# Invoices on the overview; the rest have their own page.
LATEST = 3


@bp.get("")
@tenant("subscription.read", always=True)
def overview(slug: str) -> ResponseReturnValue:
    zone = str(flask_babel.get_timezone())
    page = presenting.subscription_page(zone=zone, now=clock.now())
    return render_template(
        "subscription/overview.html",
        slug=slug,
        page=page,
        actor=cast(Actor, g.actor),
        plan=page.plan,
        today=clock.now().date(),
        vat=_vat(page),
        latest=showing.list_rows(cursor=None, limit=LATEST, now=clock.now()).items,
        standing=standing(now=clock.now()),
    )


def _vat(page: presenting.SubscriptionPage) -> VatNow | None:
    if page.account is None:
        return None
    said_in = get_tenant().document_language
    return vat_now(page.account, on=clock.now().date(), language=said_in)


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
        "subscription/usage.html",
        slug=slug,
        part=part,
        invoice=invoice,
        days=presenting.days_of(*period) if period else None,
        records=records,
        contests=contests_of([(one.kind, one.source_id) for one in records.items]),
        verdicts=words.VERDICTS,
        states=words.STATES,
        cursor=request.args.get("cursor"),
        actor=cast(Actor, g.actor),
    )
