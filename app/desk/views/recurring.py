"""Recurring work over all granted clients: what begins soon, what stands still, the month."""

from calendar import monthrange
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.desk.queries import DeskContext
from app.desk.queue import across
from app.desk.views.blueprint import bp
from app.desk.views.common import context, user_id
from app.service_requests.recurring.across import (
    Entry,
    list_blocked,
    list_month,
    list_starting,
)
from app.service_requests.recurring.rule_words import period_text
from app.service_requests.recurring.words import REASONS
from app.web.i18n import zone
from tenants.core import clock
from tenants.endpoints import staff

SOON = timedelta(days=5)
DAY = timedelta(days=1)
SHOWN_A_DAY = 6


@bp.get("/recurring")
@staff("desk.use")
def recurring() -> ResponseReturnValue:
    found, now = context(), clock.now()
    today = now.astimezone(zone()).date()
    only = request.args.get("client", "")
    clients = {one.tenant_id: one for one in found.clients if only in ("", one.slug)}
    lines_of = {one: list(client.grant_lines) for one, client in clients.items()}
    first = _month(request.args.get("month", ""), today)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    with across(found, reason="recurring work", user_id=user_id()) as session:
        starting = [
            _row(one.tenant_id, clients, number=one.number, title=one.title,
                 due_on=one.next_on, raise_on=one.next_raise_on, who=one.assignee_name)
            for one in list_starting(session, lines_of=lines_of, until=today + SOON)
        ]  # fmt: skip
        blocked = [
            _row(one.tenant_id, clients, number=one.number, title=one.title, due_on=one.due_on,
                 about=period_text(one.about), reason=REASONS[one.reason])
            for one in list_blocked(session, lines_of=lines_of)
        ]  # fmt: skip
        month = list_month(session, lines_of=lines_of, first=first, last=last, now=now)
    return render_template(
        "desk/recurring.html", starting=starting, blocked=blocked, today=today, only=only,
        month=first, weeks=_weeks(first, last, month, clients), clients=_names(found),
        title=period_text(f"{first:%Y-%m}"), shown=SHOWN_A_DAY,
        before=_address(first - DAY, only), after=_address(last + DAY, only),
    )  # fmt: skip


def _month(typed: str, today: date) -> date:
    """The one that the address names, within some years of today; else today's."""
    try:
        found = date.fromisoformat(f"{typed}-01")
    except ValueError:
        found = today
    near = abs(found.year - today.year) <= 2
    return (found if near else today).replace(day=1)


def _address(day: date, only: str) -> str:
    return url_for("desk.recurring", month=f"{day:%Y-%m}", client=only or None)


def _names(found: DeskContext) -> list[tuple[str, str]]:
    return [(one.slug, one.name) for one in found.clients]


def _row(tenant_id: Any, clients: Any, *, number: int, **facts: Any) -> SimpleNamespace:
    client = clients[tenant_id]
    url = url_for("recurring.show", slug=client.slug, recurrence_number=number)
    return SimpleNamespace(client=client, url=url, number=number, **facts)


def _weeks(
    first: date, last: date, entries: list[Entry], clients: Any
) -> list[list[tuple[date, bool, list[SimpleNamespace]]]]:
    """Whole weeks from Monday on; days of other months are empty."""
    by_day: dict[date, list[SimpleNamespace]] = {}
    for one in entries:
        row = _row(one.tenant_id, clients, number=one.number, title=one.title, state=one.state)
        if one.request_number is not None:
            row.url = url_for(
                "service_requests.show", slug=row.client.slug, number=one.request_number
            )
        by_day.setdefault(one.due_on, []).append(row)
    day, weeks = first - first.weekday() * DAY, []
    while day <= last:
        week = [day + n * DAY for n in range(7)]
        weeks.append([(one, first <= one <= last, by_day.get(one, [])) for one in week])
        day += 7 * DAY
    return weeks
