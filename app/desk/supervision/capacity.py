"""How many working hours somebody has: the office's calendar without their absences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from app.calendars.business_time import BusinessCalendar

WEEKS = 4
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


class Away(Protocol):
    @property
    def user_id(self) -> UUID: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


@dataclass(frozen=True)
class Office:
    """`people` are those who are with us, by id; absences of one person don't overlap."""

    calendar: BusinessCalendar
    people: Mapping[str, str]
    away: Mapping[UUID, Sequence[Away]]
    _open: dict[datetime, int] = field(default_factory=dict)

    def open_minutes(self, now: datetime, until: datetime) -> int:
        """Whoever it is; one `now` only."""
        if until not in self._open:
            self._open[until] = max(self.calendar.minutes_between(now, until), 0)
        return self._open[until]

    def minutes_of(self, person: UUID | None, now: datetime, until: datetime) -> int:
        """For work that nobody has: those of one person who is there. Who left has none."""
        if person is None:
            return self.open_minutes(now, until)
        if str(person) not in self.people:
            return 0
        gone = sum(
            self.calendar.minutes_between(max(one.starts_at, now), min(one.ends_at, until))
            for one in self.away.get(person, ())
            if one.starts_at < until and one.ends_at > now
        )
        return max(self.open_minutes(now, until) - gone, 0)

    def weeks(self, now: datetime) -> list[tuple[date, datetime]]:
        """The Mondays of four weeks, the present one first, and when each of them ends."""
        today = self.calendar.local_day(now)
        monday = today - today.weekday() * _DAY
        return [
            (first, self.calendar.midnight(first + _WEEK))
            for first in (monday + n * _WEEK for n in range(WEEKS))
        ]

    def by_week(self, person: UUID, now: datetime) -> list[int]:
        """What is left of the present week, and each whole one after it."""
        ends = [self.minutes_of(person, now, end) for _, end in self.weeks(now)]
        return [after - before for before, after in zip([0, *ends], ends, strict=False)]


def by_person(absences: Iterable[Away]) -> dict[UUID, list[Away]]:
    found: dict[UUID, list[Away]] = {}
    for one in absences:
        found.setdefault(one.user_id, []).append(one)
    return found
