"""How the time is counted, for both sides; the client's objection to a pause."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.service_requests.queries import get_request
from app.service_requests.sla import contests
from app.service_requests.sla.queries import get_contest
from tests.factories import acting
from tests.factories.lifecycle import ask, make_request
from tests.notifications.mails import told
from tests.service_requests.browsing import HTMX

ASKED = timedelta(days=3)


@pytest.fixture
def asked(stage, world):
    """In work since last week, waiting for the client for three days."""
    at = datetime.now(UTC) - timedelta(days=7)
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=at)
    ask(stage, made, world.operator_a, at=datetime.now(UTC) - ASKED)
    return made


def pause_of(stage, made):
    return stage.value(
        "SELECT id FROM sla_events WHERE request_id = :r AND event = 'paused'", r=made.id
    )


def contest(browser, made, pause, words="We had answered by phone.", **more):
    return browser.post(
        f"{made.url}/clock/pauses/{pause}/contest",
        data={"client": made.company.slug, "words": words, **more},
    )


def decide(browser, made, stage, **form):
    row = stage.value("SELECT id FROM sla_contests WHERE request_id = :r", r=made.id)
    return browser.post(
        f"{made.url}/clock/contests/{row}", data={"client": made.company.slug, **form}
    )


def test_both_sides_see_the_clocks_and_why_one_stands_still(sign_in_as, world, asked):
    page = sign_in_as(world.a.user).get(f"{asked.url}/clock").text
    assert "First response" in page
    assert "Met" in page
    assert "The clock stood still" in page
    assert "waits for your company" in page
    assert "Contest this pause" in page
    page = sign_in_as(world.operator_a).get(f"{asked.url}/clock").text
    assert "the client has to answer" in page
    assert "Contest this pause" not in page


def test_the_requests_page_opens_it_at_its_side(sign_in_as, world, asked):
    browser = sign_in_as(world.a.user)
    assert f'hx-get="{asked.url}/clock"' in browser.get(asked.url).text
    part = browser.get(f"{asked.url}/clock", headers=HTMX).text
    assert "<html" not in part
    assert "Used" in part


def test_an_upheld_objection_makes_the_pause_count(sign_in_as, stage, world, asked):
    pause = pause_of(stage, asked)
    user = sign_in_as(world.a.user)
    assert contest(user, asked, pause).status_code == 303
    before = stage.value("SELECT due_at FROM requests WHERE id = :r", r=asked.id)
    reviewer = sign_in_as(world.supervisor)
    assert "We had answered by phone." in reviewer.get(f"{asked.url}/clock").text
    assert decide(reviewer, asked, stage, outcome="upheld").status_code == 303
    page = user.get(f"{asked.url}/clock").text
    assert "this time counts as ours" in page
    assert "A pause that counts as work" in page
    after, breach = stage.rows("SELECT due_at, breach_at FROM requests WHERE id = :r", r=asked.id)[
        0
    ]
    assert after <= before
    assert breach == after
    audited = {
        row.name
        for row in stage.rows("SELECT name FROM audit_events WHERE object_id = :r", r=asked.id)
    }
    assert {"service_requests.pause.contested", "service_requests.pause.decided"} <= audited


def test_a_declined_one_needs_words_and_changes_nothing(sign_in_as, stage, world, asked):
    contest(sign_in_as(world.a.user), asked, pause_of(stage, asked))
    reviewer = sign_in_as(world.supervisor)
    refused = decide(reviewer, asked, stage, outcome="declined")
    assert refused.status_code == 422
    assert "Say why the clock stood still." in refused.text
    answer = world.a.text("The bank statement was missing.")
    assert decide(reviewer, asked, stage, outcome="declined", answer=answer).status_code == 303
    page = sign_in_as(world.a.user).get(f"{asked.url}/clock").text
    assert "the pause stands" in page
    assert "The bank statement was missing." in page
    assert decide(reviewer, asked, stage, outcome="upheld").status_code == 409
    assert stage.rows("SELECT 1 FROM sla_events WHERE event = 'voided' AND request_id = :r",
                      r=asked.id) == []  # fmt: skip


def test_who_may_contest_and_decide(sign_in_as, stage, world, asked):
    pause = pause_of(stage, asked)
    assert contest(sign_in_as(world.operator_a), asked, pause).status_code == 403
    assert contest(sign_in_as(world.b.user), asked, pause).status_code == 404
    user = sign_in_as(world.a.user)
    assert contest(user, asked, pause, words="").status_code == 422
    assert contest(user, asked, pause, client=world.b.slug).status_code == 409
    assert contest(user, asked, pause).status_code == 303
    assert contest(user, asked, pause).status_code == 409
    assert decide(user, asked, stage, outcome="upheld").status_code == 403
    assert decide(sign_in_as(world.operator_a), asked, stage, outcome="upheld").status_code == 403


def test_who_stopped_the_clock_does_not_judge_it(sign_in_as, stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.supervisor)
    ask(stage, made, world.supervisor)
    contest(sign_in_as(world.a.user), made, pause_of(stage, made))
    refused = decide(sign_in_as(world.supervisor), made, stage, outcome="declined", answer="No")
    assert refused.status_code == 403
    assert "Somebody else has to decide this." in refused.text


def test_only_pauses_of_this_request_are_contested(sign_in_as, stage, world, asked):
    started = stage.value(
        "SELECT id FROM sla_events WHERE request_id = :r AND event = 'started' LIMIT 1", r=asked.id
    )
    other = make_request(stage, world.a)
    user = sign_in_as(world.a.user)
    assert contest(user, asked, started).status_code == 404
    assert contest(user, other, pause_of(stage, asked)).status_code == 404


def test_both_are_told(sign_in_as, stage, world, asked):
    contest(sign_in_as(world.a.user), asked, pause_of(stage, asked))
    decide(sign_in_as(world.supervisor), asked, stage, outcome="upheld")
    assert world.supervisor.email in told(stage, world.a, "request.pause_contested")
    assert told(stage, world.a, "request.contest_decided") == {world.a.user.email}


def test_a_late_input_shows_both_dates(sign_in_as, stage, world):
    at = datetime.now(UTC) - timedelta(days=7)
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=at)
    stage.run(
        "INSERT INTO sla_events (tenant_id, request_id, seq, clock, event, at, reason, moment,"
        " actor_name) VALUES (:t, :r, 50, 'resolution', 'moved', :now, 'documents', :m, 'x')",
        t=world.a.id, r=made.id, now=at + timedelta(days=3), m=at,
    )  # fmt: skip
    page = sign_in_as(world.a.user).get(f"{made.url}/clock").text
    assert re.search(r"First due.*<s>.*moved because an input came late", page, re.DOTALL)


def test_two_reviewers_at_once_decide_once(sign_in_as, stage, world, asked):
    """Both have read the objection while it was open."""
    contest(sign_in_as(world.a.user), asked, pause_of(stage, asked))
    row = stage.value("SELECT id FROM sla_contests WHERE request_id = :r", r=asked.id)
    both_have_read, refused = threading.Barrier(2), []

    def decide_it(*, upheld: bool) -> None:
        try:
            with acting(stage, world.supervisor.scope(world.a)):
                actor = world.supervisor.actor(world.a, level="review")
                request = get_request(actor=actor, number=asked.number)
                found = get_contest(request_id=request.id, contest_id=row)
                both_have_read.wait(timeout=10)
                contests.decide(
                    request=request, contest=found, upheld=upheld, answer="Read the mail.",
                    actor=actor, now=datetime.now(UTC),
                )  # fmt: skip
        except contests.AlreadyDecided:
            refused.append(upheld)

    threads = [threading.Thread(target=decide_it, kwargs={"upheld": one}) for one in (True, False)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    (loser,) = refused
    outcome = stage.value("SELECT outcome FROM sla_contests WHERE id = :i", i=row)
    assert outcome == ("declined" if loser else "upheld")
    voids = stage.rows("SELECT 1 FROM sla_events WHERE event = 'voided' AND request_id = :r",
                       r=asked.id)  # fmt: skip
    assert len(voids) == (0 if loser else 1)
