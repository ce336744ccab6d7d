"""Putting shipped items into the database, as its owner, when a new version is installed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, create_engine, func, insert, select, update

from app.catalogue.document import ItemDocument
from app.catalogue.files import shipped
from app.catalogue.models import OWN, SHIPPED, CatalogueEntry, CatalogueVersion

VERSIONS = cast(Table, CatalogueVersion.__table__)
ENTRIES = cast(Table, CatalogueEntry.__table__)
V, E = VERSIONS.c, ENTRIES.c


def ship_to(owner_url: str, *, now: datetime) -> list[str]:
    engine = create_engine(owner_url)
    try:
        with engine.begin() as connection:
            return ship(connection, now=now)
    finally:
        engine.dispose()


def ship(
    connection: Connection, *, now: datetime, documents: Mapping[str, Any] | None = None
) -> list[str]:
    """What changed, in words. An item that the provider edited keeps the version that holds."""
    # As long as it is forced, row security holds for the owner too, whom no policy lets in.
    with _unforced(connection):
        return _ship(connection, shipped() if documents is None else documents, now)


@contextmanager
def _unforced(connection: Connection) -> Iterator[None]:
    tables = (VERSIONS.name, ENTRIES.name)
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _ship(connection: Connection, documents: Mapping[str, Any], now: datetime) -> list[str]:
    said = []
    for code, loaded in sorted(documents.items()):
        document = ItemDocument().dump(loaded)
        version = document["version"]
        known = connection.execute(
            select(V.version, V.document).where(V.code == code, V.shipped_version == version)
        ).one_or_none()
        if known is None and (line := _other_line(connection, code, document["line"])):
            said.append(f"{code}: the provider has an item of its own with this code under {line}:"
                        " left out")  # fmt: skip
        elif known is None:
            said.append(_add(connection, code, version, document, now))
        elif known.document != document:
            said.append(f"{code}: the file changed, but says version {version} still: left out")
    return said


def _other_line(connection: Connection, code: str, line: str) -> str | None:
    """Of an item that the provider made: what ships can't stand beside it under another line."""
    first = connection.execute(
        select(V.origin, V.document).where(V.code == code).order_by(V.version).limit(1)
    ).one_or_none()
    if first is None or first.origin != OWN or first.document["line"] == line:
        return None
    return str(first.document["line"])


def _add(
    connection: Connection, code: str, shipped_version: int, document: Mapping[str, Any],
    now: datetime,
) -> str:  # fmt: skip
    last = connection.scalar(select(func.max(V.version)).where(V.code == code))
    number = shipped_version if last is None else last + 1
    connection.execute(
        insert(VERSIONS).values(
            code=code, version=number, document=document, origin=SHIPPED,
            shipped_version=shipped_version, made_at=now,
        )
    )  # fmt: skip
    holds = connection.scalar(
        select(V.origin).join(ENTRIES, (E.code == V.code) & (E.version == V.version))
        .where(V.code == code)
    )  # fmt: skip
    if last is None:
        connection.execute(insert(ENTRIES).values(code=code, version=number, changed_at=now))
    elif holds == OWN:
        return f"{code}: version {number} is there; the provider's own goes on"
    else:
        connection.execute(
            update(ENTRIES).where(E.code == code).values(version=number, changed_at=now)
        )
    return f"{code}: version {number}"
