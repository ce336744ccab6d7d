"""Both clocks of a request as its page explains them: what is left, and how it was counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.calendars.business_time import BusinessCalendar
from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.service_requests.models import ServiceRequest
from app.service_requests.sla.caching import readings
from app.service_requests.sla.clock import Cycle, Interval, Late, Reading, cycles
from app.service_requests.sla.models import SlaContest, SlaEvent
from app.service_requests.sla.queries import event_of, list_contests, list_rows

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One interval: `minutes` are open ones, whether they count or not."""

    interval: Interval
    minutes: int
    contest: SlaContest | None

    @property
    def state(self) -> str:
        return "voided" if self.interval.voided else self.interval.state

    @property
    def pause_id(self) -> UUID | None:
        return self.interval.event.id if self.interval.state == "paused" else None


@dataclass(frozen=True, slots=True)
class Face:
    """One run of a clock. `number` counts the runs; only the last one is read further."""

    clock: str
    number: int
    reading: Reading
    steps: Sequence[Step]
    late: Sequence[Late]

    @property
    def minutes_left(self) -> int | None:
        left = self.reading.remaining
        return None if left is None else whole_minutes(left)

    @property
    def minutes_used(self) -> int:
        return whole_minutes(self.reading.elapsed)

    @property
    def minutes_wanted(self) -> int | None:
        return None if self.reading.target is None else whole_minutes(self.reading.target)

    @property
    def minutes_late(self) -> int:
        """Of the client's inputs."""
        return whole_minutes(self.reading.late)

    def inputs_due(self, calendar: BusinessCalendar) -> date:
        """The last day on which the input that came late would have been in time."""
        return calendar.local_day(self.late[-1].cut_off - timedelta(microseconds=1))

    @property
    def moved(self) -> bool:
        return self.reading.original_due_at != self.reading.due_at and bool(self.late)


@dataclass(frozen=True, slots=True)
class Explained:
    faces: Sequence[Face]
    terms: ContractTerms
    contests: Sequence[SlaContest]


def explain(request: ServiceRequest, *, now: datetime) -> Explained:
    """In three statements. Requests without a ledger have no faces."""
    terms, contests = get_terms(now), list_contests(request_id=request.id)
    ledger = list_rows(request_id=request.id)
    return Explained(
        faces=faces_of(request, ledger, terms, now, contests), terms=terms, contests=contests
    )


def faces_of(
    request: ServiceRequest, ledger: Sequence[SlaEvent], terms: ContractTerms, now: datetime,
    contests: Sequence[SlaContest] = (),
) -> list[Face]:  # fmt: skip
    events = [event_of(row) for row in ledger]
    return [
        face
        for clock, reading in readings(request, events, terms, now).items()
        for face in _faces(cycles(events, clock), clock, reading, terms, contests, now)
    ]


def _faces(
    runs: Sequence[Cycle], clock: str, reading: Reading, terms: ContractTerms,
    contests: Sequence[SlaContest], now: datetime,
) -> Iterator[Face]:  # fmt: skip
    of_pause = {one.pause_id: one for one in contests}
    last = runs[-1]
    steps = [
        Step(
            one, terms.calendar.minutes_between(one.start, one.until(now)),
            of_pause.get(one.event.id),
        )
        for one in last.intervals
        if one.state != "stopped" and one.start < one.until(now)
    ]  # fmt: skip
    yield Face(clock, len(runs), reading, steps, last.late)


def whole_minutes(found: timedelta) -> int:
    return found // MINUTE if found >= timedelta() else -(-found // MINUTE)
