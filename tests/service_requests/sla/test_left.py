"""Time left in lists and in the head of a request: of the client's own calendar, not of the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.calendars.holidays import default_calendar
from app.service_requests.models import NEVER
from app.service_requests.sla import ledger
from app.service_requests.sla.left import Left, time_left
from tests.factories.lifecycle import ask, make_request
from tests.service_requests.sla.test_ledger import act, cached

PARIS = default_calendar("FR", "Europe/Paris")
# A Friday, 17:00 in Paris: an hour before the week ends.
FRIDAY = datetime(2026, 6, 5, 15, tzinfo=UTC)
MONDAY = datetime(2026, 6, 8, 8, tzinfo=UTC)


def row(**more):
    facts = {
        "state": "in_progress", "state_since": FRIDAY, "raised_at": FRIDAY - timedelta(days=1),
        "respond_by": None, "due_at": MONDAY, "breach_at": MONDAY,
    }  # fmt: skip
    return SimpleNamespace(**{**facts, **more})


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, Left("running", "resolution", 120, MONDAY)),
        ({"state": "new", "respond_by": FRIDAY + timedelta(minutes=30)},
         Left("running", "first_response", 30, FRIDAY + timedelta(minutes=30))),
        ({"due_at": FRIDAY - timedelta(hours=1)},
         Left("over", "resolution", -60, FRIDAY - timedelta(hours=1))),
        ({"state": "waiting_client", "breach_at": NEVER}, Left("paused", "resolution", 120, MONDAY)),
        ({"state": "waiting_client"}, Left("running", "resolution", 120, MONDAY)),
        ({"state": "delivered"}, None),
        ({"state": "closed"}, None),
        ({"due_at": FRIDAY - timedelta(days=1)}, None),
    ],
)  # fmt: skip
def test_what_a_row_says(facts, found):
    assert time_left(row(**facts), PARIS, FRIDAY) == found


def test_a_pause_shows_the_same_left_however_long_it_lasts():
    waits = row(state="waiting_client", breach_at=NEVER)
    first, later = (time_left(waits, PARIS, FRIDAY + timedelta(days=n)) for n in (0, 9))
    assert first == later


def test_what_happens_in_a_pause_changes_nothing_of_what_is_left(stage, world):
    at = datetime(2026, 6, 2, 8, tzinfo=UTC)
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=at)
    ask(stage, made, world.operator_a, at=at + timedelta(hours=1))
    before = cached(stage, made).due_at
    act(stage, made, world.operator_a, ledger.recompute, now=at + timedelta(days=3))
    assert cached(stage, made).due_at == before


@pytest.mark.parametrize("where", ["queue", "list"])
def test_a_calendar_of_the_contract_counts_in_lists(sign_in_as, stage, world, where):
    """Open for one hour in a week: what is weeks away on the wall is an hour of work."""
    now = datetime.now(UTC)
    at = now - timedelta(minutes=1)
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, at=at)
    week = ["" if n != now.weekday() else "00:00-01:00" for n in range(7)]
    stage.run(
        "INSERT INTO contract_versions (tenant_id, number, valid_from, document, activated_at,"
        " activated_by_name) VALUES (:t, 1, '2020-01-01', :d, now(), 'x')",
        t=world.a.id, d=document(week),
    )  # fmt: skip
    stage.run(
        "UPDATE requests SET due_at = :d, breach_at = :d WHERE id = :r",
        d=now + timedelta(days=14), r=made.id,
    )  # fmt: skip
    person = world.operator_a if where == "queue" else world.a.user
    path = "/desk/rows" if where == "queue" else world.a.url("requests")
    assert ">2\u00a0h<" in sign_in_as(person).get(path).text


def document(week):
    import json

    from app.contracts.document import first_document

    found = first_document("FR", "UTC")
    found["calendar"]["week"] = week
    found["calendar"]["country"] = "US"
    return json.dumps(found)


def test_a_paused_row_says_why(sign_in_as, stage, world):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    ask(stage, made, world.operator_a)
    assert "paused: the client has to answer" in sign_in_as(world.operator_a).get("/desk/rows").text
    page = sign_in_as(world.a.user).get(world.a.url("requests")).text
    assert "answer" in page.partition("paused: waits for your company")[2][:20]


def test_the_requests_head_names_both_clocks(sign_in_as, stage, world):
    made = make_request(stage, world.a)
    for person in (world.a.user, world.operator_a):
        head = sign_in_as(person).get(made.url).text.partition('class="detail-state"')[2]
        head = head.partition("</p>")[0]
        assert head.count(f'href="{made.url}/clock"') == 2
        assert head.index("First response") < head.index("Resolution")
