"""Who has how many hours, what is at risk, and how much a request still is: pure rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.calendars.holidays import default_calendar
from app.desk.supervision.capacity import WEEKS, Office
from app.desk.supervision.figures import AGES, LATER, Figures, add
from app.desk.supervision.forecast import QUARTER, SOON, USUAL, at_risk, minutes_left

ANNA, BELA, CLIENT = UUID(int=1), UUID(int=2), UUID(int=9)
CALENDAR = default_calendar("FR", "Europe/Paris")
# A Monday at nine in Paris.
NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Away:
    user_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Request:
    id: UUID
    due_at: datetime
    assignee_id: UUID | None = ANNA
    state: str = "in_progress"
    item: str = "hr_question"
    line: str = "hr"
    tenant_id: UUID = CLIENT
    raised_at: datetime = NOW - 9 * DAY
    state_since: datetime = NOW - DAY
    answer_next: bool = False
    estimate_minutes: int = 0
    steps_done: int = 0
    steps_total: int | None = None

    @property
    def next_at(self) -> datetime | None:
        return None if self.state == "awaiting_approval" else self.due_at


def office(*away: Away) -> Office:
    return Office(CALENDAR, {str(ANNA): "Anna", str(BELA): "Bela"}, {ANNA: list(away)})


requests = st.lists(
    st.builds(
        lambda hours, who, minutes, state, done: Request(
            uuid4(), NOW + hours * HOUR, who, state, estimate_minutes=minutes, steps_done=done,
            steps_total=4,
        ),
        st.integers(-100, 900), st.sampled_from([ANNA, BELA, None]), st.integers(0, 2000),
        st.sampled_from(["in_progress", "awaiting_approval"]), st.integers(0, 4),
    ),
    max_size=25,
)  # fmt: skip


def test_a_request_that_nobody_has_time_for_is_at_risk() -> None:
    # From Monday at nine to Tuesday at nine somebody has eight hours.
    one = Request(uuid4(), NOW + DAY, estimate_minutes=480)
    assert at_risk([one], office(), {}, NOW) == set()
    assert at_risk([replace(one, estimate_minutes=481)], office(), {}, NOW) == {one.id}
    noon = Away(ANNA, NOW - DAY, NOW + 2 * HOUR)
    assert at_risk([one], office(noon), {}, NOW) == {one.id}
    assert at_risk([replace(one, assignee_id=UUID(int=3))], office(), {}, NOW) == {one.id}
    # What nobody has is somebody's first.
    assert at_risk([replace(one, assignee_id=None)], office(noon), {}, NOW) == set()
    answer = replace(one, due_at=NOW + HOUR, answer_next=True)
    assert at_risk([answer], office(), {}, NOW) == set()


@given(requests)
def test_what_ends_first_is_done_first(works: list[Request]) -> None:
    risk = at_risk(works, office(), {}, NOW)
    for one in works:
        if one.id in risk:
            assert NOW <= one.due_at < NOW + SOON
            assert one.next_at is not None
    # Work taken away, or time given, never puts something else at risk.
    assert at_risk(works[1:], office(), {}, NOW) <= risk
    gone = office(Away(ANNA, NOW, NOW + 3 * DAY))
    assert risk <= at_risk(works, gone, {}, NOW)


@given(requests)
def test_parts_are_the_whole(works: list[Request]) -> None:
    found = Figures(works, office(), {}, NOW)
    total = add(found.heat(works).values())
    assert total.open == len(works)
    assert total.risk == len(found.risk) <= total.due
    assert total.late + total.due <= total.open
    loads = found.loads([ANNA, BELA])
    counted = [one for one in works if found.is_load(one)]
    assert sum(one.total for one in loads) == len(counted)
    assert sum(sum(one.planned) for one in loads) == sum(minutes_left(one, {}) for one in counted)
    waiting = [one for one in works if found.waits(one)]
    assert sum(sum(one) for one in found.approvals(works).values()) == len(waiting)


def test_weeks_hold_what_falls_due_in_them() -> None:
    found = Figures([], office(), {}, NOW)
    # Sunday at midnight in Paris is 23:00 UTC.
    for due, week in (
        (NOW - 40 * DAY, 0), (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), 0),
        (datetime(2026, 11, 22, 23, tzinfo=UTC), 1), (NOW + 400 * DAY, LATER),
    ):  # fmt: skip
        assert found.week(Request(uuid4(), due, raised_at=NOW - 900 * DAY)) == week
    assert found.week(Request(uuid4(), NOW, raised_at=NOW)) == LATER


def test_hours_are_the_calendar_without_absences() -> None:
    week = 5 * 8 * 60
    assert office().by_week(ANNA, NOW) == [week] * WEEKS
    # Half of the first Tuesday, and all of the second week.
    away = [
        Away(ANNA, datetime(2026, 11, 17, 12, tzinfo=UTC), datetime(2026, 11, 17, 23, tzinfo=UTC)),
        Away(ANNA, datetime(2026, 11, 22, 23, tzinfo=UTC), datetime(2026, 11, 29, 23, tzinfo=UTC)),
    ]
    first, second, *rest = office(*away).by_week(ANNA, NOW)
    assert (first, second, rest) == (week - 4 * 60 - 30, 0, [week] * 2)
    assert office(*away).by_week(BELA, NOW) == [week] * WEEKS
    assert office().by_week(UUID(int=7), NOW) == [0] * WEEKS


def test_what_is_left_of_a_request() -> None:
    one = Request(uuid4(), NOW)
    assert minutes_left(one, {}) == USUAL
    assert minutes_left(one, {"hr_question": 90}) == 90
    estimated = replace(one, estimate_minutes=240)
    assert minutes_left(estimated, {"hr_question": 90}) == 240
    assert minutes_left(replace(estimated, steps_total=4, steps_done=3), {}) == 60
    assert minutes_left(replace(estimated, steps_total=4, steps_done=4), {}) == QUARTER


def test_ages_of_approvals() -> None:
    found = Figures([], office(), {}, NOW)
    ages = [0, 2, 3, 5, 6, 10, 11, 400]
    waiting = [
        Request(uuid4(), NOW, state="awaiting_approval", state_since=NOW - days * DAY)
        for days in ages
    ]
    assert [found.age(one) for one in waiting] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert len(AGES) == 4
