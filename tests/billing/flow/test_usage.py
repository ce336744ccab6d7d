from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import ProgrammingError

from billing.usage import hour_of, record_usage
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests.effort import effort
from tests.factories import Company, Stage, World, acting, make_company

START = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)


def scope(company: Company) -> Scope:
    return Scope(tenant_id=company.id, side="provider")


def record(stage: Stage, company: Company, quantity: int, **given: object) -> None:
    values: dict[str, object] = {
        "meter": "operator_minutes", "source_type": "test", "source_id": uuid7(),
        "occurred_at": START,
    }  # fmt: skip
    with acting(stage, scope(company)):
        record_usage(quantity=quantity, actor=system_actor(company.id), **(values | given))  # type: ignore[arg-type]


def total(stage: Stage, company: Company) -> int:
    return int(
        stage.value(
            "SELECT coalesce(sum(total), 0) FROM usage_buckets WHERE tenant_id = :t", t=company.id
        )
    )


def test_the_same_source_counts_once(stage: Stage, world: World) -> None:
    source = uuid7()
    for _ in range(3):
        record(stage, world.a, 12, source_id=source)
    assert total(stage, world.a) == 12
    [revision] = stage.rows("SELECT revision FROM usage_buckets WHERE tenant_id = :t", t=world.a.id)
    assert revision == (1,)


def test_a_correction_is_a_further_row(stage: Stage, world: World) -> None:
    source = uuid7()
    record(stage, world.a, 12, source_id=source)
    record(stage, world.a, -5, source_id=source, source_rev=2)
    assert total(stage, world.a) == 7


def test_an_hour_never_falls_below_nothing(stage: Stage, world: World) -> None:
    record(stage, world.a, 3)
    with pytest.raises(Conflict):
        record(stage, world.a, -4)
    assert total(stage, world.a) == 3


def test_nothing_used_is_no_record(stage: Stage, world: World) -> None:
    record(stage, world.a, 0)
    assert total(stage, world.a) == 0


@pytest.mark.parametrize("quantity", [1.5, True, "3"])
def test_usage_is_counted_in_whole_numbers(stage: Stage, world: World, quantity: object) -> None:
    with pytest.raises(TypeError):
        record(stage, world.a, quantity)  # type: ignore[arg-type]


def test_a_fact_that_is_rolled_back_was_not_used(stage: Stage, world: World) -> None:
    def deliver_and_fail() -> None:
        with acting(stage, scope(world.a)):
            record_usage(
                meter="operator_minutes", quantity=9, source_type="test", source_id=uuid7(),
                occurred_at=START, actor=system_actor(world.a.id),
            )  # fmt: skip
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deliver_and_fail()
    assert total(stage, world.a) == 0


def test_an_hour_that_was_invoiced_takes_nothing_more(stage: Stage, world: World) -> None:
    until = START + timedelta(days=3)
    stage.run(
        "INSERT INTO billing_accounts (tenant_id, plan_key, currency, country, billing_name,"
        " billing_email, requested_at, invoiced_until)"
        " VALUES (:t, 'coulisse', 'EUR', 'FR', '', '', now(), :u)",
        t=world.a.id, u=until,
    )  # fmt: skip
    record(stage, world.a, 5)
    [row] = stage.rows(
        "SELECT hour, occurred_at FROM usage_events WHERE tenant_id = :t", t=world.a.id
    )
    assert (row.hour, row.occurred_at) == (until, START)


def test_usage_records_can_not_be_changed(stage: Stage, world: World) -> None:
    record(stage, world.a, 5)
    for statement in ("UPDATE usage_events SET quantity = 1", "DELETE FROM usage_events"):
        with pytest.raises(ProgrammingError), acting(stage, scope(world.a)):
            db.session.execute(db.text(statement))


FACTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["operator_minutes", "statement_lines"]),
        st.integers(1, 500),
        st.integers(0, 60 * 5),
    ),
    max_size=14,
)


@given(facts=FACTS)
@settings(
    max_examples=effort(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_bucket_is_the_sum_of_its_rows(
    stage: Stage, facts: list[tuple[int, str, int, int]]
) -> None:
    """Whatever is recorded, however often, in whatever order."""
    company = make_company(stage)
    sources = [uuid7() for _ in range(6)]
    first: dict[tuple[UUID, str], tuple[int, datetime]] = {}
    for number, meter, quantity, minutes in facts:
        at = START + timedelta(minutes=minutes)
        first.setdefault((sources[number], meter), (quantity, hour_of(at)))
        with acting(stage, scope(company)):
            record_usage(
                meter=meter, quantity=quantity, source_type="test", source_id=sources[number],
                occurred_at=at, actor=system_actor(company.id),
            )  # fmt: skip
    expected: Counter[tuple[str, datetime]] = Counter()
    for (_source, meter), (quantity, hour) in first.items():
        expected[meter, hour] += quantity
    rows = stage.rows(
        "SELECT meter_key, hour, total FROM usage_buckets WHERE tenant_id = :t", t=company.id
    )
    assert {(row.meter_key, row.hour): row.total for row in rows} == dict(expected)
    summed = stage.rows(
        "SELECT meter_key, hour, sum(quantity)::int AS total FROM usage_events"
        " WHERE tenant_id = :t GROUP BY 1, 2",
        t=company.id,
    )
    assert {tuple(row) for row in summed} == {tuple(row) for row in rows}
