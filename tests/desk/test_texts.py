"""Text modules: kept by whom they belong to, filled in for the request that is written on."""

from __future__ import annotations

import re

import pytest

from app.desk.placeholders import PLACES, filled, unknown
from tests.factories.lifecycle import make_request


def keep(browser, **data):
    values = {"name": "Thanks", "language": "en", "body": "Thank you, {contact}."} | data
    return browser.post("/desk/texts/new", data=values)


def test_places_are_filled_and_unknown_ones_named():
    values = {name: name.upper() for name in PLACES}
    assert (
        filled("{client}: {title} {other} { client }", values) == "CLIENT: TITLE {other} { client }"
    )
    assert unknown("{client} {clint} {} {clint}") == ["clint", ""]
    assert filled("{title}", {"title": "{operator}", "operator": "x"}) == "{operator}"


def test_an_unknown_place_is_refused_when_it_is_kept(world, sign_in_as):
    page = keep(sign_in_as(world.operator_a), body="Dear {name},")
    assert page.status_code == 422
    assert "There is no place {name}." in page.text
    assert "{contact}" in page.text


def test_a_text_is_filled_in_for_its_request(world, stage, sign_in_as):
    made = make_request(stage, world.a, title="Two invoices")
    browser = sign_in_as(world.operator_a)
    body = "{contact} of {client}: {number} “{title}”, {due}. {operator}"
    assert keep(browser, body=body).status_code == 303
    page = browser.get(f"/desk/texts/pick?open={world.a.slug}/{made.number}").text
    [text] = re.findall(r'data-insert="([^"]+)"', page)
    assert text.startswith(f"{world.a.user.name} of {world.a.name}: #{made.number} “Two invoices”")
    assert text.endswith(world.operator_a.name)
    for foreign in (f"{world.b.slug}/1", f"{world.a.slug}/999", "nobody/1"):
        assert browser.get(f"/desk/texts/pick?open={foreign}").status_code == 404


def test_ones_own_are_nobody_elses(world, stage, sign_in_as):
    mine, other = sign_in_as(world.operator_a), sign_in_as(world.operator_b)
    keep(mine, name="Only mine")
    assert "Only mine" in mine.get("/desk/texts").text
    assert "Only mine" not in other.get("/desk/texts").text
    [path] = re.findall(r"/desk/texts/[0-9a-f-]{36}(?=\")", mine.get("/desk/texts").text)[:1]
    assert other.get(path).status_code == 404
    assert other.post(f"{path}/delete").status_code == 404
    changed = {"name": "Mine still", "language": "fr", "body": "Merci {contact}"}
    assert mine.post(path, data=changed).status_code == 303
    assert "Mine still" in mine.get("/desk/texts").text
    assert mine.post(f"{path}/delete").status_code == 303
    assert "Mine still" not in mine.get("/desk/texts").text


@pytest.mark.parametrize("shared", ["1"])
def test_everybodys_are_the_supervisors(world, stage, sign_in_as, shared):
    operator, supervisor = sign_in_as(world.operator_a), sign_in_as(world.supervisor)
    refused = keep(operator, shared=shared)
    assert refused.status_code == 403
    assert keep(supervisor, name="For all", shared=shared).status_code == 303
    page = operator.get("/desk/texts").text
    assert "For all" in page
    assert "/delete" not in page
    [path] = re.findall(r"/desk/texts/[0-9a-f-]{36}(?=\")", supervisor.get("/desk/texts").text)[:1]
    assert operator.post(f"{path}/delete").status_code == 403
    names = stage.rows("SELECT name FROM audit_events WHERE name LIKE 'desk.text.%' ORDER BY id")
    assert [row.name for row in names][-1] == "desk.text.saved"
