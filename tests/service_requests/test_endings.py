"""How requests end: confirmed, by silence, cancelled, rejected; and how they come back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.service_requests.models import Question
from app.service_requests.queries import get_request
from app.service_requests.services import conversation, ending, tending, timekeeping
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.lifecycle import Made, make_request, row_state, version_of
from tests.service_requests.browsing import send

# A Thursday; Friday 2026-12-25 and Friday 2027-01-01 are holidays.
THURSDAY = datetime(2026, 12, 17, 10, tzinfo=UTC)


def _billed(stage: Any, made: Made) -> int:
    return int(
        stage.value(
            "SELECT coalesce(sum(quantity), 0) FROM usage_events WHERE tenant_id = :t"
            " AND meter_key = 'operator_minutes'", t=made.company.id,
        )
    )  # fmt: skip


def _delivered(stage: Any, world: Any, at: datetime) -> Made:
    made = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    stage.run(
        "UPDATE requests SET state_since = :at, delivered_at = :at WHERE tenant_id = :t"
        " AND id = :i", at=at, t=world.a.id, i=made.id,
    )  # fmt: skip
    return made


def _tend(stage: Any, made: Made, at: datetime) -> str:
    with acting(stage, made.company.scope):
        tending.tend(actor=system_actor(made.company.id), now=at)
    return row_state(stage, made)


def _reopen(stage: Any, made: Made, at: datetime) -> None:
    user = made.company.user
    with acting(stage, user.scope()):
        row = get_request(actor=user.actor(), number=made.number)
        ending.reopen(request=row, actor=user.actor(), now=at, reason="a page is missing")


def test_silence_of_five_business_days_closes(world: Any, stage: Any) -> None:
    made = _delivered(stage, world, THURSDAY)
    # Fri 18, Mon 21, Tue 22, Wed 23, Thu 24: the fifth day counts until its midnight in Paris.
    assert _tend(stage, made, datetime(2026, 12, 24, 22, 59, tzinfo=UTC)) == "delivered"
    assert _tend(stage, made, datetime(2026, 12, 24, 23, 1, tzinfo=UTC)) == "closed"
    # Again, later, changes nothing.
    assert _tend(stage, made, datetime(2027, 1, 24, tzinfo=UTC)) == "closed"
    moves = stage.rows(
        "SELECT verb, actor_side FROM request_moves WHERE tenant_id = :t AND request_id = :r"
        " ORDER BY id", t=world.a.id, r=made.id,
    )  # fmt: skip
    assert [tuple(one) for one in moves].count(("lapse", "system")) == 1


def test_holidays_and_words_of_the_client_count(world: Any, stage: Any) -> None:
    made = _delivered(stage, world, THURSDAY)
    user = world.a.user
    monday = datetime(2026, 12, 21, 9, tzinfo=UTC)
    with acting(stage, user.scope()):
        row = get_request(actor=user.actor(), number=made.number)
        conversation.send_message(request=row, actor=user.actor(), now=monday,
                                  body=world.a.text("Thank you!"), uploads=[])  # fmt: skip
    assert row_state(stage, made) == "delivered", "a thank you restarts nothing"
    # Tue 22, Wed 23, Thu 24, no Christmas, Mon 28, Tue 29.
    assert _tend(stage, made, datetime(2026, 12, 29, 12, tzinfo=UTC)) == "delivered"
    assert _tend(stage, made, datetime(2026, 12, 30, 12, tzinfo=UTC)) == "closed"


def test_reopening_within_ten_business_days(world: Any, stage: Any) -> None:
    made = _delivered(stage, world, THURSDAY)
    assert _tend(stage, made, datetime(2026, 12, 30, tzinfo=UTC)) == "closed"
    # 18, 21, 22, 23, 24, 28, 29, 30, 31 December, 4 January.
    last = datetime(2027, 1, 4, 22, 30, tzinfo=UTC)
    with pytest.raises(ending.TooLateToReopen):
        _reopen(stage, made, last + timedelta(hours=1))
    _reopen(stage, made, last)
    row = stage.rows("SELECT * FROM requests WHERE tenant_id = :t AND id = :i",
                     t=world.a.id, i=made.id)[0]  # fmt: skip
    assert (row.state, row.reopened_count, row.closed_at) == ("reopened", 1, None)
    assert row.delivered_at == THURSDAY


def test_after_the_window_a_follow_up_is_offered(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = _delivered(stage, world, datetime(2026, 1, 15, tzinfo=UTC))
    user = sign_in_as(world.a.user)
    assert send(stage, user, made, "close").status_code == 303
    page = user.get(made.url).text
    assert "?act=follow_up" in page
    assert "?act=reopen" not in page
    refused = send(stage, user, made, "reopen", reason="a page is missing")
    assert refused.status_code == 409
    assert "follow-up request" in refused.text
    words = world.a.text("another page is missing")
    assert send(stage, user, made, "follow-up", details=words).status_code == 303
    made_two = Made(made.id, made.number + 1, world.a)
    assert words in user.get(made_two.url).text
    assert "Follows" in user.get(made_two.url).text
    assert "Followed by" in user.get(made.url).text


def test_reopening_through_the_page(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    assert "Something is not right" in user.get(made.url).text
    assert send(stage, user, made, "reopen", reason=" ").status_code == 422
    words = world.a.text("customer 12 is missing")
    assert send(stage, user, made, "reopen", reason=words).status_code == 303
    assert words in operator.get(made.url).text
    assert send(stage, operator, made, "reopen", reason="no").status_code == 403
    assert send(stage, operator, made, "start").status_code == 303
    assert row_state(stage, made) == "in_progress"


def test_time_is_billed_once_over_two_deliveries(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    assert _billed(stage, made) == 45
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    send(stage, user, made, "reopen", reason="a page is missing")
    send(stage, operator, made, "start")
    entry = {"minutes": "20", "worked_on": "2026-11-20", "activity": "Again", "billable": "1"}
    assert send(stage, operator, made, "time", **entry).status_code == 303
    assert send(stage, operator, made, "submit").status_code == 303
    assert send(stage, sign_in_as(world.supervisor), made, "pass").status_code == 303
    assert row_state(stage, made) == "delivered"
    assert _billed(stage, made) == 65
    entry["minutes"] = "-50"
    assert send(stage, operator, made, "time", **entry).status_code == 303
    assert _billed(stage, made) == 15


def test_cancelled_work_is_billed_and_asks_nothing_more(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        timekeeping.record_time(request=row, actor=actor, now=THURSDAY, minutes=30,
                         worked_on=THURSDAY.date(), activity="Call")  # fmt: skip
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    assert send(stage, user, made, "cancel", reason="no").status_code == 409
    assert send(stage, operator, made, "cancel", reason="no").status_code == 403
    words = world.a.text("the customer paid")
    supervisor = sign_in_as(world.supervisor)
    assert send(stage, supervisor, made, "cancel", reason="").status_code == 422
    assert send(stage, supervisor, made, "cancel", reason=words).status_code == 303
    assert row_state(stage, made) == "cancelled"
    assert _billed(stage, made) == 30
    assert words in user.get(made.url).text
    open_ones = stage.value(
        f"SELECT count(*) FROM {Question.__tablename__} WHERE tenant_id = :t"
        " AND answered_at IS NULL AND withdrawn_at IS NULL", t=world.a.id,
    )  # fmt: skip
    assert open_ones == 0
    assert send(stage, supervisor, made, "cancel", reason=words).status_code == 409
    assert _billed(stage, made) == 30


def test_rejecting_is_the_reviewers_and_says_why(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a)
    assert send(stage, sign_in_as(world.operator_a), made, "reject", reason="x").status_code == 403
    supervisor = sign_in_as(world.supervisor)
    assert send(stage, supervisor, made, "reject", reason=" ").status_code == 422
    words = world.a.text("this is for your lawyer")
    assert send(stage, supervisor, made, "reject", reason=words).status_code == 303
    page = sign_in_as(world.a.user).get(made.url).text
    assert words in page
    assert "Rejected" in page
    assert _billed(stage, made) == 0


def test_what_needs_no_check_is_handed_over_at_once(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a, item="administration_question", state="in_progress",
                        operator=world.operator_a)  # fmt: skip
    operator = sign_in_as(world.operator_a)
    assert "at least one deliverable" in send(stage, operator, made, "deliver").text
    from tests.factories.lifecycle import attach

    attach(stage, made, world.operator_a)
    assert "Record your time first" in send(stage, operator, made, "deliver").text
    entry = {"minutes": "5", "worked_on": "2026-11-20", "activity": "Letter", "billable": "1"}
    send(stage, operator, made, "time", **entry)
    assert send(stage, operator, made, "deliver").status_code == 303
    assert row_state(stage, made) == "delivered"
    assert "report.pdf" in sign_in_as(world.a.user).get(made.url).text

    checked = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    assert "Somebody else checks" in send(stage, operator, checked, "deliver").text
    assert row_state(stage, checked) == "in_progress"


def test_a_follow_up_is_raised_once_by_two_clicks(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = _delivered(stage, world, datetime(2026, 1, 15, tzinfo=UTC))
    user = sign_in_as(world.a.user)
    send(stage, user, made, "close")
    sent = {"details": world.a.text("another page"), "version": version_of(stage, made)}
    browsers = [sign_in_as(world.a.user) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda one: send(stage, one, made, "follow-up", **sent), browsers))
    assert sorted(one.status_code for one in answers) == [303, 409, 409]
    assert send(stage, user, made, "follow-up", **sent).status_code == 409
    assert stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id) == 2
