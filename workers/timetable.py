"""`python -m workers schedule`: what comes when, for people who look after the system."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from workers.schedule import Periodic

NEXT = """
SELECT name, next_run_at AS first, next_run_at AS last, NULL::bigint AS companies, 0::bigint AS waiting
FROM periodic_tasks WHERE next_run_at IS NOT NULL
UNION ALL
SELECT name, min(next_run_at), max(next_run_at), count(*), count(*) FILTER (WHERE next_run_at IS NULL)
FROM tenant_schedules GROUP BY name
"""
HEAD = ("entry", "when", "for each", "job", "missed", "next run (UTC)")


def timetable(database_url: str, tasks: Sequence[Periodic]) -> str:
    with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
        planned = {row[0]: row[1:] for row in connection.execute(NEXT)}
    rows = [
        (task.name, task.when.text, task.each, task.job, task.catch_up, _next(planned, task.name))
        for task in sorted(tasks, key=lambda one: (one.everywhere_at_once, one.each))
    ]
    widths = [max(len(row[place]) for row in (HEAD, *rows)) for place in range(len(HEAD))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (HEAD, *rows)
    )
    return "\n".join(lines)


def _next(planned: dict[str, Any], name: str) -> str:
    first, last, companies, waiting = planned.get(name, (None, None, None, 0))
    if first is None:
        return "not planned yet"
    if companies is None:
        return _moment(first)
    span = _moment(first) if last == first else f"{_moment(first)} to {_moment(last)}"
    paused = f", {waiting} of them without" if waiting else ""
    return f"{span}, {companies} {'company' if companies == 1 else 'companies'}{paused}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
