"""The same work on the months of several clients, begun from the supervisors' overview."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from tests.factories import make_grant, make_staff
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import go_on, make_request

PAGE = "/service-levels"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
MAY = date(2026, 5, 1)
START = datetime(2026, 5, 5, 8, tzinfo=UTC)


@pytest.fixture
def late(stage, world):
    """One request in each company, late, in May."""
    for company, operator in ((world.a, world.operator_a), (world.b, world.operator_b)):
        made = make_request(stage, company, at=START)
        go_on(stage, made, "delivered", operator=operator, reviewer=world.supervisor,
              at=START + timedelta(days=7))  # fmt: skip
    return [world.a.slug, world.b.slug]


def once_of(page):
    [found] = re.findall(r'name="once" value="([0-9a-f]+)"', page)
    return found


def start(browser, clients, work="prepare", once=None, **data):
    return browser.post(
        f"{PAGE}/rounds",
        data={"client": clients, "work": work, "once": once or uuid4().hex} | data,
    )


def batches(stage, person):
    return stage.rows("SELECT * FROM job_batches WHERE started_by = :u ORDER BY id", u=person.id)


def prepared(stage, company):
    return stage.rows(
        "SELECT month, counted, missed FROM sla_prepared_months WHERE tenant_id = :t"
        " ORDER BY month", t=company.id,
    )  # fmt: skip


def poll(browser, batch):
    return browser.get(f"{PAGE}/rounds/{batch.id}", headers=HTMX)


def test_a_month_is_prepared_at_several_clients_and_counted_again(stage, world, sign_in_as, late):
    browser = sign_in_as(world.supervisor)
    page = browser.get(PAGE).text
    assert "All 2 shown" in page or "All 3 shown" in page
    answer = start(browser, late, once=once_of(page))
    assert answer.status_code == 303
    [batch] = batches(stage, world.supervisor)
    assert answer.location.endswith(f"#round-{batch.id}")
    page = browser.get(PAGE).text
    assert f'id="round-{batch.id}"' in page
    assert "0 of 2 done" in page
    going = poll(browser, batch).text
    assert 'hx-trigger="every 2s"' in going
    assert "hx-partial" not in going

    run_jobs(stage, world.a.id, name="service_levels.prepare")
    assert "1 of 2 done" in poll(browser, batch).text
    run_jobs(stage, world.b.id, name="service_levels.prepare")
    ended = poll(browser, batch).text
    assert "2 of 2 done" in ended
    assert "every 2s" not in ended
    assert "2 of 2 missed" in ended, "with the figures as they are now"
    assert prepared(stage, world.a)[0] == (MAY, 2, 2)
    assert "prepared: 2026-05" in browser.get(f"/provider/jobs/batches/{batch.id}").text

    # What a month counts has changed since; telling anybody again it is not.
    stage.run("UPDATE sla_prepared_months SET missed = 0 WHERE tenant_id = :t", t=world.a.id)
    told = "SELECT count(*) FROM jobs WHERE name = 'notifications.tell' AND tenant_id = :t"
    before = stage.value(told, t=world.a.id)
    assert start(browser, late, "count").status_code == 303
    run_jobs(stage, world.a.id, name="service_levels.count_again")
    assert prepared(stage, world.a)[0] == (MAY, 2, 2)
    assert stage.value(told, t=world.a.id) == before
    [said] = stage.rows(
        "SELECT facts FROM audit_events WHERE tenant_id = :t"
        " AND name = 'service_levels.month.counted_again'", t=world.a.id,
    )  # fmt: skip
    assert json.loads(said.facts)["missed"] == [0, 2]


def test_a_second_click_begins_nothing(stage, world, sign_in_as, late):
    browser = sign_in_as(world.supervisor)
    once = once_of(browser.get(PAGE).text)
    first, second = (start(browser, late, once=once) for _ in range(2))
    assert first.location == second.location
    # Other clients, or another work, are another round; so is another person's.
    start(browser, late[:1], once=once)
    start(browser, late, "count", once=once)
    assert [one.total for one in batches(stage, world.supervisor)] == [2, 1, 2]
    jobs = "SELECT count(*) FROM jobs WHERE tenant_id = :t AND name = 'service_levels.prepare'"
    assert stage.value(jobs, t=world.a.id) == 2


def test_who_cannot_be_worked_on_is_named_before_anything_starts(stage, world, sign_in_as, late):
    person = make_staff(stage, role="supervisor")
    make_grant(stage, world.a, person, level="work")
    make_grant(stage, world.b, person, level="read")
    browser = sign_in_as(person)
    page = browser.get(PAGE).text
    assert "your access there is for reading only" in page
    assert f'name="client" value="{world.b.slug}"' not in page
    refused = start(browser, [*late, "unheard-of"])
    assert refused.status_code == 422
    assert f"<li>{world.b.name}: your access there is for reading only" in refused.text
    assert "<li>unheard-of: it is not open to you any more" in refused.text
    assert re.search(rf'value="{world.a.slug}" checked', refused.text)
    assert batches(stage, person) == []
    stage.run("UPDATE tenants SET access_state = 'suspended' WHERE id = :t", t=world.a.id)
    try:
        refused = start(browser, [world.a.slug])
    finally:
        stage.run("UPDATE tenants SET access_state = 'active' WHERE id = :t", t=world.a.id)
    assert "subscription does not let us work there" in refused.text
    # "All shown" means those that could be ticked.
    assert start(browser, [], all="1", shown=[world.a.slug]).status_code == 303
    assert [one.total for one in batches(stage, person)] == [1]


def test_nothing_ticked_or_nothing_to_do(stage, world, sign_in_as):
    browser = sign_in_as(world.supervisor)
    refused = start(browser, [])
    assert refused.status_code == 422
    assert "Choose at least one client." in refused.text
    assert start(browser, [world.a.slug], "nonsense").status_code == 422
    assert batches(stage, world.supervisor) == []
    assert sign_in_as(world.operator_a).post(f"{PAGE}/rounds").status_code == 403


def test_failures_stand_with_their_sentence_and_their_month(stage, world, sign_in_as, late):
    browser = sign_in_as(world.supervisor)
    start(browser, late)
    [batch] = batches(stage, world.supervisor)
    of_batch = "WHERE batch_id = :b AND tenant_id = :t"
    stage.run(
        f"UPDATE jobs SET state = 'quarantined', finished_at = now(), error = :e {of_batch}",
        b=batch.id, t=world.a.id, e=world.a.text("no contract"),
    )  # fmt: skip
    stage.run(f"UPDATE jobs SET held_since = now() {of_batch}", b=batch.id, t=world.b.id)
    shown = poll(browser, batch).text
    assert world.a.text("no contract") in shown
    assert f"{world.a.url('service-levels')}?month=2026-05" in shown
    assert "1 failed, 1 waits" in shown
    assert "every 2s" not in shown, "one that waits for its company is not waited for"
    # A colleague sees what their own grants open.
    other = make_staff(stage, role="supervisor")
    make_grant(stage, world.b, other, level="review")
    page = sign_in_as(other).get(PAGE).text
    assert "0 of 1 done" in page
    assert "1 company is not open to you" in page
    assert world.a.canary not in page
    nobody = make_staff(stage, role="supervisor")
    assert f"round-{batch.id}" not in sign_in_as(nobody).get(PAGE).text
    assert poll(sign_in_as(nobody), batch).status_code == 404
    assert poll(browser, type("None", (), {"id": uuid4()})).status_code == 404
    assert browser.get(f"{PAGE}/rounds/{batch.id}").status_code == 303
