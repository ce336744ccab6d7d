"""One timer a person, whatever the client; what it measured is recorded once."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from app.service_requests.queries import get_request
from app.service_requests.services import timekeeping
from app.timesheets.services.timers import FORGOTTEN_SECONDS, NoTimer, TimerForgotten
from tests.factories import acting, make_grant, make_staff
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import Made, make_request
from tests.factories.people import now


def _do(stage: Any, person: Any, made: Made, verb: Any, **more: Any) -> Any:
    actor = person.actor(made.company)
    with acting(stage, person.scope(made.company)):
        row = get_request(actor=actor, number=made.number)
        return verb(request=row, actor=actor, **{"now": now()} | more)


def _start(stage: Any, person: Any, made: Made, **more: Any) -> None:
    at = more.get("now", now())
    _do(stage, person, made, timekeeping.start_timer, today=at.date(), **more)


def _minutes(stage: Any, made: Made) -> list[int]:
    found = stage.rows(
        "SELECT minutes FROM time_entries WHERE tenant_id = :t AND request_id = :r ORDER BY at",
        t=made.company.id, r=made.id,
    )  # fmt: skip
    return [row.minutes for row in found]


def _timers(stage: Any, person: Any) -> int:
    return int(stage.value("SELECT count(*) FROM timers WHERE user_id = :u", u=person.id))


def test_a_timer_is_paused_goes_on_and_is_recorded(stage: Any, world: Any) -> None:
    person = world.operator_a
    made = make_request(stage, world.a, state="in_progress", operator=person)
    begin = now() - timedelta(hours=3)
    _start(stage, person, made, now=begin)
    _do(stage, person, made, timekeeping.pause_timer, now=begin + timedelta(minutes=20))
    _start(stage, person, made, now=begin + timedelta(minutes=60))
    _do(stage, person, made, timekeeping.stop_timer, now=begin + timedelta(minutes=70, seconds=1))
    assert _minutes(stage, made) == [31]
    assert _timers(stage, person) == 0
    with pytest.raises(NoTimer):
        _do(stage, person, made, timekeeping.stop_timer)


def test_starting_elsewhere_books_the_first(stage: Any, world: Any) -> None:
    """At the same client at once, at another by a job of that client, once."""
    person = world.operator_both
    first, second = (make_request(stage, world.a, state="in_progress", operator=person)
                     for _ in range(2))  # fmt: skip
    other = make_request(stage, world.b, state="in_progress", operator=person)
    begin = now() - timedelta(hours=2)
    _start(stage, person, first, now=begin)
    _start(stage, person, second, now=begin + timedelta(minutes=12))
    assert (_minutes(stage, first), _timers(stage, person)) == ([12], 1)
    _start(stage, person, other, now=begin + timedelta(minutes=42))
    assert (_minutes(stage, second), _timers(stage, person)) == ([], 1)
    run_jobs(stage, world.a.id)
    assert _minutes(stage, second) == [30]
    assert stage.value(
        "SELECT user_name FROM time_entries WHERE tenant_id = :t AND request_id = :r",
        t=world.a.id, r=second.id,
    ) == person.name  # fmt: skip
    stage.run("UPDATE jobs SET state = 'queued' WHERE tenant_id = :t"
              " AND name = 'timesheets.book_timer'", t=world.a.id)  # fmt: skip
    run_jobs(stage, world.a.id)
    assert _minutes(stage, second) == [30]


def test_a_forgotten_timer_is_asked_about(stage: Any, world: Any) -> None:
    person = world.operator_both
    made = make_request(stage, world.a, state="in_progress", operator=person)
    other = make_request(stage, world.b, state="in_progress", operator=person)
    begin = now() - timedelta(seconds=FORGOTTEN_SECONDS + 60)
    _start(stage, person, made, now=begin)
    with pytest.raises(TimerForgotten):
        _do(stage, person, made, timekeeping.stop_timer)
    with pytest.raises(TimerForgotten):
        _start(stage, person, other)
    assert (_minutes(stage, made), _timers(stage, person)) == ([], 1)
    _do(stage, person, made, timekeeping.stop_timer, minutes=95)
    assert (_minutes(stage, made), _timers(stage, person)) == ([95], 0)


def test_the_timer_stands_on_every_page_and_survives_signing_out(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    person, made = world.operator_a, None
    made = make_request(stage, world.a, state="in_progress", operator=person)
    browser = sign_in_as(person)
    form = {"client": world.a.slug}
    assert browser.post(f"{made.url}/timer/start", data=form).status_code == 303
    label = f"{world.a.code} #{made.number}"
    for page in ("/desk", made.url, "/time"):
        assert label in browser.get(page).text, page
    later = sign_in_as(person)
    assert label in later.get("/desk").text
    assert label not in sign_in_as(world.operator_both).get("/desk").text
    answer = later.post(f"{made.url}/timer/stop", data=form | {"back": "/desk?view=mine"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk?view=mine")
    assert label not in later.get("/desk").text
    assert _minutes(stage, made) == [1]


def test_a_timer_of_a_client_that_is_closed_by_now_is_dropped(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    person = world.operator_a
    made = make_request(stage, world.a, state="in_progress", operator=person)
    browser = sign_in_as(person)
    browser.post(f"{made.url}/timer/start", data={"client": world.a.slug})
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=person.id)
    assert browser.post(f"{made.url}/timer/stop", data={"client": world.a.slug}).status_code == 404
    assert browser.post("/time/timer/discard").status_code == 303
    assert browser.post("/time/timer/discard").status_code == 409
    assert (_minutes(stage, made), _timers(stage, person)) == ([], 0)


def test_the_week_shows_every_minute_and_exports_it(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    person = world.operator_both
    browser, today = sign_in_as(person), now().date()
    for company, minutes in ((world.a, 50), (world.b, 25)):
        made = make_request(stage, company, state="in_progress", operator=person)
        _do(stage, person, made, timekeeping.record_time, minutes=minutes, worked_on=today,
            activity=company.text("=1+1"), comment=company.text("between us"))  # fmt: skip
    page = browser.get("/time").text
    assert "1\u00a0h\u00a015" in page
    assert world.a.text("=1+1") in page
    table = browser.get("/time/export?kind=csv").data.decode("utf-8-sig")
    assert sorted(line.split(";")[3] for line in table.splitlines()[1:]) == ["25", "50"]
    file = io.BytesIO(browser.get("/time/export?kind=xlsx").data)
    sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert sorted(row[3] for row in sheet[1:]) == [25, 50]
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u AND tenant_id = :t",
              u=person.id, t=world.b.id)  # fmt: skip
    page = browser.get("/time").text
    assert "1\u00a0h\u00a015" in page
    assert world.b.canary not in page
    assert "25\u00a0min" in page


def test_a_supervisor_sees_figures_by_grant(stage: Any, world: Any, sign_in_as: Any) -> None:
    person, today = world.operator_both, now().date()
    for company, minutes in ((world.a, 33), (world.b, 44)):
        made = make_request(stage, company, state="in_progress", operator=person)
        _do(stage, person, made, timekeeping.record_time, minutes=minutes, worked_on=today,
            activity=company.text("words"))  # fmt: skip
    browser = sign_in_as(world.supervisor)
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u AND tenant_id = :t",
              u=world.supervisor.id, t=world.b.id)  # fmt: skip
    page = browser.get(f"/time/team?person={person.id}").text
    assert "33\u00a0min" in page
    assert "44\u00a0min" not in page
    assert world.a.text("words") not in page
    assert sign_in_as(person).get("/time/team").status_code == 403


def test_a_minus_sign_throws_no_measured_time_away(stage: Any, world: Any, sign_in_as: Any) -> None:
    person = world.operator_a
    made = make_request(stage, world.a, state="in_progress", operator=person)
    _start(stage, person, made, now=now() - timedelta(hours=11))
    form = {"client": world.a.slug, "minutes": "-30", "activity": "", "category": "work"}
    refused = sign_in_as(person).post(f"{made.url}/timer/stop", data=form)
    assert refused.status_code == 422
    assert "To take time back, correct its entry." in refused.text
    assert (_minutes(stage, made), _timers(stage, person)) == ([], 1)


def test_the_minutes_of_who_left_stay_on_the_sheet(stage: Any, world: Any, sign_in_as: Any) -> None:
    left, idle = make_staff(stage, name="Lea Gone"), make_staff(stage, name="Ida Gone")
    make_grant(stage, world.a, left)
    made = make_request(stage, world.a, state="in_progress", operator=left)
    _do(stage, left, made, timekeeping.record_time, minutes=37, worked_on=now().date(),
        activity=world.a.text("words"))  # fmt: skip
    stage.run("UPDATE staff SET active = false WHERE user_id IN (:a, :b)", a=left.id, b=idle.id)
    page = sign_in_as(world.supervisor).get("/time/team").text
    assert "Lea Gone" in page
    assert "37\u00a0min" in page
    assert "Ida Gone" not in page
