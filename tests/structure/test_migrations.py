import re
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from migrations.all_models import metadata
from tests.structure.catalogue import fingerprint

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def test_migrations_are_numbered_and_linear() -> None:
    names = sorted(path.name for path in VERSIONS.glob("[0-9]*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
    script = ScriptDirectory.from_config(Config("alembic.ini"))
    chain = [r.revision for r in script.walk_revisions()]
    assert chain[::-1] == [name[:4] for name in names]
    assert script.get_heads() == [names[-1][:4]]


def test_migrated_database_equals_the_models(database: Connection, empty_database_url: str) -> None:
    """Alembic's own check misses CHECKs, partial indexes and computed columns: so compare what
    PostgreSQL says of a migrated database and of one made from the models."""
    engine = create_engine(empty_database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for name in ("citext", "pg_trgm", "btree_gin"):
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))
        metadata.create_all(connection)
    with engine.connect() as connection:
        from_models = fingerprint(connection)
    engine.dispose()
    from_migrations = fingerprint(database)
    assert from_migrations - from_models == set()
    assert from_models - from_migrations == set()
