"""What supervision is counted from, over all clients whose lines the reader reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.calendars.holidays import default_calendar
from app.desk.queries import GRANTED, OWN_ROWS, granted
from app.desk.supervision.capacity import Office, by_person
from app.timesheets.queries import FIRST_DAY, next_month
from tenants.core.db import db
from tenants.scoping import current_scope

Pairs = Sequence[tuple[UUID, str]]
# So far back one looks for how long work of a kind takes, and for rework.
MEASURED, LATELY = timedelta(days=180), timedelta(days=30)
AHEAD = timedelta(days=30)

# In the provider's own scope: whose calendar and absences hold, and until when time is settled.
OFFICE = text("""
    SELECT t.country, t.time_zone, t.region,
        (SELECT max(month) FROM locked_months) AS settled,
        (SELECT jsonb_agg(jsonb_build_array(a.user_id, a.starts_at, a.ends_at))
            FROM absences a WHERE a.tenant_id = t.id AND a.cancelled_at IS NULL
            AND a.ends_at > :now AND a.starts_at < :until) AS away
    FROM tenants t WHERE t.id = :tenant
""")

_RUNS = "r.breach_at < '9000-01-01'"
# As time_left() of a single request has it.
_PROMISED = "CASE WHEN r.due_at > r.raised_at THEN r.due_at END"
# Client by client, by an index, whatever the planner thinks (OFFSET 0): it would read whole tables, and
# a policy of many clients costs much on each row.
OPEN = text(f"""
    WITH {GRANTED}
    SELECT r.* FROM granted g CROSS JOIN LATERAL (
        SELECT r.tenant_id, r.id, r.number, r.line, r.item, r.title, r.state, r.priority,
            r.assignee_id, r.assignee_name, r.raised_at, r.state_since, r.due_at, r.breach_at,
            r.estimate_minutes, r.steps_done, r.steps_total,
            CASE WHEN {_RUNS} THEN least(r.respond_by, {_PROMISED}) END AS next_at,
            {_RUNS} AND r.respond_by IS NOT NULL AND coalesce(r.respond_by <= {_PROMISED}, true)
                AS answer_next
        FROM requests r WHERE {OWN_ROWS} AND r.state <> 'delivered' OFFSET 0
    ) r
    ORDER BY r.breach_at, r.id
""")  # noqa: S608 - fixed texts

_SPENT = "e.tenant_id = r.tenant_id AND e.request_id = r.id"
_ENTRIES = """
    spent AS MATERIALIZED (
        SELECT e.* FROM granted g CROSS JOIN LATERAL (
            SELECT e.tenant_id, e.id, e.request_id, e.user_id, e.user_name, e.worked_on, e.minutes,
                e.category, e.activity, e.at
            FROM time_entries e WHERE e.tenant_id = g.tenant_id AND e.worked_on >= {since} OFFSET 0
        ) e
    ),
    known AS MATERIALIZED (
        SELECT r.* FROM granted g CROSS JOIN LATERAL (
            SELECT r.tenant_id, r.id, r.number, r.item, r.title, r.line, r.state, r.delivered_at
            FROM requests r WHERE r.tenant_id = g.tenant_id AND r.line = ANY (g.lines) OFFSET 0
        ) r
    )
"""
_KNOWN = f"FROM spent e JOIN known r ON {_SPENT}"
# One statement for what time entries and grants say.
WORKED = text(f"""
    WITH {GRANTED},
    {_ENTRIES.format(since="least(CAST(:measured AS date), CAST(:open_from AS date))")},
    worked AS MATERIALIZED (
        SELECT e.*, r.item, r.delivered_at
        {_KNOWN}
    ),
    taken AS (
        SELECT item, sum(minutes) AS minutes FROM worked WHERE delivered_at >= :measured
        GROUP BY tenant_id, request_id, item HAVING sum(minutes) > 0
    ),
    reworked AS (
        SELECT user_id, max(user_name) AS user_name, sum(minutes) AS minutes,
            coalesce(sum(minutes) FILTER (WHERE category = 'rework'), 0) AS rework
        FROM worked WHERE worked_on >= :lately GROUP BY user_id, tenant_id, request_id
    ),
    open AS (SELECT * FROM worked WHERE worked_on >= :open_from AND worked_on < :month)
    SELECT
        (SELECT jsonb_object_agg(item, usual) FROM (
            SELECT item, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes)) AS usual
            FROM taken GROUP BY item) m) AS usual,
        (SELECT jsonb_agg(to_jsonb(w)) FROM (
            SELECT user_id, max(user_name) AS user_name, sum(minutes) AS minutes,
                coalesce(sum(rework) FILTER (WHERE rework > 0), 0) AS rework,
                count(*) FILTER (WHERE rework > 0) AS requests
            FROM reworked GROUP BY user_id) w) AS rework,
        (SELECT jsonb_agg(to_jsonb(u) ORDER BY u.month) FROM (
            SELECT date_trunc('month', worked_on)::date AS month, count(*) AS entries,
                sum(minutes) AS minutes, count(DISTINCT user_id) AS people
            FROM open GROUP BY 1) u) AS unsettled,
        (SELECT jsonb_agg(DISTINCT o.user_id) FROM granted g CROSS JOIN LATERAL (
            SELECT o.user_id FROM grants o WHERE o.tenant_id = g.tenant_id
            AND o.line = ANY (g.lines) AND o.ended_at IS NULL AND o.expires_at > :now
            AND o.level IN ('work', 'review') OFFSET 0) o) AS able,
        (SELECT count(*) FROM granted g JOIN supervisor_tasks s
            ON s.tenant_id = g.tenant_id AND s.line = ANY (g.lines) AND s.done_at IS NULL)
        + (SELECT count(*) FROM granted g JOIN handover_items h ON h.tenant_id = g.tenant_id
            AND h.line = ANY (g.lines) AND h.raised_at IS NOT NULL
            AND h.state IN ('sent', 'declined', 'kept'))
        + (SELECT count(*) FROM granted g JOIN handover_notes n ON n.tenant_id = g.tenant_id
            AND n.missing_at IS NOT NULL AND n.sent_at IS NULL AND n.settled_at IS NULL) AS tasks
""")  # noqa: S608
# Somebody's rework on one request.
REWORKED = text(f"""
    WITH {GRANTED}, {_ENTRIES.format(since=":lately")}
    SELECT e.user_id, max(e.user_name) AS user_name, e.tenant_id, r.number, r.item, r.title, r.line,
        r.state, sum(e.minutes) AS rework
    {_KNOWN}
    WHERE e.category = 'rework' AND (CAST(:who AS uuid) IS NULL OR e.user_id = :who)
    GROUP BY e.user_id, e.tenant_id, e.request_id, r.number, r.item, r.title, r.line, r.state
    HAVING sum(e.minutes) > 0
    ORDER BY rework DESC, e.tenant_id, r.number
""")
ENTRIES = text(f"""
    WITH {GRANTED}, {_ENTRIES.format(since=":open_from")}
    SELECT e.tenant_id, e.user_id, e.user_name, e.worked_on, e.minutes, e.activity, r.number, r.item,
        r.title, r.line, r.state
    {_KNOWN}
    WHERE e.worked_on < :month
    AND (CAST(:only AS date) IS NULL OR date_trunc('month', e.worked_on)::date = :only)
    ORDER BY e.worked_on, e.at, e.id
""")


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """`open_from` is the first day whose month is not settled."""

    office: Office
    today: date
    open_from: date


@dataclass(frozen=True, slots=True)
class Worked:
    """`usual` are minutes by item; `able` who could take work."""

    usual: Mapping[str, int]
    rework: Sequence[Any]
    unsettled: Sequence[Any]
    able: Sequence[UUID]
    tasks: int


def get_office(*, people: Mapping[str, str], now: datetime) -> OfficeFacts:
    values = {"tenant": current_scope().tenant_id, "now": now, "until": now + AHEAD}
    row = db.session.execute(OFFICE, values).one()
    away = by_person(
        SimpleNamespace(user_id=UUID(who), starts_at=datetime.fromisoformat(starts),
                        ends_at=datetime.fromisoformat(ends))
        for who, starts, ends in row.away or ()
    )  # fmt: skip
    calendar = default_calendar(row.country, row.time_zone, row.region)
    return OfficeFacts(
        Office(calendar, people, away), calendar.local_day(now),
        next_month(row.settled) if row.settled else FIRST_DAY,
    )  # fmt: skip


def list_open(session: Session, *, pairs: Pairs) -> Sequence[Row[Any]]:
    """What ends first comes first."""
    return session.execute(OPEN, granted(pairs)).all()


def read_worked(session: Session, *, pairs: Pairs, facts: OfficeFacts, now: datetime) -> Worked:
    values = {**_days(pairs, facts), "measured": now - MEASURED, "now": now}
    row = session.execute(WORKED, values).one()
    return Worked(
        usual={item: int(minutes) for item, minutes in (row.usual or {}).items()},
        rework=[_person(one) for one in row.rework or ()],
        unsettled=[
            SimpleNamespace(**one | {"month": date.fromisoformat(one["month"])})
            for one in row.unsettled or ()
        ],
        able=[UUID(one) for one in row.able or ()],
        tasks=row.tasks,
    )


def list_reworked(
    session: Session, *, pairs: Pairs, facts: OfficeFacts, who: UUID | None
) -> Sequence[Row[Any]]:
    """Somebody's rework on a request, the most first."""
    return session.execute(REWORKED, {**_days(pairs, facts), "who": who}).all()


def list_unsettled(
    session: Session, *, pairs: Pairs, facts: OfficeFacts, month: date | None
) -> Sequence[Row[Any]]:
    """Entries of months that are over and not settled, in their order."""
    return session.execute(ENTRIES, {**_days(pairs, facts), "only": month}).all()


def _days(pairs: Pairs, facts: OfficeFacts) -> dict[str, Any]:
    return {
        **granted(pairs),
        "lately": facts.today - LATELY,
        "open_from": facts.open_from,
        "month": facts.today.replace(day=1),
    }


def _person(found: Mapping[str, Any]) -> SimpleNamespace:
    minutes, rework = int(found["minutes"]), int(found["rework"])
    return SimpleNamespace(
        user_id=UUID(found["user_id"]), name=found["user_name"], minutes=minutes, rework=rework,
        requests=found["requests"], share=rework / minutes if minutes > 0 else None,
    )  # fmt: skip
