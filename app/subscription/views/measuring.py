"""What is used of what is included, and where it leads to."""

import csv
import io
from typing import cast

from flask import Response, g, render_template
from flask.typing import ResponseReturnValue

from app.subscription.views.blueprint import bp
from app.web.i18n import text
from billing.usage_overview import MeterUse, UsageOverview, usage_overview
from tenants.core import clock
from tenants.core.money import Money
from tenants.core.text import _c, _m
from tenants.endpoints import tenant
from tenants.permissions import Actor

HEADINGS = (
    _m("Usage"), _c("day", "From"), _m("Until"), _m("Used"), _m("Included"), _m("Beyond"), _m("Each"),
    _m("So far"), _m("Forecast"), _m("Beyond, forecast"), _m("Amount, forecast"), _m("Currency"),
)  # fmt: skip


@bp.get("/usage-overview")
@tenant("subscription.read", always=True)
def usage_page(slug: str) -> ResponseReturnValue:
    return render_template(
        "subscription/usage_overview.html", slug=slug, page=usage_overview(now=clock.now()),
        actor=cast(Actor, g.actor),
    )  # fmt: skip


@bp.get("/usage-overview.csv")
@tenant("subscription.read", always=True)
def usage_file(slug: str) -> ResponseReturnValue:
    found = usage_overview(now=clock.now())
    month = f"{found.days[0]:%Y-%m}" if found.days else "none"
    return Response(
        _csv(found), mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="usage-{slug}-{month}.csv"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


def _csv(found: UsageOverview) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([text(one) for one in HEADINGS])
    writer.writerows(_row(found, one) for one in found.meters)
    # With the mark, spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _row(found: UsageOverview, one: MeterUse) -> list[object]:
    start, end = found.days or (None, None)
    return [
        text(one.part.label), start, end, one.used, one.included, one.beyond,
        one.unit_amount.scaleb(-2), _amount(one.minor, found), one.forecast, one.forecast_beyond,
        _amount(one.forecast_minor, found), found.currency,
    ]  # fmt: skip


def _amount(minor: int | None, found: UsageOverview) -> object:
    return None if minor is None else Money(minor, found.currency).amount
