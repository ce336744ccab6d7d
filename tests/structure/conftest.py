from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from dev.engines import Urls


@pytest.fixture
def database(superuser: Engine) -> Iterator[Connection]:
    with superuser.connect() as connection:
        yield connection


@pytest.fixture
def empty_database_url(urls: Urls) -> Iterator[str]:
    name = f"empty_{uuid4().hex[:12]}"
    admin = create_engine(urls.superuser, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    yield make_url(urls.superuser).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
