"""Whatever is recorded, corrected and settled in whatever order: what is shown is what is recorded,
and what is billed of a delivered request is what is billable."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.service_requests.billed import bill_minutes
from app.service_requests.queries import get_request
from app.service_requests.services import timekeeping
from app.service_requests.time_presenting import rows as shown_rows
from app.timesheets.queries import get_entry, select_entries
from app.timesheets.services import months
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tests.factories import acting
from tests.factories.lifecycle import Made, make_request
from tests.factories.people import now
from tests.factories.world import make_world

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["record", "correct", "delete", "timer", "deliver"]),
        st.integers(1, 200), st.booleans(), st.integers(0, 5),
    ),
    max_size=9,
)  # fmt: skip


@pytest.fixture
def open_months(stage: Any) -> Any:
    """What is settled here is so for everybody: it goes again."""
    yield
    stage.run("DELETE FROM locked_months")


def _made(stage: Any, world: Any, state: str = "in_progress") -> Made:
    return make_request(stage, world.a, state=state, operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip


def _do(stage: Any, world: Any, made: Made, verb: Any, person: Any = None, **more: Any) -> Any:
    person = person or world.operator_a
    actor = person.actor(made.company)
    with acting(stage, person.scope(made.company)):
        row = get_request(actor=actor, number=made.number)
        if "entry" in more:
            more["entry"] = get_entry(request_id=row.id, entry_id=more["entry"])
        return verb(request=row, actor=actor, **{"now": now()} | more).id


def _record(stage: Any, world: Any, made: Made, minutes: int = 30, **more: Any) -> UUID:
    values = {"worked_on": now().date(), "activity": "Checked"} | more
    found: UUID = _do(stage, world, made, timekeeping.record_time, minutes=minutes, **values)
    return found


def _correct(stage: Any, world: Any, made: Made, entry: UUID, minutes: int, **more: Any) -> UUID:
    values = {"worked_on": now().date(), "activity": "Better", "billable": True} | more
    found: UUID = _do(stage, world, made, timekeeping.correct_entry, entry=entry, minutes=minutes,
                      **values)  # fmt: skip
    return found


def _entries(stage: Any, made: Made) -> list[Any]:
    return list(stage.rows(
        "SELECT * FROM time_entries WHERE tenant_id = :t AND request_id = :r ORDER BY at, id",
        t=made.company.id, r=made.id,
    ))  # fmt: skip


def _billed(stage: Any, made: Made) -> tuple[int, int]:
    events = stage.value(
        "SELECT coalesce(sum(quantity), 0) FROM usage_events WHERE tenant_id = :t"
        " AND source_id = :r AND meter_key = 'operator_minutes'", t=made.company.id, r=made.id,
    )  # fmt: skip
    buckets = stage.value(
        "SELECT coalesce(sum(total), 0) FROM usage_buckets WHERE tenant_id = :t"
        " AND meter_key = 'operator_minutes'", t=made.company.id,
    )  # fmt: skip
    return int(events), int(buckets)


def _live(stage: Any, made: Made) -> list[UUID]:
    found = _entries(stage, made)
    gone = {one.reverses_id for one in found}
    return [one.id for one in found if one.reverses_id is None and one.id not in gone]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_shown_recorded_and_billed_agree(stage: Any, steps: list[Any]) -> None:
    world = make_world(stage)
    made, delivered = _made(stage, world), False
    kept: dict[UUID, tuple[int, bool]] = {}
    for verb, minutes, billable, place in steps:
        live = sorted(kept)
        chosen = live[place % len(live)] if live else None
        if verb == "record":
            kept[_record(stage, world, made, minutes, billable=billable)] = (minutes, billable)
        elif verb == "correct" and chosen:
            entry = _correct(stage, world, made, chosen, minutes, billable=billable)
            del kept[chosen]
            kept[entry] = (minutes, billable)
        elif verb == "delete" and chosen:
            _do(stage, world, made, timekeeping.delete_entry, entry=chosen)
            del kept[chosen]
        elif verb == "timer":
            begin = now() - timedelta(minutes=minutes)
            _do(stage, world, made, timekeeping.start_timer, today=begin.date(), now=begin)
            entry = _do(stage, world, made, timekeeping.stop_timer, now=begin
                        + timedelta(minutes=minutes), billable=billable)  # fmt: skip
            kept[entry] = (minutes, billable)
        elif verb == "deliver" and not delivered:
            _deliver(stage, world, made)
            delivered = True
    assert sorted(_live(stage, made)) == sorted(kept)
    expected = sum(minutes for minutes, _ in kept.values())
    assert sum(one.minutes for one in _entries(stage, made)) == expected
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        shown = shown_rows(
            db.session.execute(select_entries(request_ids=[made.id])).all(), actor, row
        )
    assert {row.id: row.minutes for row in shown} == {i: m for i, (m, _) in kept.items()}
    due = sum(minutes for minutes, billable in kept.values() if billable) if delivered else 0
    assert _billed(stage, made) == (due, due)


def _deliver(stage: Any, world: Any, made: Made) -> None:
    """The state alone: how it is reached is tested elsewhere."""
    stage.run("UPDATE requests SET state = 'delivered', delivered_at = now() WHERE tenant_id = :t"
              " AND id = :r", t=made.company.id, r=made.id)  # fmt: skip
    actor = world.operator_a.actor(made.company)
    with acting(stage, world.operator_a.scope(made.company)):
        row = get_request(actor=actor, number=made.number)
        bill_minutes(row, actor=actor, now=now())


def test_only_ones_own_entry_and_each_once(stage: Any, world: Any) -> None:
    made = _made(stage, world)
    entry = _record(stage, world, made)
    with pytest.raises(timekeeping.NotYourEntry):
        _do(stage, world, made, timekeeping.delete_entry, world.operator_both, entry=entry)
    _correct(stage, world, made, entry, 20)
    with pytest.raises(timekeeping.EntryChanged):
        _correct(stage, world, made, entry, 25)
    trail = stage.rows(
        "SELECT facts FROM audit_events WHERE tenant_id = :t AND name = 'timesheets.entry.corrected'",
        t=world.a.id,
    )  # fmt: skip
    assert '"minutes": 30' in trail[0].facts
    assert '"minutes": 20' in trail[0].facts


def _settle(stage: Any, world: Any, month: date, at: datetime) -> None:
    person = world.supervisor
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=person.id, side="provider")
    with acting(stage, scope):
        months.lock_month(month=month, actor=person.actor(world.a), now=at)


def test_a_settled_month_stands(stage: Any, world: Any, open_months: Any) -> None:
    today = now()
    last_month = (today.replace(day=1) - timedelta(days=1)).date()
    made = _made(stage, world)
    entry = _record(stage, world, made, 60, worked_on=last_month)
    _settle(stage, world, last_month, today)
    with pytest.raises(months.MonthSettled):
        _record(stage, world, made, 10, worked_on=last_month)
    before = [row.minutes for row in _entries(stage, made) if row.worked_on == last_month]
    stands = _correct(stage, world, made, entry, 45, worked_on=last_month)
    rows = _entries(stage, made)
    assert [row.minutes for row in rows if row.worked_on == last_month] == before
    first_open = today.date().replace(day=1)
    assert {(row.minutes, row.worked_on, row.reverses_id) for row in rows[1:]} == {
        (-60, first_open, entry), (45, first_open, None),
    }  # fmt: skip
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        shown = shown_rows(
            db.session.execute(select_entries(request_ids=[made.id])).all(), actor, row
        )
    assert [(row.minutes, row.cites, row.taken_back) for row in shown] == [
        (60, None, True), (-60, last_month, False), (45, None, False),
    ]  # fmt: skip
    assert stands == rows[-1].id


def test_only_a_month_that_is_over_is_settled(
    stage: Any, world: Any, sign_in_as: Any, open_months: Any
) -> None:
    today = datetime.now(UTC)
    last = (today.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    browser = sign_in_as(world.supervisor)
    for month in (today.strftime("%Y-%m"), "9999-12", "nonsense", ""):
        assert browser.post("/time/months", data={"month": month}).status_code == 409
    assert (
        sign_in_as(world.operator_a).post("/time/months", data={"month": last}).status_code == 403
    )
    assert browser.post("/time/months", data={"month": last}).status_code == 303
    assert browser.post("/time/months", data={"month": last}).status_code == 409
    assert last in browser.get("/time/team").text


def test_the_form_says_what_is_wrong(stage: Any, world: Any, sign_in_as: Any) -> None:
    made = _made(stage, world)
    browser = sign_in_as(world.operator_a)
    version = stage.value("SELECT version FROM requests WHERE tenant_id = :t AND id = :r",
                          t=world.a.id, r=made.id)  # fmt: skip
    form = {"client": world.a.slug, "version": str(version), "activity": "Calls",
            "worked_on": now().date().isoformat(), "billable": "true", "category": "talk",
            "comment": world.a.text("BETWEEN-US")}  # fmt: skip
    for wrong in ("soon", "9:00-9:00"):
        assert browser.post(f"{made.url}/time", data=form | {"minutes": wrong}).status_code == 422
    later = (now() + timedelta(days=3)).date().isoformat()
    page = browser.post(
        f"{made.url}/time", data=form | {"minutes": "9:15-10:00", "worked_on": later}
    )
    assert (page.status_code, "still to come" in page.text) == (409, True)
    assert (
        browser.post(f"{made.url}/time", data=form | {"minutes": "9:15-10:00"}).status_code == 303
    )
    [entry] = _entries(stage, made)
    assert (entry.minutes, entry.category) == (45, "talk")
    assert "BETWEEN-US" in browser.get(made.url).text
    assert "BETWEEN-US" not in sign_in_as(world.a.user).get(made.url).text
    url = f"{made.url}/time/{entry.id}"
    assert "BETWEEN-US" in browser.get(url).text
    assert browser.post(url, data=form | {"minutes": "0:40"}).status_code == 303
    assert browser.post(f"{url}/delete", data=form).status_code == 409
    assert "already" not in browser.get(made.url).text
    with acting(stage, world.a.user.scope(world.a)):
        assert [
            row.comment for row in db.session.execute(select_entries(request_ids=[made.id])).all()
        ] == [None, None, None]


def test_what_cannot_be(stage: Any, world: Any) -> None:
    made = _made(stage, world)
    entry = _record(stage, world, made, 30)
    _record(stage, world, made, -20)
    with pytest.raises(CoulisseError) as refused:
        _do(stage, world, made, timekeeping.delete_entry, entry=entry)
    assert refused.value.code == "time_below"


def test_the_same_form_sent_twice_is_recorded_once(stage: Any, world: Any, sign_in_as: Any) -> None:
    made = _made(stage, world)
    browser = sign_in_as(world.operator_a)
    page = browser.get(made.url).text
    version = stage.value("SELECT version FROM requests WHERE tenant_id = :t AND id = :r",
                          t=world.a.id, r=made.id)  # fmt: skip
    [once] = re.findall(r'name="once" value="([^"]+)"', page)
    form = {"client": world.a.slug, "version": str(version), "activity": "Calls", "minutes": "30",
            "worked_on": now().date().isoformat(), "once": once}  # fmt: skip
    for _ in range(2):
        assert browser.post(f"{made.url}/time", data=form).status_code == 303
    other = browser.post(f"{made.url}/time", data=form | {"minutes": "45"})
    assert (other.status_code, "This form was recorded before" in other.text) == (409, True)
    # Nor does a colleague's own form meet it.
    stranger = sign_in_as(world.operator_both).post(f"{made.url}/time", data=form)
    assert stranger.status_code == 409
    assert [entry.minutes for entry in _entries(stage, made)] == [30]
    [another] = re.findall(r'name="once" value="([^"]+)"', browser.get(made.url).text)
    assert browser.post(f"{made.url}/time", data=form | {"once": another}).status_code == 303
    assert [entry.minutes for entry in _entries(stage, made)] == [30, 30]
