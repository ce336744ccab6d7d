from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity
from app.calendars.holidays import default_calendar
from app.timesheets import across, export, sheets
from app.timesheets.queries import first_open_day, list_locked_months, next_month
from app.timesheets.services import months, timers
from app.web.branding import brands_css
from app.web.i18n import text
from app.web.targets import is_local
from tenants import scoping
from tenants.core import clock
from tenants.core.errors import Conflict
from tenants.endpoints import staff
from tenants.models import PROVIDER_TENANT
from tenants.queries import get_tenant, list_workspaces

bp = Blueprint("timesheets", __name__, url_prefix="/time")

FILES = {
    "csv": ("text/csv", export.time_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", export.time_xlsx),
}


@bp.get("")
@staff("desk.use")
def my_week() -> ResponseReturnValue:
    """One's own week: requests by days, against the hours of the calendar."""
    week, me = _week(), _me()
    days = across.days_of_mine(first=week.first, last=week.last)
    open_from = first_open_day()
    entries = across.list_time(
        pairs=across.granted_pairs(), user_id=me, first=week.first, last=week.last, whose=me
    )
    sheet = sheets.make_sheet(week=week, entries=entries, days=days, expected=_expected(week))
    return render_template(
        "timesheets/week.html", sheet=sheet, entries=[one for one in entries if one.minutes],
        done=request.args.get("done", ""), today=_today(), open_from=open_from, supervises=current_actor().can("desk.supervise"),
    )  # fmt: skip


@bp.get("/export")
@staff("desk.use")
def export_mine() -> ResponseReturnValue:
    """The month of the week that is shown."""
    kind = request.args.get("kind", "")
    week, me = _week(), _me()
    first = week.first.replace(day=1)
    last = next_month(week.first) - timedelta(days=1)
    media, write = FILES.get(kind, FILES["csv"])
    entries = across.list_time(
        pairs=across.granted_pairs(), user_id=me, first=first, last=last, whose=me
    )
    suffix = kind if kind in FILES else "csv"
    return Response(
        write(entries, say=text), mimetype=media,
        headers={
            "Content-Disposition": f'attachment; filename="time-{first:%Y-%m}.{suffix}"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


@bp.get("/brands.css")
@staff("desk.use")
def brands() -> Response:
    css = brands_css((one.code, one.colour) for one in list_workspaces())
    return Response(css, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})


@bp.get("/team")
@staff("desk.supervise")
def team() -> ResponseReturnValue:
    """Everybody's week at the clients that are open to the supervisor; a person's own on a click."""
    week, me = _week(), _me()
    pairs, locked = across.granted_pairs(), list_locked_months()
    settled = [(one.month, one.locked_by_name, one.locked_at) for one in locked]
    to_settle = _to_settle(first_open_day())
    whose = _person()
    span: dict[str, Any] = {"pairs": pairs, "user_id": me, "first": week.first, "last": week.last}
    sums, people = across.sum_by_person(**span)
    entries = across.list_time(**span, whose=whose) if whose else []
    return render_template(
        "timesheets/team.html", week=week, rows=sheets.by_person(sums, people), whose=whose,
        entries=entries, lines=sheets.lines_of(entries, sheets.of_request), settled=settled,
        done=request.args.get("done", ""), to_settle=to_settle, expected=_expected(week), today=_today(),
    )  # fmt: skip


@bp.post("/months")
@staff("desk.supervise")
def lock_month() -> ResponseReturnValue:
    """Settled for the whole provider, so in its own scope."""
    try:
        month = date.fromisoformat(f"{request.form.get('month', '')}-01")
    except ValueError:
        month = date.max
    _enter_provider()
    if month == date.max:
        raise months.NotThatMonth
    months.lock_month(month=month, actor=current_actor(), now=clock.now())
    return redirect(url_for("timesheets.team", done="settled"), 303)


@bp.post("/timer/discard")
@staff("desk.use")
def discard_timer() -> ResponseReturnValue:
    """From wherever: also when the timer's client is closed to the person by now."""
    if not timers.discard(user_id=_me()):
        raise Conflict(timers.NoTimer.message, code=timers.NoTimer.code)
    back = request.form.get("back", "")
    return redirect(
        back if back and is_local(back) else url_for("timesheets.my_week", done="discarded"), 303
    )


def _me() -> UUID:
    user_id = current_actor().user_id
    assert user_id is not None
    return user_id


def _today() -> date:
    identity = current_identity()
    return clock.now().astimezone(ZoneInfo(identity.time_zone if identity else "UTC")).date()


def _week() -> sheets.Week:
    return sheets.find_week(request.args.get("week", ""), today=_today())


def _expected(week: sheets.Week) -> dict[date, int]:
    """The usual hours, without the holidays of the provider's own office, wherever its people are."""
    before = scoping.current_scope()
    _enter_provider()
    office = get_tenant()
    calendar = default_calendar(office.country, office.time_zone, office.region)
    scoping.leave()
    scoping.enter(before)
    return sheets.expected_minutes(calendar, week.days)


def _enter_provider() -> None:
    scoping.leave()
    scoping.enter(scoping.Scope(tenant_id=PROVIDER_TENANT, user_id=_me(), side="provider"))


def _person() -> UUID | None:
    try:
        return UUID(request.args.get("person", ""))
    except ValueError:
        return None


def _to_settle(open_from: date) -> list[date]:
    """Months that are over and open, the latest first: settling one settles what is before."""
    this = _today().replace(day=1)
    found = [this]
    while len(found) <= 6:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return [month for month in found[1:] if month >= open_from]
