"""The reference for a clock: every minute, ask the ledger what it says of that minute."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar
from app.service_requests.sla.clock import Event
from tests.calendars import slow
from tests.calendars.slow import MINUTE

STATES = {"started": "running", "resumed": "running", "paused": "paused", "stopped": "stopped"}


def counts(events: Sequence[Event], at: datetime) -> bool:
    """Of the last event before the end of this minute."""
    voided = {one.voids for one in events if one.event == "voided"}
    past = [one for one in events if one.event in STATES and one.at <= at]
    last = past[-1]
    return STATES[last.event] == "running" or (last.event == "paused" and last.id in voided)


def minutes(
    events: Sequence[Event], calendar: BusinessCalendar, start: datetime, end: datetime
) -> list[datetime]:
    """The minutes that count, one by one."""
    found, at = [], start
    while at < end:
        if slow.is_open(calendar, at) and counts(events, at):
            found.append(at)
        at += MINUTE
    return found


def due(
    events: Sequence[Event], calendar: BusinessCalendar, start: datetime, now: datetime, target: int
) -> datetime:
    """The minute after the last of the target's; from `now` on as if the clock ran."""
    found = minutes(events, calendar, start, now)
    if target <= len(found):
        return found[target - 1] + MINUTE
    return slow.add_minutes(calendar, now, target - len(found))


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Event], datetime]:
    """A request's resolution clock: pauses, deliveries, reopenings, voids, and a later moment."""
    start = draw(st.sampled_from(slow.MOMENTS)) + draw(st.integers(0, 600)) * MINUTE
    events, at = [_event(0, "started", start)], start
    state = "running"
    for n in range(1, draw(st.integers(0, 7)) + 1):
        at += draw(st.integers(0, 500)) * MINUTE
        choices = {
            "running": ["paused", "paused", "stopped"],
            "paused": ["resumed", "resumed", "stopped", "paused"],
            "stopped": ["resumed"],
        }[state]
        kind = draw(st.sampled_from(choices))
        events.append(_event(n, kind, at, reason=draw(st.sampled_from(["waiting", "deciding"]))))
        state = STATES[kind]
    now = at + draw(st.integers(0, 900)) * MINUTE
    pauses = [one.id for one in events if one.event == "paused"]
    for n, one in enumerate(draw(st.lists(st.sampled_from(pauses), max_size=3)) if pauses else []):
        events.append(_event(50 + n, "voided", now, voids=one))
    return events, now


def _event(n: int, event: str, at: datetime, **more) -> Event:
    return Event(id=UUID(int=n + 1), clock="resolution", event=event, at=at, **more)
