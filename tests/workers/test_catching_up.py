"""Which period is done next, played through against the list of all of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.calendars.holidays import default_calendar
from app.calendars.recurrence import DayOfMonth, Every, NthBusinessDay, Weekday, following, latest
from tests.calendars.slow import ZONES
from tests.effort import effort
from tests.workers.sample_tasks import at
from workers.catching_up import LATE, step

START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = (
    NthBusinessDay(at("08:00"), 3), NthBusinessDay(at("17:00"), -1),
    DayOfMonth(at("02:30"), 31, "before"), DayOfMonth(at("00:00"), 1, "after"),
    Weekday(at("02:30"), 6), Weekday(at("09:00"), 0, "after"), Every(timedelta(hours=30)),
)  # fmt: skip
# minutes that pass between two looks: steady, a night, a standstill of weeks, back
gaps = st.lists(
    st.tuples(st.sampled_from((10, 600, 1440, 30_000, 90_000, -60, -3000)), st.booleans()),
    min_size=1, max_size=25,
)  # fmt: skip


@dataclass
class Company:
    rule: Any
    calendar: Any
    catch_up: Any
    held: Any = "skip"
    last: str = ""
    ran: list[Any] = field(default_factory=list)
    looked: list[Any] = field(default_factory=list)

    def look(self, now, *, allowed=True, busy=False):
        due = list(
            takewhile(lambda one: one.at <= now, following(self.rule, self.calendar, self.last))
        )
        found = step(
            due, catch_up=self.catch_up, held=self.held, now=now, allowed=allowed, busy=busy
        )
        if found.run:
            self.ran.append(found.run)
            self.looked.append(now)
        self.last = found.settled or self.last
        return found

    def look_until_done(self, now, **given):
        while self.look(now, **given).again:
            pass


def company(rule, zone, catch_up, held="skip"):
    calendar = default_calendar("FR", zone)
    return Company(rule, calendar, catch_up, held, latest(rule, calendar, START).period)


def all_due(one, until):
    begin = latest(one.rule, one.calendar, START).period
    return list(takewhile(lambda m: m.at <= until, following(one.rule, one.calendar, begin)))


playing = settings(max_examples=effort(60), deadline=None)
rules, zones = st.sampled_from(RULES), st.sampled_from(ZONES)


@playing
@given(rules, zones, gaps)
def test_each_is_every_period_once_and_in_order(rule, zone, gaps):
    one, now, latest_look = company(rule, zone, "each"), START, START
    for minutes, _ in gaps:
        now += timedelta(minutes=minutes)
        latest_look = max(now, latest_look)
        one.look_until_done(now)
    assert one.ran == all_due(one, latest_look)


@playing
@given(rules, zones, gaps)
def test_once_is_the_newest_of_what_was_missed(rule, zone, gaps):
    one, now = company(rule, zone, "once"), START
    expected: list[Any] = []
    for minutes, _ in gaps:
        now += timedelta(minutes=minutes)
        due = all_due(one, now)
        if due and due[-1] not in expected and (not expected or due[-1].at > expected[-1].at):
            expected.append(due[-1])
        one.look_until_done(now)
    assert one.ran == expected


@playing
@given(rules, zones, gaps)
def test_skip_runs_nothing_late_and_nothing_twice(rule, zone, gaps):
    one, now = company(rule, zone, "skip"), START
    for minutes, _ in gaps:
        now += timedelta(minutes=minutes)
        one.look_until_done(now)
    assert all(look - ran.at <= LATE for ran, look in zip(one.ran, one.looked, strict=True))
    assert len({ran.period for ran in one.ran}) == len(one.ran)


@playing
@given(rules, zones, gaps, st.sampled_from(("once", "each")))
def test_what_waits_for_access_is_made_up_for(rule, zone, gaps, catch_up):
    one, now, latest_look = company(rule, zone, catch_up, "wait"), START, START
    for minutes, allowed in gaps:
        now += timedelta(minutes=minutes)
        latest_look = max(now, latest_look)
        before = len(one.ran)
        one.look_until_done(now, allowed=allowed)
        assert allowed or len(one.ran) == before
    one.look_until_done(latest_look)
    due = all_due(one, latest_look)
    assert one.ran[-1:] == due[-1:]
    assert catch_up == "once" or one.ran == due


@playing
@given(rules, zones, gaps)
def test_what_is_let_go_without_access_stays_so(rule, zone, gaps):
    one, now, without = company(rule, zone, "each"), START, set()
    for minutes, allowed in gaps:
        now += timedelta(minutes=minutes)
        if not allowed:
            open_ones = following(rule, one.calendar, one.last)
            without |= {m.period for m in takewhile(partial(_is_due, now), open_ones)}
        one.look_until_done(now, allowed=allowed)
    assert not without & {ran.period for ran in one.ran}


def test_each_waits_for_the_one_before():
    one = company(Every(timedelta(hours=6)), "UTC", "each")
    now = START + timedelta(hours=13)
    assert one.look(now, busy=True) == (None, None, True)
    assert one.look(now).again
    assert one.look(now, busy=True).again
    assert not one.look(now).again
    assert [ran.period for ran in one.ran] == ["2026-01-01T06:00:00Z", "2026-01-01T12:00:00Z"]


def _is_due(now: datetime, moment: Any) -> bool:
    return bool(moment.at <= now)
