"""What a ledger of events says about a clock: everything is derived, no minutes are kept.

A cycle begins with `started` and is cut by `paused`, `resumed` and `stopped` into intervals. The
other events correct it: `voided` makes a pause count and takes a stop back, `moved` says that an input came late,
`agreed` names a date that was promised instead of the target, `merged` an earlier start.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.calendars.business_time import BusinessCalendar

CLOCKS = ("first_response", "resolution")
EVENTS = ("started", "paused", "resumed", "stopped", "voided", "moved", "agreed", "merged")
_STATE_AFTER = {
    "started": "running", "resumed": "running", "paused": "paused", "stopped": "stopped",
}  # fmt: skip
NOTHING = timedelta()
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Event:
    """`moment` is the missed cut-off, the agreed date or the earlier start; `voids` the id of a
    pause or a stop; `line`, `item` and `priority` held when it was written."""

    id: UUID
    clock: str
    event: str
    at: datetime
    reason: str = ""
    question_id: UUID | None = None
    voids: UUID | None = None
    moment: datetime | None = None
    line: str = ""
    item: str = ""
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """`state`: running, paused or stopped; `end` is None for what lasts still."""

    state: str
    start: datetime
    end: datetime | None
    event: Event
    voided: bool = False

    @property
    def counts(self) -> bool:
        return self.state == "running" or (self.state == "paused" and self.voided)

    def until(self, now: datetime) -> datetime:
        return max(self.start, now) if self.end is None else self.end


@dataclass(frozen=True, slots=True)
class Late:
    """An input that was due at `cut_off` and came at `came_at`."""

    cut_off: datetime
    came_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """At `at` both sides agreed that it is due at `moment`."""

    at: datetime
    moment: datetime


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of a clock from its start; a reopened request has a second one for its answer."""

    started_at: datetime
    intervals: tuple[Interval, ...]
    agreed: Agreed | None = None
    late: tuple[Late, ...] = ()

    @property
    def last(self) -> Interval:
        return self.intervals[-1]


@dataclass(frozen=True, slots=True)
class Reading:
    """A cycle measured against a target at a moment. `due_at` is the moved date; while the clock is
    paused it is what it would be if the client acted now."""

    state: str
    started_at: datetime
    since: datetime
    reason: str
    target: timedelta | None
    elapsed: timedelta
    paused: Mapping[str, timedelta]
    moved: timedelta
    late: timedelta
    due_at: datetime | None
    original_due_at: datetime | None
    breached_at: datetime | None

    @property
    def remaining(self) -> timedelta | None:
        """Below zero when it is past."""
        return None if self.target is None else self.target + self.moved - self.elapsed


def voided(events: Iterable[Event]) -> frozenset[UUID]:
    """The ids of pauses and stops that were taken back."""
    return frozenset(one.voids for one in events if one.voids is not None)


def cycles(events: Iterable[Event], clock: str) -> list[Cycle]:
    """The runs of one clock, oldest first; `events` stand in the order in which they were written."""
    found: list[Cycle] = []
    for event in (one for one in events if one.clock == clock):
        if event.event == "started":
            found.append(Cycle(event.at, (_begun(event),)))
        elif found:
            found[-1] = _with(found[-1], event)
    return found


def _with(cycle: Cycle, event: Event) -> Cycle:
    if event.event in _STATE_AFTER:
        return replace(cycle, intervals=_cut(cycle.intervals, event))
    if event.event == "voided":
        return replace(cycle, intervals=_void(cycle.intervals, event.voids))
    assert event.moment is not None
    if event.event == "agreed":
        return replace(cycle, agreed=Agreed(event.at, event.moment))
    if event.event == "merged":
        return _earlier(cycle, event.moment)
    return replace(cycle, late=(*cycle.late, Late(event.moment, event.at, event.reason)))


def _begun(event: Event) -> Interval:
    return Interval(_STATE_AFTER[event.event], event.at, None, event)


def _cut(intervals: tuple[Interval, ...], event: Event) -> tuple[Interval, ...]:
    *before, last = intervals
    # What was written later never happened earlier.
    at = max(event.at, last.start)
    return (*before, replace(last, end=at), replace(_begun(event), start=at))


def _void(intervals: tuple[Interval, ...], event_id: UUID | None) -> tuple[Interval, ...]:
    """A pause counts; a stop never was, so that what it cut goes on."""
    found: list[Interval] = []
    for one in intervals:
        if one.event.id != event_id or one.state not in ("paused", "stopped"):
            found.append(one)
        elif one.state == "paused":
            found.append(replace(one, voided=True))
        else:
            found[-1] = replace(found[-1], end=one.end)
    return tuple(found)


def _earlier(cycle: Cycle, start: datetime) -> Cycle:
    if start >= cycle.started_at:
        return cycle
    first, *rest = cycle.intervals
    return replace(cycle, started_at=start, intervals=(replace(first, start=start), *rest))


def measure(
    cycle: Cycle, *, target: int | None, calendar: BusinessCalendar, now: datetime
) -> Reading:
    """`target` in minutes of the calendar, as it stands now: a change of priority or contract
    counts from the start of the cycle, over the same intervals."""
    wanted = _wanted(cycle, target, calendar)
    late = _late_spans(cycle.late)
    moved = sum((_moved(cycle, one, calendar) for one in _after_agreement(cycle, late)), NOTHING)
    due = None if wanted is None else _due(cycle, wanted + moved, calendar, now)
    return Reading(
        state=_state(cycle.last),
        started_at=cycle.started_at,
        since=cycle.last.start,
        reason=cycle.last.event.reason,
        target=wanted,
        elapsed=elapsed(cycle, calendar, now),
        paused=_paused(cycle, calendar, now),
        moved=moved,
        late=sum((calendar.time_between(*one) for one in late), NOTHING),
        due_at=due,
        original_due_at=None if wanted is None else _original_due(cycle, wanted, calendar, now),
        breached_at=due if due is not None and _is_over(cycle, due, now) else None,
    )


def elapsed(cycle: Cycle, calendar: BusinessCalendar, now: datetime) -> timedelta:
    return sum(
        (calendar.time_between(one.start, one.until(now)) for one in cycle.intervals if one.counts),
        NOTHING,
    )


def _elapsed_at(cycle: Cycle, calendar: BusinessCalendar, at: datetime) -> timedelta:
    """What the clock showed then, as it is counted today."""
    return sum(
        (
            calendar.time_between(one.start, min(one.until(at), at))
            for one in cycle.intervals
            if one.counts and one.start < at
        ),
        NOTHING,
    )


def _state(last: Interval) -> str:
    return "running" if last.counts else last.state


def _wanted(cycle: Cycle, target: int | None, calendar: BusinessCalendar) -> timedelta | None:
    """An agreed date is a target: what the clock shows when it is agreed, and the open minutes from
    there to the date. So it is due then, and a later pause still moves it."""
    if cycle.agreed is not None:
        at, moment = cycle.agreed.at, cycle.agreed.moment
        ahead = calendar.time_between(at, moment) if at < moment else NOTHING
        return _elapsed_at(cycle, calendar, at) + ahead
    return None if target is None else timedelta(minutes=target)


def _after_agreement(cycle: Cycle, late: Sequence[Span]) -> list[Span]:
    """Who agrees on a date knows what is missing by then: only what it is late from there on moves
    the date."""
    if cycle.agreed is None:
        return list(late)
    at = cycle.agreed.at
    return [(max(cut_off, at), came_at) for cut_off, came_at in late if came_at > at]


def _late_spans(late: Iterable[Late]) -> list[Span]:
    """From each missed cut-off until its input came; time in which several were missing is one."""
    found: list[Span] = []
    for one in sorted(late, key=lambda each: each.cut_off):
        if one.came_at <= one.cut_off:
            continue
        if found and one.cut_off <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], one.came_at))
        else:
            found.append((one.cut_off, one.came_at))
    return found


def _moved(cycle: Cycle, late: Span, calendar: BusinessCalendar) -> timedelta:
    """The part of the lateness in which the clock ran: a pause, and a start that came later,
    moved the date already."""
    cut_off, came_at = late
    parts = (
        (max(one.start, cut_off), min(one.until(came_at), came_at))
        for one in cycle.intervals
        if one.counts
    )
    return sum((calendar.time_between(a, b) for a, b in parts if a < b), NOTHING)


def _due(cycle: Cycle, wanted: timedelta, calendar: BusinessCalendar, now: datetime) -> datetime:
    """The first moment at which the clock shows `wanted`."""
    left = wanted
    for one in cycle.intervals:
        if not one.counts:
            continue
        if one.end is None:
            return calendar.add_time(one.start, left)
        here = calendar.time_between(one.start, one.end)
        if left <= here:
            return calendar.add_time(one.start, left)
        left -= here
    last = cycle.last
    return calendar.add_time(last.start if last.state == "stopped" else last.until(now), left)


def _original_due(
    cycle: Cycle, wanted: timedelta, calendar: BusinessCalendar, now: datetime
) -> datetime:
    """The date if every input had come in time."""
    first = min((late.cut_off for late in cycle.late), default=cycle.started_at)
    if first < cycle.started_at and cycle.agreed is None:
        return calendar.add_time(first, wanted)
    return _due(cycle, wanted, calendar, now)


def _is_over(cycle: Cycle, due: datetime, now: datetime) -> bool:
    """Whether the clock ran on after this moment."""
    return any(one.counts and one.until(now) > due for one in cycle.intervals)


def _paused(cycle: Cycle, calendar: BusinessCalendar, now: datetime) -> Mapping[str, timedelta]:
    found: dict[str, timedelta] = {}
    for one in cycle.intervals:
        if one.state == "paused" and not one.voided:
            length = calendar.time_between(one.start, one.until(now))
            found[one.event.reason] = found.get(one.event.reason, NOTHING) + length
    return found


def read(
    events: Sequence[Event], clock: str, *, target: int | None, calendar: BusinessCalendar,
    now: datetime,
) -> Reading | None:  # fmt: skip
    """The clock as it stands: its last cycle; None when it never started."""
    found = cycles(events, clock)
    return measure(found[-1], target=target, calendar=calendar, now=now) if found else None
