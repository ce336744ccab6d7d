"""What the installation of a new version does to the catalogue."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, create_engine

from app.catalogue.document import ItemDocument
from app.catalogue.files import shipped
from app.catalogue.shipping import ship
from dev.engines import Urls
from tests.factories import Stage

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def owner(urls: Urls) -> Iterator[Connection]:
    """Taken back at the end: other tests read the catalogue from its files."""
    engine = create_engine(urls.owner, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def _documents(version: int = 1, **changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(shipped()["hr_question"])
    return {"hr_question": {**found, "version": version, **changes}}


def _holds(connection: Connection) -> tuple[int, int]:
    """The version that holds, and how many there are."""
    connection.exec_driver_sql("ALTER TABLE catalogue_items NO FORCE ROW LEVEL SECURITY")
    connection.exec_driver_sql("ALTER TABLE catalogue_versions NO FORCE ROW LEVEL SECURITY")
    found = connection.exec_driver_sql(
        "SELECT (SELECT version FROM catalogue_items WHERE code = 'hr_question'),"
        " (SELECT count(*) FROM catalogue_versions WHERE code = 'hr_question')"
    ).one()
    return found[0], found[1]


def test_every_item_is_there_after_the_first_time_and_nothing_changes_the_second(
    stage: Stage, owner: Connection
) -> None:
    said = ship(owner, now=NOW)
    assert len(said) == len(shipped())
    assert ship(owner, now=NOW) == []
    assert _holds(owner) == (1, 1)


def test_a_newer_file_holds_from_then_on(stage: Stage, owner: Connection) -> None:
    ship(owner, now=NOW, documents=_documents())
    assert ship(owner, now=NOW, documents=_documents(2, working_days=5)) == [
        "hr_question: version 2"
    ]
    assert _holds(owner) == (2, 2)


def test_a_changed_file_without_a_new_version_is_left_out_and_said(
    stage: Stage, owner: Connection
) -> None:
    ship(owner, now=NOW, documents=_documents())
    [said] = ship(owner, now=NOW, documents=_documents(working_days=5))
    assert said.startswith("hr_question: the file changed")
    assert _holds(owner) == (1, 1)


def test_an_item_that_the_provider_edited_keeps_its_own_version(
    stage: Stage, owner: Connection
) -> None:
    ship(owner, now=NOW, documents=_documents())
    _holds(owner)
    document = ItemDocument().dumps(_documents()["hr_question"])
    owner.exec_driver_sql(
        "INSERT INTO catalogue_versions (code, version, document, origin, note, made_at)"
        " VALUES ('hr_question', 2, %s, 'own', 'Ours', now())", (document,),
    )  # fmt: skip
    owner.exec_driver_sql("UPDATE catalogue_items SET version = 2 WHERE code = 'hr_question'")
    [said] = ship(owner, now=NOW, documents=_documents(2))
    assert "own goes on" in said
    assert _holds(owner) == (2, 3)
