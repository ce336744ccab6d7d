"""What the contract says of time: how it is rounded, what the client sees of it, and of whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.service_requests.coverage import proven_requests
from app.service_requests.queries import get_request
from app.service_requests.services.timekeeping import record_time
from app.timesheets.rounding import billed
from tenants.core.db import db
from tests.factories import Person, acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import Made, go_on, make_request
from tests.factories.people import make_grant, make_staff, now

WORDS = "Called the supplier"


def rules(**more: Any) -> dict[str, Any]:
    return {"time": more}


def record(
    stage: Any, made: Made, person: Person, minutes: int, *, billable: bool = True,
    at: datetime | None = None,
) -> None:  # fmt: skip
    company, at = made.company, at or now()
    with acting(stage, person.scope(company)):
        actor = person.actor(company)
        record_time(
            request=get_request(actor=actor, number=made.number), actor=actor, now=at,
            minutes=minutes, worked_on=at.date(), activity=company.text(WORDS), billable=billable,
        )  # fmt: skip


def usage(stage: Any, world: Any) -> list[int]:
    return [
        stage.value(f"SELECT coalesce(sum({column}), 0) FROM {table} WHERE tenant_id = :t"
                    " AND meter_key = 'operator_minutes'", t=world.a.id)
        for column, table in (("quantity", "usage_events"), ("total", "usage_buckets"))
    ]  # fmt: skip


def started(stage: Any, world: Any) -> Made:
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def deliver(stage: Any, world: Any, made: Made) -> None:
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor, at=now())


@pytest.mark.parametrize(("step", "first", "later"), [(1, 62, 69), (6, 66, 72), (15, 75, 75),
                                                      (30, 90, 90)])  # fmt: skip
def test_a_requests_whole_time_is_rounded_up_once(
    stage: Any, world: Any, step: int, first: int, later: int
) -> None:
    make_contract(stage, world.a, **rules(step=step))
    made = started(stage, world)
    for minutes in (10, 7):
        record(stage, made, world.operator_a, minutes)
    # With the 45 minutes of the factory's own.
    deliver(stage, world, made)
    assert usage(stage, world) == [first, first]
    record(stage, made, world.operator_a, 7)
    assert usage(stage, world) == [later, later]
    record(stage, made, world.operator_a, -7)
    assert usage(stage, world) == [first, first]
    recorded = stage.rows("SELECT minutes FROM time_entries WHERE tenant_id = :t", t=world.a.id)
    assert sorted(row.minutes for row in recorded) == [-7, 7, 7, 10, 45]
    with acting(stage, world.a.admin.scope()):
        assert db.session.execute(proven_requests()).scalars().all() == [made.id]


def test_a_later_contract_rounds_what_is_raised_later(stage: Any, world: Any) -> None:
    made = started(stage, world)
    make_contract(stage, world.a, **rules(step=30))
    deliver(stage, world, made)
    assert usage(stage, world) == [45, 45]


@given(st.lists(st.integers(-600, 600), max_size=12), st.sampled_from([1, 6, 15, 30]))
def test_rounding_adds_less_than_a_step_and_never_twice(parts: list[int], step: int) -> None:
    total = max(0, sum(parts))
    found = billed(total, step)
    assert found % step == 0
    assert 0 <= found - total < step
    assert billed(found, step) == found


def test_the_page_says_how_it_was_rounded(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_contract(stage, world.a, **rules(step=15))
    made = started(stage, world)
    record(stage, made, world.operator_a, 20)
    for person in (world.operator_a, world.a.user):
        page = sign_in_as(person).get(made.url).text
        assert "Billed: 30\u00a0min. The total of a request is rounded up once" in page


def pages(sign_in_as: Any, world: Any, made: Made) -> str:
    """All pages of the client's administrator that speak of a request's time."""
    browser = sign_in_as(world.a.admin)
    return "".join(browser.get(f"{made.url}{path}").text for path in ("", "/evidence", "/clock"))


def test_nothing_of_the_time(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_contract(stage, world.a, **rules(shown="nothing"))
    made = started(stage, world)
    record(stage, made, world.operator_a, 37)
    found = pages(sign_in_as, world, made)
    assert 'id="part-time"' not in found
    for words in (WORDS, "37\u00a0min", "37 minutes", "timesheets.entry"):
        assert words not in found
    ours = sign_in_as(world.operator_a).get(made.url).text
    assert WORDS in ours
    assert "The client sees nothing of it." in ours


def test_totals_alone(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_contract(stage, world.a, **rules(shown="totals", step=15))
    made = started(stage, world)
    record(stage, made, world.operator_a, 20)
    record(stage, made, world.operator_a, 18)
    record(stage, made, world.operator_a, 11, billable=False)
    found = pages(sign_in_as, world, made)
    assert "<dt>Billed</dt><dd>45\u00a0min</dd><dt>Not billed</dt><dd>11\u00a0min</dd>" in found
    for words in (WORDS, "20\u00a0min", "18\u00a0min", "timesheets.entry"):
        assert words not in found
    assert "The client sees the totals." in sign_in_as(world.operator_a).get(made.url).text


@pytest.mark.parametrize("agreed", [True, False])
def test_every_entry_with_names(stage: Any, world: Any, sign_in_as: Any, agreed: bool) -> None:
    """So it is without a contract, too."""
    if agreed:
        make_contract(stage, world.a, **rules(shown="detail", names=True))
    made = started(stage, world)
    record(stage, made, world.operator_a, 37)
    page = sign_in_as(world.a.user).get(made.url).text
    assert WORDS in page
    assert f"{world.operator_a.name}, " in page
    assert "Operator 1" not in page


def time_of(page: str) -> str:
    return page.partition('id="part-time"')[2].partition("</details>")[0]


def test_numbers_instead_of_names_stay_whose_they_are(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    make_contract(stage, world.a, **rules(shown="detail", names=False))
    other = make_staff(stage, name="Nadia Berger")
    make_grant(stage, world.a, other)
    early, late = started(stage, world), started(stage, world)
    long_ago = now() - timedelta(days=1)
    record(stage, early, world.operator_a, 10, at=long_ago)
    record(stage, late, other, 20, at=long_ago + timedelta(hours=1))
    client = sign_in_as(world.a.user)
    assert "Operator 1, " in time_of(client.get(early.url).text)
    second = time_of(client.get(late.url).text)
    assert "Operator 2, " in second
    assert "Operator 1" not in second
    record(stage, early, other, 5)
    record(stage, late, world.operator_a, 5)
    for made in (early, late):
        found = time_of(client.get(made.url).text)
        assert "Operator 1, " in found
        assert "Operator 2, " in found
        assert world.operator_a.name not in found
        assert "Nadia Berger" not in found
        assert str(other.id) not in client.get(made.url).text
    evidence = sign_in_as(world.a.admin).get(f"{early.url}/evidence").text
    assert "Operator 2, " in evidence
    assert "Nadia Berger" not in evidence
    assert "Nadia Berger" in sign_in_as(world.operator_a).get(early.url).text


def test_the_rules_are_written_into_the_contract_and_read_there(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    from tests.contracts.test_provider_screens import into_force, save

    base = f"/provider/companies/{world.a.slug}/contract"
    admin = sign_in_as(world.provider_admin)
    saved = save(admin, base, "rules", time_step="15", time_shown="totals", time_names="")
    assert saved.status_code == 303, saved.text
    assert "To 15 minutes" in admin.get(base).text
    refused = save(admin, base, "rules", time_step="7")
    assert refused.status_code == 422
    into_force(admin, base, now().date())
    page = sign_in_as(world.a.user).get(world.a.url("contract")).text
    assert "rounded up once per request, to the next 15 minutes of its total" in page
    assert "Time that you see" in page
    assert "totals" in page
