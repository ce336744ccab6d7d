"""Break one protection at a time in a database of its own: the checks of this folder must notice.
A seeded sample here; every table under `make prove`."""

import os
import random
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from dev.engines import Urls
from tenants.scoping import Scope
from tests.isolation import rows
from tests.isolation.test_raw_sql import inside, refused, tenants_seen

A, B = uuid4(), uuid4()
SAMPLE = None if os.environ.get("COULISSE_PROVE") == "1" else 6


@pytest.fixture(scope="module")
def engines(scratch: Urls) -> Iterator[tuple[Engine, Engine, Engine]]:
    made = tuple(create_engine(u, poolclass=NullPool) for u in
                 (scratch.superuser, scratch.app, scratch.owner))  # fmt: skip
    with made[0].begin() as connection:
        rows.fill(connection, A)
        rows.fill(connection, B)
    yield made  # type: ignore[misc]
    for engine in made:
        engine.dispose()


@pytest.fixture(scope="module")
def sample(engines: tuple[Engine, Engine, Engine]) -> list[str]:
    with engines[0].connect() as connection:
        tables = rows.tenant_tables(connection)
    if SAMPLE is None:
        return tables
    return random.Random(20261121).sample(tables, SAMPLE)


def change(superuser: Engine, *statements: str) -> None:
    with superuser.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def leaks(app: Engine, table: str) -> bool:
    with inside(app, Scope(tenant_id=A, user_id=rows.PERSON, side="provider")) as connection:
        return tenants_seen(connection, table) != {A}


def test_without_row_security_the_leak_is_seen(
    engines: tuple[Engine, Engine, Engine], sample: list[str]
) -> None:
    superuser, app, _owner = engines
    for table in sample:
        assert not leaks(app, table), table
        change(superuser, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        assert leaks(app, table), table
        change(superuser, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        assert not leaks(app, table), table


def test_a_second_wider_policy_is_seen(
    engines: tuple[Engine, Engine, Engine], sample: list[str]
) -> None:
    superuser, app, _owner = engines
    for table in sample:
        change(superuser, f"CREATE POLICY wider ON {table} TO coulisse_app USING (true)")
        assert leaks(app, table), table
        change(superuser, f"DROP POLICY wider ON {table}")


def test_a_missing_policy_hides_even_ones_own(
    engines: tuple[Engine, Engine, Engine], sample: list[str]
) -> None:
    superuser, app, _owner = engines
    for table in sample:
        change(superuser, f"ALTER POLICY one_tenant ON {table} TO coulisse_dispatcher")
        assert leaks(app, table), table
        change(superuser, f"ALTER POLICY one_tenant ON {table} TO coulisse_app")


def test_force_binds_the_owner_and_its_loss_is_seen(
    engines: tuple[Engine, Engine, Engine], sample: list[str]
) -> None:
    superuser, _app, owner = engines
    for table in sample:
        with owner.connect() as connection:
            assert tenants_seen(connection, table) == set()
        change(superuser, f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        with owner.connect() as connection:
            assert tenants_seen(connection, table) == {A, B}
        change(superuser, f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def test_a_right_to_write_for_the_desk_is_seen(engines: tuple[Engine, Engine, Engine]) -> None:
    superuser, app, _owner = engines
    desk = Scope(role="coulisse_desk", tenant_ids=(A, B), side="provider")
    statement = "UPDATE requests SET id = id"
    with inside(app, desk) as connection:
        assert refused(connection, statement)
    change(
        superuser,
        "GRANT UPDATE ON requests TO coulisse_desk",
        "CREATE POLICY wider ON requests FOR UPDATE TO coulisse_desk USING (true)",
    )
    with inside(app, desk) as connection:
        assert not refused(connection, statement)
    change(
        superuser, "DROP POLICY wider ON requests", "REVOKE UPDATE ON requests FROM coulisse_desk"
    )


def test_a_note_policy_without_its_side_is_seen(engines: tuple[Engine, Engine, Engine]) -> None:
    superuser, app, _owner = engines
    client = Scope(tenant_id=A, side="client")
    with inside(app, client) as connection:
        assert tenants_seen(connection, "internal_notes") == set()
    change(
        superuser,
        "CREATE POLICY wider ON internal_notes TO coulisse_app USING"
        " (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)",
    )
    with inside(app, client) as connection:
        assert tenants_seen(connection, "internal_notes") == {A}
    change(superuser, "DROP POLICY wider ON internal_notes")
