"""Whether the client's inputs came by their cut-off: pure, for a month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.calendars.business_time import BusinessCalendar

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that the client had to give. `document_id` is a line of a list, None for the files of
    the form; `asked_at` when a document was asked for the last time."""

    request_id: UUID
    number: int
    line: str
    document_id: UUID | None
    due_on: date
    asked_at: datetime | None
    came_at: datetime | None


@dataclass(frozen=True, slots=True)
class Input:
    """`minutes` are the open ones by which it was late, so far while it is missing."""

    request_id: UUID
    number: int
    line: str
    document_id: UUID | None
    due_at: datetime
    came_at: datetime | None
    minutes: int

    @property
    def in_time(self) -> bool:
        return self.came_at is not None and self.came_at <= self.due_at

    def last_day(self, zone: str) -> date:
        return (self.due_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class Punctuality:
    due: int
    in_time: int
    minutes: int

    @property
    def late(self) -> int:
        return self.due - self.in_time

    @property
    def share(self) -> float | None:
        return self.in_time / self.due if self.due else None


def judge_input(asked: Asked, calendar: BusinessCalendar, now: datetime) -> Input | None:
    """None for what isn't due yet, and for what was asked for after its cut-off."""
    due_at = calendar.midnight(asked.due_on + DAY)
    if asked.asked_at is not None and asked.asked_at >= due_at:
        return None
    if asked.came_at is None and now <= due_at:
        return None
    came = asked.came_at or now
    minutes = calendar.minutes_between(due_at, came) if came > due_at else 0
    return Input(
        asked.request_id, asked.number, asked.line, asked.document_id, due_at, asked.came_at,
        minutes,
    )  # fmt: skip


def punctuality_of(inputs: Iterable[Input]) -> Punctuality:
    found: Sequence[Input] = list(inputs)
    return Punctuality(
        len(found), sum(one.in_time for one in found), sum(one.minutes for one in found)
    )
