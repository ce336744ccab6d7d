"""The monthly revenue, how it moved over twelve months, and who moved it."""

from datetime import date, timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.provider.billing import words
from app.provider.billing.sheets import amount, csv_answer
from app.provider.views.blueprint import bp
from billing.figures import queries
from billing.figures.accounts import list_accounts
from billing.figures.rules import MOVEMENTS, movements
from billing.plans import CURRENCY
from billing.prices.in_force import day_of
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import provider

MONTHS = 12
KINDS = {
    "new": (_m("New"), "plus", "good"),
    "expansion": (_m("Expansion"), "trending-up", "good"),
    "contraction": (_m("Contraction"), "trending-down", "warn"),
    "churn": (_m("Churn"), "user-minus", "bad"),
}
_COLUMNS = (
    _m("Month"), _m("At its begin"), _m("New"), _m("Expansion"), _m("Contraction"), _m("Churn"),
    _m("At its end"), _m("Currency"),
)  # fmt: skip


@bp.get("/billing/revenue")
@provider("provider.administer")
def billing_revenue() -> ResponseReturnValue:
    now = clock.now()
    running = day_of(now).replace(day=1)
    months = months_back(running, MONTHS + 1)
    accounts = {one.tenant_id: one for one in list_accounts(now=now)}
    ends = dict(queries.month_ends(start=months[0], until=running))
    ends |= {(tenant_id, running): one.mrr_minor for tenant_id, one in accounts.items()}
    moved = movements(ends, months)
    if request.args.get("as") == "csv":
        return csv_answer("monthly-revenue", _COLUMNS, [
            (one.month.isoformat()[:7], *(amount(minor, CURRENCY) for minor in (
                one.opening, *(one.sum(kind) for kind in MOVEMENTS), one.closing)), CURRENCY)
            for one in moved
        ])  # fmt: skip
    chosen = next(
        (one for one in moved if f"{one.month:%Y-%m}" == request.args.get("month")), moved[-1]
    )
    kind = request.args.get("kind", "")
    behind = [one for one in chosen.moved if kind not in MOVEMENTS or one.kind == kind]
    return render_template(
        "provider/billing_revenue.html", moved=moved, chosen=chosen, accounts=accounts,
        kind=kind if kind in MOVEMENTS else "", kinds=KINDS, currency=CURRENCY, running=running,
        behind=sorted(behind, key=lambda one: -abs(one.change)), month_name=words.month_name,
        urls={f"{one.month:%m/%y}": url_for("provider.billing_revenue", month=f"{one.month:%Y-%m}")
              + "#behind" for one in moved},
    )  # fmt: skip


def months_back(running: date, count: int) -> list[date]:
    """Oldest first, the running one last."""
    found = [running]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]
