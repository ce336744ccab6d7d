"""Beside the clocks a month shows whether the client's inputs came in time, and the time recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from app.calendars.holidays import default_calendar
from app.service_levels.punctuality import Asked, judge_input, punctuality_of
from app.service_requests.documents.queries import get_line
from app.service_requests.queries import get_request
from app.service_requests.services import documents
from app.service_requests.services.documents import Wanted
from app.service_requests.services.timekeeping import record_time
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import go_on, make_request
from tests.factories.service_levels import sign
from tests.service_requests.sla.test_agreed_and_late import give
from tests.service_requests.sla.test_ledger import act

MAY = date(2026, 5, 1)
# A Tuesday at 10:00 in Paris; the cut-off is the end of Wednesday the 6th.
START = datetime(2026, 5, 5, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PARIS = default_calendar("FR", "Europe/Paris")
CUT_OFF = PARIS.midnight(date(2026, 5, 7))
ITEM = "finance_question"


def agree(stage, world, **more):
    cut_off = {"kind": "month_day", "number": 6}
    make_contract(stage, world.a, items={ITEM: {"scope": "included", "cut_off": cut_off}}, **more)


def asked(stage, world, count=1, **wanted):
    """So many documents of one request, by their lines."""
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=START)
    names = [world.a.text(f"statement {n}") for n in range(count)]
    act(stage, made, world.operator_a, documents.ask_documents, now=START,
        wanted=[Wanted(name, **wanted) for name in names])  # fmt: skip
    rows = stage.rows("SELECT id FROM document_lines WHERE request_id = :r ORDER BY position",
                      r=made.id)  # fmt: skip
    return made, [row.id for row in rows]


def month(browser, company, query=""):
    return browser.get(company.url(f"service-levels?month=2026-05{query}"))


def test_inputs_are_counted_by_their_cut_off(stage, world, sign_in_as):
    agree(stage, world)
    made, lines = asked(stage, world, 4)
    give(stage, made, lines[0], at=START + HOUR)
    # A holiday is between: Friday the 8th. On Monday at 11:00 two open hours are past.
    give(stage, made, lines[1], at=datetime(2026, 5, 11, 9, tzinfo=UTC))
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        line = get_line(request=row, line_id=lines[3])
        documents.withdraw(request=row, line=line, actor=actor, now=START + 7 * DAY)
    for person in (world.a.user, world.supervisor):
        page = month(sign_in_as(person), world.a).text
        assert "1 of 3 (33" in page
        assert "Late inputs" in page
    browser = sign_in_as(world.a.user)
    late = month(browser, world.a, "&line=finance&inputs=late").text
    assert world.a.text("statement 1") in late
    assert world.a.text("statement 2") in late
    assert world.a.text("statement 0") not in late
    assert "missing" in late
    everything = month(browser, world.a, "&inputs=all").text
    assert world.a.text("statement 0") in everything
    assert world.a.text("statement 3") not in everything
    assert month(browser, world.a, "&inputs=nonsense").status_code == 200
    file = browser.get(world.a.url("service-levels/month.csv?month=2026-05")).text
    assert "Document;2026-05-06;2026-05-05 11:00;0" in file


def test_files_of_the_form_are_inputs_too(stage, world, sign_in_as):
    cut_off = {"kind": "business_day", "number": 3}
    make_contract(stage, world.a,
                  items={"payment_control": {"scope": "included", "cut_off": cut_off}})  # fmt: skip
    for at in (START, START + 2 * DAY):
        # The third business day of May is Wednesday the 6th.
        make_request(stage, world.a, item="payment_control", at=at,
                     values={"period": "2026-04", "details": ""})  # fmt: skip
    page = month(sign_in_as(world.a.user), world.a, "&inputs=late").text
    assert "1 of 2 (" in page
    assert "Files of the form" in page


def test_a_signed_month_keeps_its_inputs(stage, world, sign_in_as):
    agree(stage, world)
    made, lines = asked(stage, world, 2)
    give(stage, made, lines[0], at=START + HOUR)
    june = datetime(2026, 6, 3, 8, tzinfo=UTC)
    sign(stage, world.a, world.supervisor, MAY, june)
    browser = sign_in_as(world.a.user)
    before = month(browser, world.a, "&inputs=all").text
    assert "1 of 2 (" in before
    give(stage, made, lines[1], at=june + DAY)
    assert "1 of 2 (" in month(browser, world.a, "&inputs=all").text
    frozen = stage.rows("SELECT came_at, minutes FROM sla_inputs WHERE tenant_id = :t"
                        " ORDER BY came_at", t=world.a.id)  # fmt: skip
    assert [row.came_at for row in frozen] == [START + HOUR, None]
    assert [row.minutes for row in frozen] == [0, PARIS.minutes_between(CUT_OFF, june)]


def test_a_line_sees_only_its_own(stage, world, sign_in_as):
    agree(stage, world)
    asked(stage, world)
    record(stage, world, 30)
    browser = sign_in_as(world.a.people["finance_only"])
    assert "Inputs in time" in month(browser, world.a).text
    stage.run("UPDATE members SET lines = '{hr}' WHERE tenant_id = :t AND user_id = :u",
              t=world.a.id, u=world.a.people["finance_only"].id)  # fmt: skip
    page = month(browser, world.a, "&inputs=all&time=1").text
    assert "Inputs in time" not in page
    assert world.a.text("statement 0") not in page


@pytest.mark.parametrize(
    ("came", "asked_at", "now", "expected"),
    [
        (CUT_OFF, START, CUT_OFF + DAY, (True, 0)),
        (CUT_OFF + timedelta(seconds=1), START, CUT_OFF + DAY, (False, 0)),
        (datetime(2026, 5, 7, 8, tzinfo=UTC), START, CUT_OFF + DAY, (False, 60)),
        (None, START, datetime(2026, 5, 7, 8, tzinfo=UTC), (False, 60)),
        (None, START, CUT_OFF, None),
        (CUT_OFF + DAY, CUT_OFF, CUT_OFF + DAY, None),
        (START, None, START, (True, 0)),
    ],
)
def test_what_is_in_time(came, asked_at, now, expected):
    one = Asked(uuid4(), 1, "finance", None, date(2026, 5, 6), asked_at, came)
    found = judge_input(one, PARIS, now)
    assert (found and (found.in_time, found.minutes)) == expected


def test_nothing_due_has_no_share():
    assert punctuality_of([]).share is None


def record(stage, world, minutes, *, made=None, at=START, billable=True):
    made = made or make_request(stage, world.a, state="in_progress", operator=world.operator_a,
                                at=START)  # fmt: skip
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        record_time(
            request=get_request(actor=actor, number=made.number), actor=actor, now=at,
            minutes=minutes, worked_on=at.date(), activity="Checked", billable=billable,
        )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("shown", "total", "listed"),
    [("nothing", False, False), ("totals", True, False), ("detail", True, True)],
)
def test_the_months_time_as_far_as_the_contract_shows_it(
    stage, world, sign_in_as, shown, total, listed
):
    make_contract(stage, world.a, time={"step": 15, "shown": shown})
    made = record(stage, world, 20)
    record(stage, world, 7, made=made, billable=False)
    client = month(sign_in_as(world.a.user), world.a, "&time=1").text
    assert ("37\u00a0min" in client) is total
    assert ("Time of 1 request" in client) is listed
    ours = month(sign_in_as(world.supervisor), world.a, "&time=1").text
    assert "37\u00a0min" in ours
    assert "Time of 1 request" in ours


def test_the_months_of_a_request_add_up_to_what_is_billed(stage, world, sign_in_as):
    """10 minutes in May and 10 in June are 20, rounded up to 30: 15 and 15."""
    make_contract(stage, world.a, time={"step": 15})
    made = record(stage, world, 10)
    record(stage, world, 10, made=made, at=START + 31 * DAY)
    browser = sign_in_as(world.supervisor)
    for name, billed in (("2026-05", "15"), ("2026-06", "15")):
        page = browser.get(world.a.url(f"service-levels?month={name}&time=1")).text
        assert f'class="num">{billed}\u00a0min</td>' in page
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor,
          at=START + 32 * DAY)  # fmt: skip
    # With 45 minutes of the factory's own: 65, rounded up.
    assert stage.value("SELECT sum(quantity) FROM usage_events WHERE tenant_id = :t"
                       " AND meter_key = 'operator_minutes'", t=world.a.id) == 75  # fmt: skip
