"""Days that pass for one request, and what a company agreed: past the screens, as hours and months
do by themselves."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from app.contracts.document import checked
from tests.journeys.system import System

# Every moment that a row of the request holds; what a job has yet to do stays where it is.
MOMENTS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.table_name NOT IN ('jobs', 'timers')
AND c.data_type IN ('timestamp with time zone', 'date')
AND (c.table_name = 'requests' OR EXISTS (
  SELECT 1 FROM information_schema.columns r WHERE r.table_schema = 'public'
  AND r.table_name = c.table_name AND r.column_name = 'request_id' AND r.data_type = 'uuid'))
"""
OPEN_DAY = "00:00-24:00"
NOW_DUE = "UPDATE periodic_tasks SET next_run_at = now() WHERE name = %(name)s"

MADE = (
    "service_report_files", "service_report_seals", "service_reports",
    "ratings", "rating_invitations", "contract_drafts", "sla_month_contests", "sla_credits",
    "sla_outcomes", "sla_inputs", "sla_months",
)  # fmt: skip
OF_COMPANY = "USING tenants t WHERE t.id = x.tenant_id AND t.slug = %(slug)s"


def days_pass(system: System, slug: str, number: int, days: float) -> None:
    """For this request alone: everything of it happened so much earlier."""
    [(tenant_id, request_id)] = system.rows(
        "SELECT r.tenant_id, r.id FROM requests r JOIN tenants t ON t.id = r.tenant_id"
        " WHERE t.slug = %(slug)s AND r.number = %(number)s", slug=slug, number=number,
    )  # fmt: skip
    columns: dict[str, list[str]] = {}
    for table, column in system.rows(MOMENTS):
        columns.setdefault(table, []).append(f"{column} = {column} - %(long)s")
    for table, changes in columns.items():
        own = "id" if table == "requests" else "request_id"
        system.rows(
            f"UPDATE {table} SET {', '.join(changes)}"
            f" WHERE tenant_id = %(tenant)s AND {own} = %(request)s",
            long=timedelta(days=days), tenant=tenant_id, request=request_id,
        )  # fmt: skip


def today(system: System) -> date:
    """Of the product, whose time other stories may have moved on."""
    moved = system.folder / ".local" / "clock-offset"
    ahead = float(moved.read_text() or 0) if moved.exists() else 0
    return (datetime.now(UTC) + timedelta(seconds=ahead)).date()


def due_now(system: System, task: str) -> None:
    """A periodic task need not wait for its hour."""
    system.rows(NOW_DUE, name=task)


@contextmanager
def agreed(system: System, slug: str, **parts: Mapping[str, Any]) -> Iterator[None]:
    """The company's contract since long ago, with these parts and hours that never end, and nobody
    asked how it went, which is done once in 14 days; afterwards as it was, no month signed."""
    before = system.rows(
        "SELECT v.id, v.document, v.valid_from FROM contract_versions v"
        " JOIN tenants t ON t.id = v.tenant_id WHERE t.slug = %(slug)s", slug=slug,
    )  # fmt: skip
    _forget(system, slug, "ratings", "rating_invitations")
    change = "UPDATE contract_versions SET document = %(document)s, valid_from = %(day)s WHERE id = %(id)s"
    for row_id, document, day in before:
        calendar = {**document["calendar"], "week": [OPEN_DAY] * 7, "region": "", "country": "XX"}
        made = checked(document | {"calendar": calendar} | parts)
        system.rows(change, document=Jsonb(made), day=day - timedelta(days=200), id=row_id)
    try:
        yield
    finally:
        for row_id, document, day in before:
            system.rows(change, document=Jsonb(document), day=day, id=row_id)
        kept = [row_id for row_id, *_ in before]
        _forget(system, slug, *MADE)
        system.rows(
            f"DELETE FROM contract_versions x {OF_COMPANY} AND NOT x.id = ANY(%(kept)s)",
            slug=slug, kept=kept,
        )  # fmt: skip


def _forget(system: System, slug: str, *tables: str) -> None:
    for table in tables:
        system.rows(f"DELETE FROM {table} x {OF_COMPANY}", slug=slug)
