"""What a process holds of the catalogue, and how soon it sees what others changed."""

from __future__ import annotations

import json

import pytest

from app.catalogue import memory
from app.catalogue.document import ItemDocument
from app.catalogue.files import shipped
from tests.factories.lifecycle import make_request


@pytest.fixture
def changed(stage):
    """Another process writes versions of an item; gone afterwards."""

    def change(version: int, document: object) -> None:
        stage.run(
            "INSERT INTO catalogue_versions (code, version, document, origin, note, made_at)"
            " VALUES ('hr_question', :v, CAST(:d AS jsonb), 'own', 'n', now())",
            v=version, d=json.dumps(document),
        )  # fmt: skip
        stage.run(
            "INSERT INTO catalogue_items (code, version, changed_at)"
            " VALUES ('hr_question', :v, now()) ON CONFLICT (code) DO UPDATE SET version = :v",
            v=version,
        )

    yield change
    stage.run("DELETE FROM catalogue_items")
    stage.run("DELETE FROM catalogue_versions")
    memory.forget()
    memory._versions.clear()


def _document(title: str):
    found = ItemDocument().dump(shipped()["hr_question"])
    return found | {"title": {"en": title, "fr": title, "de": title}}


def test_what_another_process_changed_is_seen_after_some_seconds(
    world, changed, sign_in_as, monkeypatch
):
    user, page = sign_in_as(world.a.user), world.a.url("requests/new")
    memory.forget()
    assert "HR task" in user.get(page).text
    changed(7, _document("Matter of people"))
    assert "HR task" in user.get(page).text
    monkeypatch.setattr(memory, "FRESH_SECONDS", 0.0)
    assert "Matter of people" in user.get(page).text


def test_a_request_asks_the_database_for_no_item(
    world, changed, sign_in_as, count_statements, monkeypatch
):
    changed(7, _document("Matter of people"))
    monkeypatch.setattr("tests.conftest.BETWEEN", ("SELECT set_config(",))
    monkeypatch.setattr(memory, "FRESH_SECONDS", 3600.0)
    user, page = sign_in_as(world.a.user), world.a.url("requests/new")
    user.get(page)
    with count_statements() as found:
        assert "Matter of people" in user.get(page).text
    assert not [one for one in found if "catalogue_" in one]


def test_a_version_that_can_not_be_read_leaves_the_shipped_one(world, changed, sign_in_as, caplog):
    changed(8, {"code": "hr_question"})
    memory.forget()
    assert "HR task" in sign_in_as(world.a.user).get(world.a.url("requests/new")).text
    assert "version 8 of item hr_question can't be read" in caplog.text


def test_a_request_of_a_version_that_nobody_knows_is_shown(world, stage, sign_in_as):
    made = make_request(stage, world.a, item="hr_question")
    stage.run("UPDATE requests SET item_version = 99 WHERE id = :i", i=made.id)
    assert "HR task" in sign_in_as(world.a.user).get(made.url).text
