"""A month of a client: it ends at midnight of the contract's own zone, where the next one begins."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_NAME = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """`began_in` is the zone of the month before, where another contract held then."""

    first: date
    zone: str
    began_in: str = ""

    @property
    def name(self) -> str:
        return self.first.strftime("%Y-%m")

    @property
    def start(self) -> datetime:
        return midnight(self.first, self.began_in or self.zone)

    @property
    def end(self) -> datetime:
        return midnight(next_first(self.first), self.zone)

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def first_of(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date().replace(day=1)


def next_first(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def previous_first(first: date) -> date:
    return (first.replace(day=1) - timedelta(days=1)).replace(day=1)


def read_month(name: str) -> date | None:
    """The first day of “2026-10”."""
    found = _NAME.match(name)
    return date(int(found[1]), int(found[2]), 1) if found else None
