"""Roles and the database, as a superuser; template and clones of it for the tests.

`python -m dev.database sql` prints what a deployer runs once on a server of their own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from dev.engines import DATABASE, Engines, Urls, database_url
from dev.errors import LocalError

PROJECT = Path(__file__).resolve().parent.parent
ATTRIBUTES = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT"
ROLES = {
    "coulisse_owner": "LOGIN",
    "coulisse_app": "LOGIN",
    "coulisse_dispatcher": "LOGIN",
    "coulisse_desk": "NOLOGIN",
    "coulisse_signin": "NOLOGIN",
    "coulisse_lookup": "NOLOGIN",
    "coulisse_figures": "NOLOGIN",
}
MEMBERSHIPS = (
    # the application puts the desk's role on for reads across clients, and only then has its rights
    "GRANT coulisse_desk TO coulisse_app WITH INHERIT FALSE, SET TRUE",
    # lets migrations hand over functions: ALTER FUNCTION … OWNER TO coulisse_signin
    "GRANT coulisse_signin, coulisse_lookup, coulisse_figures TO coulisse_owner WITH INHERIT FALSE, SET TRUE",
)
CREATE_DATABASE = (
    "CREATE DATABASE {database} OWNER coulisse_owner TEMPLATE template0 ENCODING 'UTF8' "
    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
)
INSIDE_DATABASE = (
    "CREATE EXTENSION IF NOT EXISTS citext",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO coulisse_app, coulisse_dispatcher, coulisse_desk",
    "GRANT USAGE, CREATE ON SCHEMA public TO coulisse_owner, coulisse_signin, coulisse_lookup, coulisse_figures",
)


def role_statements() -> list[str]:
    return [f"CREATE ROLE {name} {login} {ATTRIBUTES}" for name, login in ROLES.items()]


def deployment_sql() -> str:
    database = CREATE_DATABASE.format(database=DATABASE)
    lines = [*role_statements(), *MEMBERSHIPS, database]
    inside = [f"{line};" for line in INSIDE_DATABASE]
    return "\n".join([*(f"{line};" for line in lines), f"\\connect {DATABASE}", *inside])


@contextmanager
def connected(url: str, database: str | None = None) -> Iterator[Connection]:
    target = make_url(url)
    if database is not None:
        target = target.set(database=database)
    engine = create_engine(target, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def prepare(admin_url: str, database: str = DATABASE) -> None:
    """Idempotent, on the embedded server as on one of your own."""
    with connected(admin_url) as admin:
        known = set(admin.scalars(text("SELECT rolname FROM pg_roles")))
        for name, statement in zip(ROLES, role_statements(), strict=True):
            if name not in known:
                admin.execute(text(statement))
        for statement in MEMBERSHIPS:
            admin.execute(text(statement))
        _refuse_powerful_roles(admin)
        if not _exists(admin, database):
            admin.execute(text(CREATE_DATABASE.format(database=database)))
    with connected(admin_url, database) as inside:
        for statement in INSIDE_DATABASE:
            inside.execute(text(statement))


def migrate(owner_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    before = os.environ.get("DATABASE_OWNER_URL")
    os.environ["DATABASE_OWNER_URL"] = owner_url
    try:
        command.upgrade(config, "head")
    finally:
        if before is None:
            del os.environ["DATABASE_OWNER_URL"]
        else:
            os.environ["DATABASE_OWNER_URL"] = before


def template_database(engines: Engines) -> str:
    """The name of a migrated database nobody is connected to; made once per set of migrations."""
    name = f"template_{migrations_hash()}"
    superuser = engines.urls.superuser
    with _one_builder(engines), connected(superuser) as admin:
        if _exists(admin, name):
            return name
        for old in admin.scalars(
            text(r"SELECT datname FROM pg_database WHERE datname LIKE 'template\_%'")
        ):
            _drop(admin, old)
        building = f"building_{name}"
        _drop(admin, building)
        prepare(superuser, building)
        migrate(database_url(engines.sockets, "coulisse_owner", building))
        admin.execute(text(f"ALTER DATABASE {building} RENAME TO {name}"))
        admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
    return name


def clone(engines: Engines, template: str, name: str) -> Urls:
    with connected(engines.urls.superuser) as admin:
        _drop(admin, name)
        admin.execute(
            text(
                f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY "
                "OWNER coulisse_owner"
            )
        )
    return urls_of(engines, name)


def drop(engines: Engines, name: str) -> None:
    with connected(engines.urls.superuser) as admin:
        _drop(admin, name)


def urls_of(engines: Engines, database: str) -> Urls:
    def url(user: str) -> str:
        return database_url(engines.sockets, user, database)

    return replace(
        engines.urls,
        superuser=url("postgres"),
        owner=url("coulisse_owner"),
        app=url("coulisse_app"),
        dispatcher=url("coulisse_dispatcher"),
    )


def migrations_hash() -> str:
    digest = hashlib.sha256(deployment_sql().encode())
    sources = sorted((PROJECT / "migrations").rglob("*.py"))
    # the helpers that migrations call
    sources += sorted((PROJECT / "tenants").glob("rls*.py"))
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _refuse_powerful_roles(admin: Connection) -> None:
    powerful = text(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(:names) "
        "AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)"
    )
    names = ", ".join(admin.scalars(powerful, {"names": list(ROLES)}))
    if names:
        raise LocalError(f"These roles may do too much, row security would not bind them: {names}.")


def _exists(admin: Connection, database: str) -> bool:
    found = text("SELECT 1 FROM pg_database WHERE datname = :name")
    return admin.scalar(found, {"name": database}) is not None


def _drop(admin: Connection, database: str) -> None:
    admin.execute(text(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"))


@contextmanager
def _one_builder(engines: Engines) -> Iterator[None]:
    lock = os.open(engines.root / "template.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


if __name__ == "__main__":
    if sys.argv[1:] != ["sql"]:
        raise SystemExit("usage: python -m dev.database sql")
    print(deployment_sql())
