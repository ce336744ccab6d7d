"""What the client gives after the cut-off of the contract moves the due date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.calendars.business_time import BusinessCalendar
from app.calendars.holidays import default_calendar
from app.contracts.cut_offs import MOST, CutOff
from app.service_requests.queries import get_request
from app.service_requests.services import classing, documents
from app.service_requests.services.documents import Wanted
from app.service_requests.sla import inputs, ledger
from app.service_requests.sla.clock import Event, read
from tests.calendars import slow
from tests.calendars.slow import MINUTE, MOMENTS, calendars
from tests.effort import effort
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import make_request
from tests.service_requests.browsing import send
from tests.service_requests.sla.slow import _event
from tests.service_requests.sla.test_agreed_and_late import give, moved
from tests.service_requests.sla.test_ledger import act, cached

PARIS = default_calendar("FR", "Europe/Paris")
# A Thursday at 10:00 in Paris; the third business day of November 2026 is Wednesday the 4th.
START = datetime(2026, 11, 5, 9, tzinfo=UTC)
THIRD = PARIS.midnight(date(2026, 11, 5))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def agree(stage, world, item, kind, number):
    cut_off = {"kind": kind, "number": number}
    make_contract(stage, world.a, items={item: {"scope": "included", "cut_off": cut_off}})


def due_on(stage, made):
    return stage.value("SELECT inputs_due_on FROM requests WHERE id = :i", i=made.id)


def test_files_of_the_form_that_come_late_move_the_due_date(stage, world):
    agree(stage, world, "payment_control", "business_day", 3)
    made = make_request(stage, world.a, item="payment_control", at=START)
    assert due_on(stage, made) == date(2026, 11, 4)
    assert [tuple(row) for row in moved(stage, made)] == [(START, THIRD, "inputs")]
    # An hour of Thursday was open: that is how much later it is due.
    found = cached(stage, made)
    assert found.due_at == PARIS.add_time(PARIS.add_minutes(THIRD, 960), HOUR)


def test_files_that_come_in_time_move_nothing(stage, world):
    agree(stage, world, "payment_control", "business_day", 4)
    made = make_request(stage, world.a, item="payment_control", at=START)
    assert not moved(stage, made)
    assert cached(stage, made).due_at == PARIS.add_minutes(START, 960)


def test_without_a_required_input_nothing_is_late(stage, world):
    agree(stage, world, "finance_question", "month_day", 2)
    made = make_request(stage, world.a, at=START)
    assert due_on(stage, made) == date(2026, 11, 2)
    assert not moved(stage, made)


def asked(stage, world, *, at, number=6):
    """A document of a request whose inputs are due on this day of November, asked for at a time."""
    agree(stage, world, "finance_question", "month_day", number)
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    act(stage, made, world.operator_a, documents.ask_documents, now=at,
        wanted=[Wanted(world.a.text("statement")), Wanted(world.a.text("list"))])  # fmt: skip
    rows = stage.rows("SELECT id FROM document_lines WHERE request_id = :r ORDER BY position",
                      r=made.id)  # fmt: skip
    return made, [row.id for row in rows]


def test_documents_of_a_list_have_the_requests_cut_off(stage, world):
    made, lines = asked(stage, world, at=START)
    cut_off = PARIS.midnight(date(2026, 11, 7))
    for n, line in enumerate(lines):
        give(stage, made, line, at=cut_off + 4 * DAY + n * HOUR)
    # One cut-off: the second is later than the first by its own hour, and both are one delay.
    assert {row.moment for row in moved(stage, made)} == {cut_off}
    last = cut_off + 4 * DAY + HOUR
    found = cached(stage, made)
    # The clock stood still from the question on: the pause moved the date already, once.
    paused = PARIS.time_between(START, last)
    assert found.due_at == PARIS.add_time(PARIS.add_minutes(START, 960), paused)


def test_a_document_asked_for_after_the_cut_off_has_none_to_keep(stage, world):
    made, lines = asked(stage, world, at=START + DAY, number=5)
    give(stage, made, lines[0], at=START + 5 * DAY)
    assert not moved(stage, made)


def test_told_twice_it_is_late_once(stage, world):
    """As when a job runs again."""
    agree(stage, world, "finance_question", "month_day", 4)
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    for _ in range(2):
        act(stage, made, world.operator_a, inputs.came, now=START + HOUR)
    assert len(moved(stage, made)) == 1
    once = cached(stage, made).due_at
    act(stage, made, world.operator_a, ledger.late_input, now=START + HOUR / 2, cut_off=THIRD,
        reason="inputs")  # fmt: skip
    assert len(moved(stage, made)) == 1
    assert cached(stage, made).due_at == once


def test_another_kind_has_its_own_cut_off(stage, world):
    cut_offs = {
        code: {"scope": "included", "cut_off": {"kind": "month_day", "number": number}}
        for code, number in (("finance_question", 20), ("hr_question", 25))
    }
    make_contract(stage, world.a, items=cut_offs)
    made = make_request(stage, world.a, at=START)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        classing.reclassify(
            request=get_request(actor=actor, number=made.number), actor=actor, now=START,
            item_code="hr_question", reason="It is about payroll.",
        )  # fmt: skip
    assert due_on(stage, made) == date(2026, 11, 25)


def test_what_was_agreed_when_it_was_raised_stays(stage, world):
    agree(stage, world, "finance_question", "month_day", 20)
    made = make_request(stage, world.a, at=START)
    make_contract(stage, world.a, number=2)
    act(stage, made, world.operator_a, ledger.recompute, now=START + HOUR)
    assert due_on(stage, made) == date(2026, 11, 20)


def test_both_sides_see_the_cut_off_and_both_dates(stage, world, sign_in_as):
    now = datetime.now(UTC)
    agree(stage, world, "payment_control", "month_day", 1)
    before = (now.date().replace(day=1) - DAY).replace(day=1)
    made = make_request(stage, world.a, item="payment_control",
                        values={"period": f"{before:%Y-%m}", "details": ""})  # fmt: skip
    for person in (world.a.user, world.operator_a):
        browser = sign_in_as(person)
        page = browser.get(made.url).text
        assert "Inputs due by" in page
        if now.day > 3:
            assert re.search(r"Due .*, first due ", page)
            assert "moved because an input came late" in browser.get(f"{made.url}/clock").text


def test_a_line_of_the_list_says_by_when_it_is_needed(stage, world, sign_in_as):
    agree(stage, world, "finance_question", "after", 3)
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    operator = sign_in_as(world.operator_a)
    send(stage, operator, made, "documents", name_1=world.a.text("statement"))
    for person in (world.a.user, world.operator_a):
        assert "needed by" in sign_in_as(person).get(made.url).text


looking = settings(
    max_examples=effort(50), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@looking
@given(
    calendars(), st.sampled_from(MOMENTS), st.sampled_from(sorted(MOST)), st.integers(1, 31),
    st.integers(-1500, 3000), st.integers(1, 600), st.booleans(),
)  # fmt: skip
def test_a_late_input_moves_the_date_by_what_every_minute_says(
    calendar: BusinessCalendar, start: datetime, kind: str, number: int, away: int, target: int,
    known: bool,
) -> None:  # fmt: skip
    """The clock runs from the start; the input comes so many minutes after its cut-off. Counted one
    by one, the due minute is the one in which the target and the lateness while it ran are used."""
    day = CutOff(kind, min(number, 3)).day(calendar, calendar.local_day(start), {})
    assert day is not None
    cut_off = calendar.midnight(day + DAY)
    came = max(cut_off + away * MINUTE, start)
    events: list[Event] = [_event(0, "started", start)]
    if came > cut_off:
        events += [_event(n, "moved", came, moment=cut_off) for n in range(1, 3 if known else 2)]
    found = read(events, "resolution", target=target, calendar=calendar, now=came)
    assert found is not None
    ran = slow.minutes_between(calendar, max(cut_off, start), came)
    assert found.due_at == slow.add_minutes(calendar, start, target + ran)
    assert found.late == slow.minutes_between(calendar, cut_off, came) * MINUTE
    assert found.moved == ran * MINUTE
    if came > cut_off:
        began = min(cut_off, start)
        assert found.original_due_at == slow.add_minutes(calendar, began, target)
