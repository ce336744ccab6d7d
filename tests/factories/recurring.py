"""Recurring work, begun by our own service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.service_requests.recurring.queries import get_recurrence
from app.service_requests.recurring.services import keeping, raising
from app.service_requests.recurring.services.keeping import Wish
from tenants.permissions import system_actor
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting

MONTHLY = {"kind": "month_day", "unit": "month", "nth": 15, "shift": "before"}


@dataclass(frozen=True)
class Recurring:
    id: UUID
    number: int
    company: Company

    @property
    def url(self) -> str:
        return self.company.url(f"recurring/{self.number}")


def wish(company: Company, **changes: Any) -> Wish:
    values: dict[str, Any] = {
        "title": company.text("Reminders"), "item": "finance_question",
        "form": {"details": company.text("as every month")}, "rule": MONTHLY,
        "starts_on": date(2026, 1, 1), **changes,
    }  # fmt: skip
    return Wish(**values)


def make_recurring(
    stage: Stage, company: Company, operator: Person, *, at: datetime | None = None, **changes: Any
) -> Recurring:
    with acting(stage, operator.scope(company)):
        row = keeping.begin_recurrence(
            wish=wish(company, **changes), actor=operator.actor(company), now=at or now()
        )
        return Recurring(row.id, row.number, company)


def run_day(stage: Stage, made: Recurring, at: datetime) -> int:
    """As the daily job does, for this one."""
    with acting(stage, made.company.scope):
        return raising.raise_due(recurrence_id=made.id, actor=system_actor(made.company.id), now=at)


def the_row(made: Recurring, operator: Person) -> Any:
    """Within `acting`."""
    actor = operator.actor(made.company)
    return get_recurrence(actor=actor, number=made.number, for_change=True)
