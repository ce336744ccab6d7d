"""What each client's invoices leave once the time is paid, and the time behind it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from app.catalogue.lines import LINES
from app.provider.billing import words
from app.provider.billing.margins import Gathered, gather, month_after, rates_of
from app.provider.billing.sheets import amount, csv_answer
from app.provider.queries import list_all_staff
from app.provider.views.blueprint import bp
from app.web.i18n import text
from billing.figures import queries
from billing.figures.margin import Margin, Time
from billing.plans import CURRENCY
from billing.prices.in_force import day_of
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import provider

_COLUMNS = (
    _m("Company"), _m("Month"), _m("Line"), _m("Invoiced"), _m("Minutes"), _m("Cost of time"),
    _m("Margin"), _m("Currency"),
)  # fmt: skip
_TIME_COLUMNS = (_m("Day"), _m("Person"), _m("Line"), _m("Minutes"), _m("Of that billable"))


@bp.get("/billing/margin")
@provider("provider.administer")
def billing_margin() -> ResponseReturnValue:
    now = clock.now()
    companies = {one["tenant_id"]: one for one in queries.list_companies(now=now)}
    found = gather(day_of(now).replace(day=1))
    slug = request.args.get("client", "")
    here = _company(companies.values(), slug) if slug else None
    month = _month(found.months)
    if request.args.get("as") == "csv":
        return _file(found, companies, here)
    tenant_id = here["tenant_id"] if here else None
    by_client = found.by(lambda place: place[0], month=month)
    return render_template(
        "provider/billing_margin.html", companies=companies, here=here, month=month,
        months=found.months, month_name=words.month_name, lines=LINES, currency=CURRENCY,
        total=_sum(found.by(lambda place: "", month=month, tenant_id=tenant_id).values()),
        clients=sorted(by_client.items(), key=lambda one: one[1].left),
        by_line=found.by(lambda place: place[2], month=month, tenant_id=tenant_id),
        by_month=found.by(lambda place: place[1], tenant_id=tenant_id),
    )  # fmt: skip


@bp.get("/billing/companies/<slug>/time")
@provider("provider.administer")
def billing_time(slug: str) -> ResponseReturnValue:
    """The time behind a client's month: who and how long, not what about."""
    now = clock.now()
    here = _company(queries.list_companies(now=now), slug)
    line = request.args.get("line", "")
    month = _month([], day_of(now).replace(day=1))
    rows = queries.list_time_entries(
        tenant_id=here["tenant_id"], start=month, until=month_after(month),
        line=line if line in LINES else "",
    )  # fmt: skip
    staff = list_all_staff()
    names = {one.user_id: one.display_name for one in staff}
    if request.args.get("as") == "csv":
        return csv_answer("time", _TIME_COLUMNS, [
            (row["worked_on"], names.get(row["user_id"], ""), text(LINES[row["line"]]),
             row["minutes"], row["billable"]) for row in rows
        ])  # fmt: skip
    rates = rates_of(staff)
    people = [(one, rates.cents(one.user_id, month), rates.cost(one))
              for one in _by_person(here["tenant_id"], month, rows)]  # fmt: skip
    return render_template(
        "provider/billing_time.html", here=here, month=month, line=line if line in LINES else "",
        lines=LINES, rows=rows, names=names, people=people, currency=CURRENCY,
        month_name=words.month_name, minutes=sum(row["minutes"] for row in rows),
        cost=sum(cost or 0 for _, _, cost in people),
    )  # fmt: skip


def _by_person(tenant_id: UUID, month: date, rows: Sequence[RowMapping]) -> list[Time]:
    found: dict[tuple[UUID, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        found[(row["user_id"], row["line"])][0] += row["minutes"]
        found[(row["user_id"], row["line"])][1] += row["billable"]
    return [Time(tenant_id, month, user_id, line, minutes, billable)
            for (user_id, line), (minutes, billable) in found.items()]  # fmt: skip


def _company(companies: Iterable[RowMapping], slug: str) -> RowMapping:
    found = next((one for one in companies if one["slug"] == slug), None)
    if found is None:
        raise NotFound
    return found


def _month(months: Sequence[date], otherwise: date | None = None) -> date:
    """The chosen one; any where none are offered."""
    try:
        given = date.fromisoformat(f"{request.args.get('month', '')[:7]}-01")
    except ValueError:
        given = None
    if given is not None and (given in months or not months):
        return given
    return otherwise or months[-1]


def _sum(parts: Any) -> Margin:
    whole = Margin()
    for one in parts:
        whole.add(one)
    return whole


def _file(found: Gathered, companies: Any, here: RowMapping | None) -> ResponseReturnValue:
    places = sorted(
        found.places.items(), key=lambda one: (companies[one[0][0]]["name"], one[0][1:])
    )
    return csv_answer("margin", _COLUMNS, [
        (companies[tenant_id]["name"], f"{month:%Y-%m}", text(LINES[line]) if line else "",
         amount(one.invoiced, CURRENCY), one.minutes, amount(one.cost, CURRENCY),
         amount(one.left, CURRENCY), CURRENCY)
        for (tenant_id, month, line), one in places
        if here is None or tenant_id == here["tenant_id"]
    ])  # fmt: skip
