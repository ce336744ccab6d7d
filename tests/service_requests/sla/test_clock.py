"""The clock of a request, derived from its ledger."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar
from app.calendars.holidays import default_calendar
from app.service_requests.sla.clock import Event, cycles, measure, read
from tests.calendars.slow import MINUTE, calendars
from tests.effort import effort
from tests.service_requests.sla import slow

# A minute at a time is slow, on purpose.
looking = settings(
    max_examples=effort(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
PARIS = default_calendar("FR", "Europe/Paris")


@looking
@given(calendars(), slow.ledgers(), st.integers(1, 1500))
def test_reads_what_every_minute_of_the_ledger_says(
    calendar: BusinessCalendar, ledger: tuple[list[Event], datetime], target: int
) -> None:
    events, now = ledger
    found = read(events, "resolution", target=target, calendar=calendar, now=now)
    assert found is not None
    start = events[0].at
    counted = slow.minutes(events, calendar, start, now)
    assert found.elapsed == len(counted) * MINUTE
    assert found.remaining == (target - len(counted)) * MINUTE
    wanted = min(target, len(counted)) or target
    due = slow.due(events, calendar, start, now, wanted)
    if target <= len(counted):
        assert found.due_at == due
    assert found.due_at is not None
    breached = found.due_at < now and any(
        slow.counts(events, found.due_at + n * MINUTE)
        for n in range(int((now - found.due_at) / MINUTE))
    )
    assert (found.breached_at == found.due_at) == breached


@looking
@given(calendars(), slow.ledgers(), st.integers(1, 1500))
def test_what_is_left_ends_at_the_due_time(
    calendar: BusinessCalendar, ledger: tuple[list[Event], datetime], target: int
) -> None:
    """A clock that goes on (or begins to, now) shows exactly the target when it is due."""
    events, now = ledger
    if slow.STATES[_last(events).event] == "stopped":
        return
    resumed = [*events, _at(90, "resumed", now)]
    found = read(resumed, "resolution", target=target, calendar=calendar, now=now)
    assert found is not None
    assert found.remaining is not None
    if found.remaining > timedelta():
        assert found.due_at is not None
        later = read(resumed, "resolution", target=target, calendar=calendar, now=found.due_at)
        assert later is not None
        assert later.elapsed == target * MINUTE
        assert later.due_at == found.due_at
        assert later.breached_at is None


@looking
@given(calendars(), slow.ledgers(), st.integers(1, 900), st.integers(1, 900))
def test_another_target_is_as_if_it_had_been_so_from_the_start(
    calendar: BusinessCalendar, ledger: tuple[list[Event], datetime], one: int, other: int
) -> None:
    events, now = ledger
    readings = [
        read(events, "resolution", target=target, calendar=calendar, now=now)
        for target in sorted((one, other))
    ]
    short, long = readings
    assert short is not None
    assert long is not None
    assert short.due_at is not None
    assert long.due_at is not None
    assert short.elapsed == long.elapsed
    assert short.paused == long.paused
    assert short.due_at <= long.due_at
    assert long.breached_at is None or short.breached_at is not None


@looking
@given(calendars(), slow.ledgers())
def test_a_voided_pause_only_ever_adds_time(
    calendar: BusinessCalendar, ledger: tuple[list[Event], datetime]
) -> None:
    events, now = ledger
    plain = [one for one in events if one.event != "voided"]
    (before,), (after,) = cycles(plain, "resolution"), cycles(events, "resolution")
    was = measure(before, target=None, calendar=calendar, now=now)
    is_ = measure(after, target=None, calendar=calendar, now=now)
    taken = sum(was.paused.values(), timedelta()) - sum(is_.paused.values(), timedelta())
    assert is_.elapsed - was.elapsed == taken >= timedelta()


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _at(n: int, event: str, at: datetime, *, clock: str = "resolution", **more) -> Event:
    return Event(id=UUID(int=n), clock=clock, event=event, at=at, **more)


def _last(events: list[Event]) -> Event:
    return [one for one in events if one.event in slow.STATES][-1]


def _read(*events: Event, target: int | None = 960, now: datetime, clock: str = "resolution"):
    return read(events, clock, target=target, calendar=PARIS, now=now)


# A Monday, 10:00 in Paris.
START = utc(2026, 6, 1, 8)


def test_a_question_over_a_weekend_moves_the_due_date_by_its_open_time() -> None:
    events = (
        _at(1, "started", START),
        _at(2, "paused", utc(2026, 6, 5, 13, 30), reason="waiting_client"),
        _at(3, "resumed", utc(2026, 6, 8, 8)),
    )
    before = _read(events[0], target=2400, now=START)
    assert before.due_at == utc(2026, 6, 8, 8)
    found = _read(*events, target=2400, now=utc(2026, 6, 8, 9))
    # Friday 15:30-18:00 and Monday 9:00-10:00.
    assert found.paused == {"waiting_client": timedelta(hours=3, minutes=30)}
    assert found.due_at == utc(2026, 6, 8, 12, 30)
    assert found.state == "running"


def test_a_paused_clock_is_due_later_the_longer_the_client_takes() -> None:
    events = (
        _at(1, "started", START),
        _at(2, "paused", utc(2026, 6, 1, 9), reason="waiting_client"),
    )
    first = _read(*events, now=utc(2026, 6, 1, 10))
    later = _read(*events, now=utc(2026, 6, 2, 10))
    assert (first.state, first.reason) == ("paused", "waiting_client")
    assert first.remaining == later.remaining == timedelta(hours=15)
    assert later.due_at - first.due_at == timedelta(days=1)
    assert later.breached_at is None


def test_reopening_goes_on_with_the_time_used_and_answers_anew() -> None:
    stop, again = utc(2026, 6, 1, 12), utc(2026, 6, 10, 8)
    resolution = (
        _at(1, "started", START),
        _at(2, "stopped", stop, reason="delivered"),
        _at(3, "resumed", again, reason="reopened"),
    )
    found = _read(*resolution, now=utc(2026, 6, 10, 9))
    # 10:00-12:30 and 13:30-14:00 on Monday, and an hour after reopening.
    assert found.elapsed == timedelta(hours=4)
    answer = [
        _at(4, "started", START, clock="first_response"),
        _at(5, "stopped", stop, clock="first_response"),
        _at(6, "started", again, clock="first_response"),
    ]
    first, second = cycles(answer, "first_response")
    met = measure(first, target=240, calendar=PARIS, now=again)
    assert (met.state, met.breached_at) == ("stopped", None)
    assert second.started_at == again
    assert _read(*answer, target=240, now=again, clock="first_response").elapsed == timedelta()


def test_a_merged_request_keeps_the_earliest_start() -> None:
    earlier = utc(2026, 5, 29, 8)
    events = (_at(1, "started", START), _at(2, "merged", START, moment=earlier))
    found = _read(*events, now=START)
    assert found.started_at == earlier
    assert found.elapsed == timedelta(hours=8)
    later = (_at(1, "started", START), _at(2, "merged", START, moment=utc(2026, 6, 2, 8)))
    assert _read(*later, now=START).started_at == START


def test_a_late_input_moves_the_due_date_and_keeps_the_first_one() -> None:
    cut_off, came = utc(2026, 6, 1, 12), utc(2026, 6, 2, 8)
    events = (_at(1, "started", START), _at(2, "moved", came, moment=cut_off, reason="documents"))
    found = _read(*events, now=came)
    # 14:00-18:00 and 9:00-10:00.
    assert found.late == found.moved == timedelta(hours=5)
    assert found.original_due_at == utc(2026, 6, 3, 8)
    assert found.due_at == utc(2026, 6, 3, 14)
    assert PARIS.time_between(found.original_due_at, found.due_at) == found.late


def test_a_late_input_that_was_waited_for_moves_it_once() -> None:
    cut_off, came = utc(2026, 6, 1, 12), utc(2026, 6, 2, 8)
    events = (
        _at(1, "started", START),
        _at(2, "paused", cut_off, reason="waiting_client"),
        _at(3, "moved", came, moment=cut_off),
        _at(4, "resumed", came),
    )
    found = _read(*events, now=came)
    assert (found.late, found.moved) == (timedelta(hours=5), timedelta())
    assert found.due_at == utc(2026, 6, 3, 14)


def test_a_late_input_before_the_start_shows_what_the_date_would_have_been() -> None:
    events = (
        _at(1, "started", START),
        _at(2, "moved", START, moment=utc(2026, 5, 29, 8), reason="monthly figures"),
    )
    found = _read(*events, now=START)
    assert found.due_at == utc(2026, 6, 3, 8)
    assert PARIS.time_between(found.original_due_at, found.due_at) == found.late
    assert found.late == timedelta(hours=8)


def test_an_input_in_time_moves_nothing() -> None:
    events = (_at(1, "started", START), _at(2, "moved", START, moment=utc(2026, 6, 2, 8)))
    found = _read(*events, now=START)
    assert found.late == found.moved == timedelta()
    assert found.original_due_at == found.due_at


def test_an_agreed_date_stands_instead_of_the_target_and_still_pauses() -> None:
    agreed = utc(2026, 6, 15, 15, 30)
    events = [_at(1, "started", START), _at(2, "agreed", START, moment=agreed)]
    assert _read(*events, now=START).due_at == agreed
    events += [
        _at(3, "paused", utc(2026, 6, 2, 8), reason="waiting_client"),
        _at(4, "resumed", utc(2026, 6, 3, 8)),
    ]
    assert _read(*events, now=utc(2026, 6, 3, 8)).due_at == utc(2026, 6, 16, 15, 30)


def test_an_accepted_price_starts_the_clock_anew() -> None:
    events = (
        _at(1, "started", START),
        _at(2, "paused", utc(2026, 6, 1, 12), reason="quote_needed"),
        _at(3, "started", utc(2026, 6, 4, 8), reason="accepted"),
    )
    found = _read(*events, now=utc(2026, 6, 4, 9))
    assert (found.started_at, found.elapsed) == (utc(2026, 6, 4, 8), timedelta(hours=1))


def test_done_at_the_last_moment_is_met_and_a_minute_later_is_not() -> None:
    due = _read(_at(1, "started", START), now=START).due_at
    for more, breached in ((timedelta(), False), (timedelta(minutes=1), True)):
        events = (_at(1, "started", START), _at(2, "stopped", due + more))
        found = _read(*events, now=due + timedelta(days=3))
        assert (found.breached_at is not None) == breached
        assert found.due_at == due


def test_without_a_target_nothing_is_due() -> None:
    found = _read(_at(1, "started", START), target=None, now=START + timedelta(days=400))
    assert (found.due_at, found.remaining, found.breached_at) == (None, None, None)
    assert _read(now=START) is None


def test_inputs_that_were_missing_at_once_move_the_date_once() -> None:
    """Due Monday 14:00 and 16:00, both came on Tuesday: 10:00 and 11:00."""
    events = (
        _at(1, "started", START),
        _at(2, "moved", utc(2026, 6, 2, 8), moment=utc(2026, 6, 1, 14), reason="documents"),
        _at(3, "moved", utc(2026, 6, 2, 9), moment=utc(2026, 6, 1, 12), reason="documents"),
    )
    found = _read(*events, now=utc(2026, 6, 2, 9))
    # Monday 14:00-18:00 and Tuesday 9:00-11:00.
    assert found.late == found.moved == timedelta(hours=6)


@looking
@given(
    calendars(),
    slow.ledgers(),
    st.integers(0, 3000),
    st.integers(0, 20),
    st.integers(0, 20),
    st.booleans(),
)
def test_an_agreed_date_is_the_due_date_whatever_was_before(
    calendar: BusinessCalendar, ledger: tuple[list[Event], datetime], minutes: int, back: int,
    away: int, void: bool,
) -> None:  # fmt: skip
    """Pauses, reopenings, late inputs, an earlier start: all that was before is in the date."""
    events, now = ledger
    if slow.STATES[_last(events).event] != "running":
        events = [*events, _at(90, "resumed", now)]
    agreed = calendar.add_minutes(now, minutes) if minutes else now
    before = [
        _at(91, "moved", now, moment=events[0].at - back * MINUTE),
        _at(92, "merged", now, moment=events[0].at - away * MINUTE),
    ]
    ledger_now = [*events, *before, _at(93, "agreed", now, moment=agreed)]
    pauses = [one.id for one in events if one.event == "paused"]
    if void and pauses:
        ledger_now.append(_at(94, "voided", now, voids=pauses[0]))
    found = read(ledger_now, "resolution", target=1, calendar=calendar, now=now)
    assert found is not None
    assert found.due_at is not None
    assert found.moved == timedelta()
    if minutes:
        assert found.due_at == found.original_due_at == agreed
    else:
        assert found.due_at <= now


def test_a_day_agreed_after_a_pause_a_reopening_or_late_input_is_due_on_that_day() -> None:
    agreed = utc(2026, 6, 15, 15, 30)
    paused = (
        _at(2, "paused", utc(2026, 6, 2, 8), reason="waiting_client"),
        _at(3, "resumed", utc(2026, 6, 3, 8)),
    )
    reopened = (_at(2, "stopped", utc(2026, 6, 2, 8)), _at(3, "resumed", utc(2026, 6, 3, 8)))
    late = (_at(2, "moved", utc(2026, 6, 3, 8), moment=utc(2026, 6, 2, 8)),)
    for before in (paused, reopened, late, ()):
        events = (
            _at(1, "started", START), *before,
            _at(4, "agreed", utc(2026, 6, 3, 9), moment=agreed),
        )  # fmt: skip
        assert _read(*events, now=utc(2026, 6, 3, 10)).due_at == agreed
        # An input that is late from then on moves it: Thursday, 10:00 to 12:00.
        more = _at(5, "moved", utc(2026, 6, 4, 10), moment=utc(2026, 6, 4, 8))
        found = _read(*events, more, now=utc(2026, 6, 4, 10))
        assert (found.original_due_at, found.due_at) == (agreed, utc(2026, 6, 16, 8, 30))
