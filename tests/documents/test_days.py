"""Days that no calendar of people means are said at their field."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from tests.documents.issuing import issue
from tests.factories.documents import own

FAR = ["9999-12-31", "9995-01-01", "2101-01-01", "1899-12-31", "0001-01-01"]


@pytest.mark.parametrize("day", FAR)
def test_of_a_document(stage: Any, world: Any, sign_in_as: Any, api_as: Any, day: str) -> None:
    issue(stage, world.a, world.operator_a, b"%PDF here")
    browser = sign_in_as(world.a.user)
    form = {"client": world.a.slug, "kind": "letter", "language": "fr", "dated": day}
    page = browser.post(
        world.a.url("documents/new"), data=form | {"files": [(io.BytesIO(b"%PDF"), "a.pdf")]}
    )
    assert (page.status_code, "Choose a day from 1900 to 2100" in page.text) == (422, True)
    again = form | {"number": 1, "version": 1, "way": "document"}
    assert browser.post(world.a.url("documents/again"), data=again).status_code == 422
    program = api_as(world.a.user, scopes=["documents:read", "documents:write"])
    answer = program.post(
        f"/api/v1/documents?kind=letter&language=fr&dated={day}",
        data={"file": (io.BytesIO(b"%PDF"), "a.pdf")},
    )
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["dated"])
    assert len(own(stage, world.a, "SELECT id FROM documents")) == 1


def test_the_first_and_the_last_day_are_taken(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user, scopes=["documents:read", "documents:write"])
    for day in ("1900-01-01", "2100-12-31"):
        answer = program.post(
            f"/api/v1/documents?kind=supporting_document&language=fr&dated={day}",
            data={"file": (io.BytesIO(day.encode()), "a.pdf")},
        )
        assert (answer.status_code, answer.json["dated"]) == (201, day)
        assert date.fromisoformat(answer.json["keep_until"]).year == int(day[:4]) + 10


@pytest.mark.parametrize("day", FAR[:3])
def test_from_which_on_more_is_kept(stage: Any, world: Any, sign_in_as: Any, day: str) -> None:
    browser = sign_in_as(world.a.admin)
    form = {"client": world.a.slug, "name": "voucher", "years": "12", "since": day, "reason": "x"}
    page = browser.post(world.a.url("documents/retention/rules"), data=form)
    assert (page.status_code, "Choose a day from 1900 to 2100" in page.text) == (422, True)


@pytest.mark.parametrize("day", FAR)
def test_a_search_finds_nothing_there(stage: Any, world: Any, sign_in_as: Any, day: str) -> None:
    browser = sign_in_as(world.a.user)
    for name in ("since", "until", "from", "to"):
        assert browser.get(world.a.url(f"documents?{name}={day}")).status_code == 200
