"""As many people as agreed, different ones, on the same files; in time, or asked anew."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from app.calendars.business_time import BusinessCalendar
from app.catalogue.memory import get_item
from app.service_requests.approvals import rules
from app.service_requests.queries import get_request
from app.service_requests.services import approving, decisions
from tenants.permissions import system_actor
from tests.factories import acting, make_member
from tests.factories.contracts import make_contract
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request, row_state
from tests.factories.people import now
from tests.service_requests.browsing import package_on, send


@pytest.fixture
def second(world, stage):
    return make_member(stage, world.a, key="second", approver=True)


@pytest.fixture
def made(world, stage, second):
    """Two have to approve: the result stands for more than the contract's limit."""
    make_contract(stage, world.a, limits={"finance": 100_000})
    return waiting(world, stage, amount=100_001)


def waiting(world, stage, *, amount=None, **more):
    made = make_request(stage, world.a, item="payment_control", state="in_review",
                        operator=world.operator_a, **more)  # fmt: skip
    if amount is not None:
        stage.run(
            "UPDATE deliverables SET slip = jsonb_build_object('amount', CAST(:a AS int))"
            " WHERE tenant_id = :t AND request_id = :r", a=amount, t=world.a.id, r=made.id,
        )  # fmt: skip
    with acting(stage, world.supervisor.scope(world.a)):
        actor = world.supervisor.actor(world.a, level="review")
        row = get_request(actor=actor, number=made.number)
        decisions.pass_review(request=row, actor=actor, now=now())
    return made


def approve(stage, person, made, sign_in_as, *, at=None):
    browser = sign_in_as(person)
    return send(
        stage, browser, made, "approve", sha256=package(stage, made), code=person.code(at=at)
    )


def package(stage, made):
    return stage.value(
        "SELECT sha256 FROM approval_rounds WHERE tenant_id = :t AND request_id = :r"
        " ORDER BY asked_at DESC, id DESC LIMIT 1", t=made.company.id, r=made.id,
    )  # fmt: skip


def given(stage, made):
    return stage.rows(
        "SELECT approver_id, voice_id FROM approvals WHERE tenant_id = :t AND request_id = :r"
        " AND decision = 'approved' ORDER BY at", t=made.company.id, r=made.id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "limit", "expected"),
    [(None, None, 1), (None, 5, 1), (5, None, 1), (5, 5, 1), (6, 5, 2), (6, 0, 2)],
)
def test_two_above_the_limit(amount, limit, expected):
    assert rules.needed(get_item("payment_control"), amount=amount, limit=limit) == expected


def test_it_takes_two_different_people(world, made, second, stage, sign_in_as):
    assert approve(stage, world.a.approver, made, sign_in_as).status_code == 303
    assert row_state(stage, made) == "awaiting_approval"
    page = sign_in_as(second).get(made.url).text
    assert "1 of 2 approvals" in page
    assert f"{world.a.approver.name} approved" in page
    assert "Approve and release" in page
    own = sign_in_as(world.a.approver).get(made.url).text
    assert "Your approval counts." in own
    assert "Approve and release" not in own
    later = time.time() + 30
    again = approve(stage, world.a.approver, made, sign_in_as, at=later)
    assert again.status_code == 409
    assert "You approved this already." in again.text
    assert approve(stage, second, made, sign_in_as).status_code == 303
    assert row_state(stage, made) == "delivered"
    assert [row.approver_id for row in given(stage, made)] == [world.a.approver.id, second.id]


def test_the_second_may_refuse_and_all_begins_anew(world, made, second, stage, sign_in_as):
    approve(stage, world.a.approver, made, sign_in_as)
    refused = send(stage, sign_in_as(second), made, "refuse",
                   sha256=package(stage, made), reason="The total is wrong")  # fmt: skip
    assert refused.status_code == 303
    assert row_state(stage, made) == "in_progress"
    outcome = stage.value("SELECT outcome FROM approval_rounds WHERE tenant_id = :t", t=world.a.id)
    assert outcome == "refused"


def test_other_files_void_what_was_approved(world, made, second, stage, sign_in_as):
    approve(stage, world.a.approver, made, sign_in_as)
    stage.run(
        "UPDATE deliverables SET version = version + 1 WHERE tenant_id = :t AND request_id = :r",
        t=world.a.id, r=made.id,
    )  # fmt: skip
    browser = sign_in_as(second)
    sha256 = package_on(browser, made)
    assert sha256 != package(stage, made)
    done = send(stage, browser, made, "approve", sha256=sha256, code=second.code())
    assert done.status_code == 303
    assert row_state(stage, made) == "awaiting_approval"
    assert "1 of 2 approvals" in browser.get(made.url).text
    outcomes = stage.rows(
        "SELECT outcome FROM approval_rounds WHERE tenant_id = :t ORDER BY asked_at", t=world.a.id
    )
    assert [row.outcome for row in outcomes] == ["replaced", None]


def test_the_database_holds_two_people_and_one_package(world, made, second, stage, sign_in_as):
    approve(stage, world.a.approver, made, sign_in_as)
    copy = (
        "INSERT INTO approvals (tenant_id, request_id, decision, sha256, approver_id,"
        " approver_name, second_factor_at, round_id, voice_id, at) SELECT tenant_id, request_id,"
        " decision, {sha256}, {person}, approver_name, second_factor_at, round_id, {voice}, at"
        " FROM approvals WHERE tenant_id = :t AND request_id = :r AND decision = 'approved'"
    )
    for values in (
        {"sha256": "sha256", "person": "approver_id", "voice": "uuidv7()"},
        {"sha256": "sha256", "person": "uuidv7()", "voice": "voice_id"},
        {"sha256": "repeat('0', 64)", "person": "uuidv7()", "voice": "uuidv7()"},
    ):
        with pytest.raises(IntegrityError):
            stage.run(copy.format(**values), t=world.a.id, r=made.id)


def _at_once(stage, people, act):
    def one(person):
        try:
            with acting(stage, person.scope()):
                act(person)
        except Exception as error:  # noqa: BLE001 - what became of it is what is asked for
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, people))


def test_two_at_once_are_two(world, made, second, stage):
    sha256 = package(stage, made)

    def act(person):
        row = get_request(actor=person.actor(), number=made.number)
        approving.approve(
            request=row, actor=person.actor(), now=now(), real_now=now(), sha256=sha256
        )

    assert _at_once(stage, [world.a.approver, second], act) == ["done", "done"]
    assert row_state(stage, made) == "delivered"
    assert len(given(stage, made)) == 2


def test_one_refuses_while_the_other_approves(world, stage, second):
    """One approval is enough: whoever is second finds it decided."""
    made = waiting(world, stage)
    sha256 = package(stage, made)

    def act(person):
        row = get_request(actor=person.actor(), number=made.number)
        values = {"request": row, "actor": person.actor(), "now": now(), "sha256": sha256}
        if person is second:
            approving.refuse(**values, reason="no")
        else:
            approving.approve(**values, real_now=now())

    found = _at_once(stage, [world.a.approver, second], act)
    assert sorted(found) == ["RequestMoveRefused", "done"]
    assert row_state(stage, made) == ("delivered" if found[0] == "done" else "in_progress")
    assert int(stage.value(
        "SELECT count(*) FROM usage_events WHERE tenant_id = :t", t=world.a.id
    )) == (1 if found[0] == "done" else 0)  # fmt: skip


def test_after_its_time_it_is_asked_anew(world, made, second, stage, sign_in_as):
    approve(stage, world.a.approver, made, sign_in_as)
    stage.run(
        "UPDATE approval_rounds SET expires_at = now() - interval '1 minute' WHERE tenant_id = :t",
        t=world.a.id,
    )  # fmt: skip
    late = approve(stage, second, made, sign_in_as)
    assert late.status_code == 409
    assert "The time for this approval is over." in late.text
    assert "The time to decide is over." in sign_in_as(second).get(made.url).text

    with acting(stage, world.a.scope):
        assert approving.notice_expired(actor=system_actor(world.a.id), now=now()) == 1
        assert approving.notice_expired(actor=system_actor(world.a.id), now=now()) == 0
    told = [row.event for row in stage.rows(
        "SELECT args->>'event' AS event FROM jobs WHERE tenant_id = :t ORDER BY created_at",
        t=world.a.id,
    )]  # fmt: skip
    assert told.count("request.approval_expired") == 1

    operator = sign_in_as(world.operator_a)
    assert "Ask again" in operator.get(made.url).text
    assert send(stage, operator, made, "ask-approval").status_code == 303
    assert send(stage, operator, made, "ask-approval").status_code == 409
    assert approve(stage, second, made, sign_in_as).status_code == 303
    assert row_state(stage, made) == "awaiting_approval", "the first approval is of another round"
    assert (
        approve(stage, world.a.approver, made, sign_in_as, at=time.time() + 30).status_code == 303
    )
    assert row_state(stage, made) == "delivered"


def test_the_hourly_job_notices(world, made, stage):
    stage.run(
        "UPDATE approval_rounds SET expires_at = now() - interval '1 minute' WHERE tenant_id = :t",
        t=world.a.id,
    )  # fmt: skip
    stage.run(
        "INSERT INTO jobs (tenant_id, id, name, queue, args) VALUES"
        " (:t, uuidv7(), 'approvals.expire', 'default', '{}')", t=world.a.id,
    )  # fmt: skip
    assert run_jobs(stage, world.a.id, name="approvals.expire") == ["approvals.expire"]
    assert stage.value("SELECT expired_at FROM approval_rounds WHERE tenant_id = :t", t=world.a.id)


def test_a_refused_code_is_written_down(world, made, stage, sign_in_as):
    browser = sign_in_as(world.a.approver)
    refused = send(stage, browser, made, "approve", sha256=package(stage, made), code="000000")
    assert refused.status_code == 422
    events = stage.rows(
        "SELECT object_id, actor_id FROM audit_events WHERE tenant_id = :t"
        " AND name = 'service_requests.approval.code_refused'", t=world.a.id,
    )  # fmt: skip
    assert [(row.object_id, row.actor_id) for row in events] == [(made.id, world.a.approver.id)]


@pytest.mark.parametrize(
    ("asked", "until"),
    [("2026-06-01T08:00Z", "2026-06-15T22:00Z"), ("2026-06-06T08:00Z", "2026-06-19T22:00Z"),
     ("2026-10-19T08:00Z", "2026-11-02T23:00Z")],
    ids=["a Monday", "a Saturday", "over the end of summer time"],
)  # fmt: skip
def test_it_ends_with_the_tenth_business_day(asked, until):
    calendar = BusinessCalendar("Europe/Paris", (((540, 1020),),) * 5 + ((), ()))
    found = rules.expiry(asked_at=datetime.fromisoformat(asked), days=10, calendar=calendar)
    assert found == datetime.fromisoformat(until)
