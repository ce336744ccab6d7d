"""What stands of the clocks on the request itself, for lists and indexes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from app.calendars.business_time import BusinessCalendar
from app.contracts.terms import ContractTerms
from app.service_requests.models import NEVER, ServiceRequest
from app.service_requests.sla.clock import CLOCKS, Event, Reading, cycles, measure, voided
from app.service_requests.sla.rules import ANSWERED

# Of the target: who is told grows with it.
THRESHOLDS = (50, 75, 90, 100)


def readings(
    request: ServiceRequest, events: Sequence[Event], terms: ContractTerms, now: datetime
) -> dict[str, Reading]:
    """Both clocks, as far as they started."""
    target = terms.target(request.line, request.item, request.priority, request.item_version)
    found = {}
    for clock, minutes in (
        ("first_response", target.first_response), ("resolution", target.resolution)
    ):  # fmt: skip
        runs = cycles(events, clock)
        if runs:
            found[clock] = measure(runs[-1], target=minutes, calendar=terms.calendar, now=now)
    return found


def refresh(
    request: ServiceRequest, events: Sequence[Event], terms: ContractTerms, now: datetime
) -> None:
    found = readings(request, events, terms, now)
    first, resolution = found.get("first_response"), found["resolution"]
    request.respond_by = first.due_at if first and first.state == "running" else None
    request.first_response_at = _first_response(events)
    request.due_at = _due(resolution, terms.calendar)
    request.breach_at = min(_breaches(request, found, terms.calendar), default=NEVER)
    request.warn_at = next_warning(found, untold(request, events), terms.calendar, now)
    request.terms_number = terms.number


def _due(resolution: Reading, calendar: BusinessCalendar) -> datetime:
    """While it is paused: as if it went on at once, so that what is left can be told from it."""
    if resolution.state == "paused" and resolution.remaining is not None:
        return calendar.add_time(resolution.since, resolution.remaining)
    return resolution.due_at or resolution.started_at


def run_key(events: Sequence[Event], clock: str) -> str:
    return f"{clock}:{len(cycles(events, clock))}"


def untold(request: ServiceRequest, events: Sequence[Event]) -> dict[str, list[int]]:
    """Of each clock's last run the thresholds that nobody was told of."""
    told = request.warned or {}
    return {
        clock: [one for one in THRESHOLDS if one not in told.get(run_key(events, clock), ())]
        for clock in CLOCKS
    }


def passed(one: Reading, calendar: BusinessCalendar, now: datetime) -> int | None:
    """The highest threshold that a running clock has reached: of several it alone is told."""
    if one.state != "running" or one.target is None:
        return None
    reached = (share for share in THRESHOLDS if threshold_at(one, share, calendar) <= now)
    return max(reached, default=None)


def next_warning(
    found: dict[str, Reading],
    untold: dict[str, list[int]],
    calendar: BusinessCalendar,
    now: datetime,
) -> datetime | None:
    """When somebody has to be told next: now, if a running clock passed a threshold unnoticed."""
    moments = []
    for clock, one in found.items():
        if one.state != "running" or one.target is None:
            continue
        if passed(one, calendar, now) in untold[clock]:
            moments.append(now)
        moments += [
            at for share in untold[clock] if (at := threshold_at(one, share, calendar)) > now
        ]
    return min(moments, default=None)


def threshold_at(one: Reading, percent: int, calendar: BusinessCalendar) -> datetime:
    """When a running clock shows this share of its target, were there no further pause."""
    assert one.target is not None
    assert one.due_at is not None
    left = (one.target + one.moved) * (100 - percent) / 100
    return calendar.add_time(one.due_at, -left) if left else one.due_at


def _breaches(
    request: ServiceRequest, found: dict[str, Reading], calendar: BusinessCalendar
) -> Iterator[datetime]:
    estimate = timedelta(minutes=request.estimate_minutes or 0)
    for clock, one in found.items():
        if one.state == "running" and one.due_at is not None:
            work = estimate if clock == "resolution" else timedelta()
            yield calendar.add_time(one.due_at, -work)


def _first_response(events: Sequence[Event]) -> datetime | None:
    undone = voided(events)
    answers = (
        one.at
        for one in events
        if (one.clock, one.event, one.reason) == ("first_response", "stopped", ANSWERED)
        and one.id not in undone
    )
    return next(answers, None)
