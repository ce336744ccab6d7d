"""The operator's queue over all granted clients: one statement, each client's own top rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, text, tuple_
from sqlalchemy.orm import Session

from app.service_requests.models import ServiceRequest as R
from app.service_requests.transitions import ENDED, OPEN, PAUSED
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, moment, page_of


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The desk's filters, as they stand in the URL."""

    state: str = ""
    client: str = ""
    line: str = ""
    mine: bool = False
    unassigned: bool = False
    overdue: bool = False
    search: str = ""


def list_queue(
    session: Session,
    *,
    granted: Sequence[tuple[UUID, str]],
    user_id: UUID,
    now: datetime,
    chosen: QueueFilter,
    limit: int = PAGE_SIZE,
    cursor: str | None = None,
) -> Page[RowMapping]:
    """Open requests of all granted (tenant, line) pairs by what is missed first, in one statement.

    `session` comes from `across_tenants`; each tenant gives its own top rows by index.
    """
    wheres, params = _conditions(chosen, user_id=user_id, now=now)
    if cursor:
        due, last = decode_cursor(cursor, moment, UUID)
        wheres.append("(r.breach_at, r.id) > (CAST(:due AS timestamptz), CAST(:last AS uuid))")
        params |= {"due": due, "last": last}
    lines_of: dict[UUID, list[str]] = {}
    for tenant_id, line in granted:
        lines_of.setdefault(tenant_id, []).append(line)
    # `wheres` holds fixed texts only; every value is bound.
    statement = text(f"""
        WITH top AS MATERIALIZED (
            SELECT q.*
            FROM unnest(CAST(:tenants AS uuid[]), CAST(:lines AS text[])) AS g(tenant_id, lines)
            CROSS JOIN LATERAL (
                SELECT r.tenant_id, r.id, r.number, r.item, r.line, r.title, r.priority, r.state,
                    r.version, r.assignee_id, r.assignee_name, r.raised_by_name, r.due_at,
                    r.breach_at, r.raised_at
                FROM requests r
                WHERE r.tenant_id = g.tenant_id AND r.state NOT IN {ENDED}
                AND r.line = ANY (string_to_array(g.lines, ','))
                AND {" AND ".join(wheres)}
                ORDER BY r.breach_at, r.id LIMIT :limit
            ) q
            ORDER BY q.breach_at, q.id LIMIT :limit
        )
        SELECT t.slug, t.name AS client_name, t.code AS client_code, top.*
        FROM top JOIN tenants t ON t.id = top.tenant_id
        ORDER BY top.breach_at, top.id
    """)  # noqa: S608 - see above
    rows = (
        session.execute(
            statement,
            {
                **params,
                "tenants": list(lines_of),
                "lines": [",".join(lines) for lines in lines_of.values()],
                "limit": limit + 1,
            },
        )
        .mappings()
        .all()
    )
    return page_of(rows, limit=limit, place=lambda row: (row["breach_at"].isoformat(), row["id"]))


def count_queue(
    session: Session, *, granted: Sequence[tuple[UUID, str]], user_id: UUID, now: datetime
) -> Mapping[str, int]:
    """Figures of the desk's views, over the granted pairs: all, mine, unassigned, overdue, review."""
    row = session.execute(
        select(
            func.count().label("all"),
            func.count().filter(R.assignee_id == user_id).label("mine"),
            func.count().filter(R.assignee_id.is_(None)).label("unassigned"),
            func.count().filter(R.due_at < now, R.state.not_in(PAUSED)).label("overdue"),
            func.count().filter(R.state == "in_review").label("in_review"),
        ).where(
            R.state.in_([state for state in OPEN if state != "delivered"]),
            tuple_(R.tenant_id, R.line).in_(list(granted)),
        )
    ).one()
    return dict(row._mapping)


def _conditions(
    chosen: QueueFilter, *, user_id: UUID, now: datetime
) -> tuple[list[str], dict[str, Any]]:
    number = chosen.search.strip().lstrip("#")
    conditions: tuple[tuple[bool, str, dict[str, Any]], ...] = (
        (bool(chosen.state), "r.state = :state", {"state": chosen.state}),
        (not chosen.state, "r.state <> 'delivered'", {}),
        (bool(chosen.line), "r.line = :line", {"line": chosen.line}),
        (chosen.mine, "r.assignee_id = :me", {"me": user_id}),
        (chosen.unassigned, "r.assignee_id IS NULL", {}),
        (
            chosen.overdue,
            f"r.due_at < :now AND r.state NOT IN {PAUSED}",
            {"now": now},
        ),
        (
            number.isdecimal(),
            "r.number = :number",
            {"number": min(int(number), 2**31 - 1) if number.isdecimal() else 0},
        ),
        (
            bool(number) and not number.isdecimal(),
            "r.title ILIKE :search ESCAPE '/'",
            {"search": f"%{_escaped(chosen.search.strip())}%"},
        ),
    )
    params = {name: value for on, _, given in conditions if on for name, value in given.items()}
    return [text_ for on, text_, _ in conditions if on], params


def _escaped(word: str) -> str:
    for char in "/%_":
        word = word.replace(char, f"/{char}")
    return word
