"""The margins of twelve months, gathered for the page."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from app.provider.queries import list_all_staff
from billing.figures import queries
from billing.figures.margin import Margin, Place, Rates, Revenue, Time, margins
from tenants.models import StaffMember

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Gathered:
    months: Sequence[date]
    places: Mapping[Place, Margin]

    def by(self, key: Callable[[Place], Any], *, month: date | None = None,
           tenant_id: UUID | None = None) -> Mapping[Any, Margin]:  # fmt: skip
        found: dict[Any, Margin] = defaultdict(Margin)
        for place, margin in self.places.items():
            if month in (None, place[1]) and tenant_id in (None, place[0]):
                found[key(place)].add(margin)
        return found


def gather(running: date) -> Gathered:
    months = [running]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    months.reverse()
    until = month_after(running)
    revenue = [
        Revenue(row["tenant_id"], row["lookup_key"], row["starts"], row["ends"], row["minor"])
        for row in queries.list_revenue(start=_midnight(months[0]), until=_midnight(until))
    ]
    found = dict(margins(revenue, [
        Time(row["tenant_id"], row["month"], row["user_id"], row["line"], row["minutes"],
             row["billable"])
        for row in queries.list_time(start=months[0], until=until)
    ], rates_of(list_all_staff())))  # fmt: skip
    for row in queries.list_credits(start=months[0], until=until):
        place = (row["tenant_id"], row["month"], row["line"])
        found.setdefault(place, Margin()).invoiced -= row["minor"]
    # a fee for a year reaches into months that aren't shown
    return Gathered(months, {place: one for place, one in found.items() if place[1] in months})


def rates_of(staff: Sequence[StaffMember]) -> Rates:
    return Rates(queries.list_rates(), {one.user_id: one.role for one in staff})


def month_after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
