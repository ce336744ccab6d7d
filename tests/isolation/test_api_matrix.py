"""Every operation of the JSON API as every kind of token, generated from the URL map."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tenants.permissions import TOKEN_SCOPES
from tests.factories.world import World
from tests.isolation import examples, focus
from tests.isolation.access import door
from tests.isolation.examples import Examples
from tests.isolation.test_access_matrix import rights, same, sees_b, shown, sound

Connect = Callable[..., FlaskClient]


def call(app: Any, program: FlaskClient, rule: Any, method: str, values: dict[str, Any]) -> Any:
    path = examples.build(app, rule, values)
    return program.open(path, method=method, **examples.body_of(app, rule, method))


def test_matrix_of_people(
    app: Any, world: World, cases: tuple[Examples, Examples], api_as: Connect
) -> None:
    """Without access the token is as good as none; without the right 403; with it anything but."""
    wrong: list[str] = []
    seen = {"other": 0, "too little": 0, "enough": 0}
    unknown = app.test_client()
    unknown.environ_base["HTTP_AUTHORIZATION"] = "Bearer coulisse_unknown"
    for person in world.everyone:
        program = api_as(person, world.a)
        for rule, method in examples.api_rules(app):
            kind = rights(world, person, rule.endpoint)
            seen[kind] += 1
            page = call(app, program, rule, method, cases[0].values)
            path = f"{person.name} ({kind}) {method} {rule.rule}: {page.status_code}"
            if kind == "other":
                right = page.status_code == 401
                right = right and same(page) == same(
                    call(app, unknown, rule, method, cases[0].values)
                )
                wrong += sound(world.a, person, path, page)
            elif kind == "too little":
                right = page.status_code == 403
            elif person is world.a.people["finance_only"]:
                right = page.status_code not in (401, 405)
            else:
                right = page.status_code not in (401, 403, 404, 405, 415)
            if not right:
                wrong.append(path)
            if not sees_b(world, person):
                wrong += sound(world.b, person, path, page)
    assert not wrong, "\n".join(wrong)
    assert focus.endpoints or all(seen.values())


def test_matrix_of_scopes(app: Any, world: World, cases: Any, api_as: Connect) -> None:
    """One scope opens its own operations and no other."""
    wrong: list[str] = []
    for person in (world.a.admin, world.supervisor):
        for held in TOKEN_SCOPES:
            program = api_as(person, world.a, scopes=[held])
            for rule, method in examples.api_rules(app):
                page = call(app, program, rule, method, cases[0].values)
                refused = page.status_code == 403 and page.json["code"] == "scope_missing"
                if refused != (door(rule.endpoint).token_scope not in ("", held)):
                    wrong.append(f"{person.name} {held} {method} {rule.rule}: {page.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.looks
def test_ids_of_another_company_are_missing_ids(
    app: Any, world: World, cases: tuple[Examples, Examples], api_as: Connect
) -> None:
    a, b = cases
    wrong: list[str] = []
    for person in (world.a.admin, world.a.user, world.operator_both, world.supervisor):
        program = api_as(person, world.a)
        for rule, method in examples.api_rules(app):
            if rights(world, person, rule.endpoint) != "enough":
                continue
            for name in sorted(rule.arguments):
                foreign = call(app, program, rule, method, {**a.values, name: b.values[name]})
                unknown = call(
                    app, program, rule, method, {**a.values, name: examples.missing(name)}
                )
                said = f"{person.name} {method} {rule.rule} {name}: {foreign.status_code}"
                if (foreign.status_code, same(foreign)) != (unknown.status_code, same(unknown)):
                    wrong.append(f"{said} against {unknown.status_code}")
                if foreign.status_code != 404:
                    wrong.append(said)
                wrong += sound(world.b, person, said, foreign)
    assert not wrong, "\n".join(wrong)


@pytest.mark.looks
def test_notes_reach_the_providers_tokens_only(
    app: Any, world: World, cases: tuple[Examples, Examples], api_as: Connect
) -> None:
    note = world.a.text("NOTE")
    own = f"/api/v1/requests/{cases[0].values['number']}/notes"
    assert note in shown(api_as(world.operator_a, world.a).get(own))
    for person in world.a.people.values():
        program = api_as(person)
        for rule, method in examples.api_rules(app):
            page: Any = call(app, program, rule, method, cases[0].values)
            assert note not in shown(page), (person.name, rule.rule)


@pytest.mark.parametrize("place", ["requests", "messages"])
def test_files_sent_ahead_are_their_senders_alone(
    world: World, cases: tuple[Examples, Examples], api_as: Connect, place: str
) -> None:
    number = cases[0].values["number"]
    waiting = {}
    for name, program in (("own", api_as(world.a.user)), ("colleague", api_as(world.a.admin)),
                          ("foreign", api_as(world.b.user))):  # fmt: skip
        sent: Any = program.post("/api/v1/uploads?name=a.txt", data=b"text",
                            content_type="application/octet-stream")  # fmt: skip
        assert sent.status_code == 201, sent.text
        waiting[name] = sent.json["id"]
    program = api_as(world.a.user)

    def use(upload: str) -> Any:
        if place == "messages":
            return program.post(f"/api/v1/requests/{number}/messages",
                                json={"body": "Hello", "files": [upload]})  # fmt: skip
        form = {"title": "A letter", "details": "Please"}
        return program.post("/api/v1/requests", json={"item": "finance_question", "form": form,
                                                      "files": {"document": upload}})  # fmt: skip

    missing: Any = use(str(examples.missing("file")))
    assert missing.status_code == 422
    for name in ("colleague", "foreign"):
        refused = use(waiting[name])
        assert (refused.status_code, same(refused)) == (422, same(missing))
    assert use(waiting["own"]).status_code == 201
    assert use(waiting["own"]).status_code == 422


@pytest.mark.looks
def test_an_open_item_of_another_company_is_an_unknown_one(
    app: Any, world: World, cases: tuple[Examples, Examples], api_as: Connect
) -> None:
    a, b = (one.values for one in cases)
    program = api_as(world.operator_both, world.a)
    path = f"/api/v1/requests/{a['number']}/payment-control/lines/{a['line_id']}/match"
    foreign: Any = program.post(path, json={"item_id": str(b["item_id"])})
    unknown: Any = program.post(path, json={"item_id": str(examples.missing("item_id"))})
    assert (foreign.status_code, same(foreign)) == (422, same(unknown))
