"""Guests of both companies: every endpoint, foreign ids, lines, and the end of their time."""

import re
from typing import Any

import pytest

from tests.factories import make_grant, make_guest, make_staff
from tests.factories.lifecycle import make_request
from tests.factories.tokens import make_token
from tests.isolation import examples, focus
from tests.isolation.access import PROVIDERS, door
from tests.isolation.examples import Examples
from tests.isolation.test_access_matrix import same, shown, sound


@pytest.fixture
def guests(stage: Any, world: Any) -> dict[str, Any]:
    return {
        "read": make_guest(stage, world.a, key="reader"),
        "query": make_guest(stage, world.a, key="asker", level="query"),
        "other": make_guest(stage, world.b, key="stranger", level="query"),
    }


def test_matrix_of_guests(
    app: Any, world: Any, cases: tuple[Examples, Examples], guests: Any, sign_in_as: Any
) -> None:
    """What is not meant for guests refuses them; at another company they find nothing."""
    wrong: list[str] = []
    seen = {"other": 0, "too little": 0, "enough": 0}
    for level, person in guests.items():
        browser = sign_in_as(person)
        for rule, method in examples.tenant_rules(app):
            path = examples.build(app, rule, cases[0].values)
            page = browser.open(path, method=method)
            if level == "other":
                kind = "other"
                nowhere = examples.build(app, rule, {**cases[0].values, "slug": "no-such-client"})
                right = page.status_code == 404
                right = right and same(page) == same(browser.open(nowhere, method=method))
                wrong += sound(world.a, person, path, page)
            elif f"guest: {level}" in door(rule.endpoint).holders:
                kind, right = "enough", page.status_code not in (401, 403, 404, 405)
            else:
                kind, right = "too little", page.status_code == 403
            seen[kind] += 1
            if not right:
                wrong.append(f"{person.name} ({kind}) {method} {path}: {page.status_code}")
            if level != "other":
                wrong += sound(world.b, person, path, page)
    assert not wrong, "\n".join(wrong)
    assert focus.endpoints or all(seen.values())


def test_what_guests_may_reach_is_a_short_list(app: Any) -> None:
    """A page that opens to guests has to be written here too."""
    reached = {
        rule.endpoint
        for rule, _ in examples.tenant_rules(app)
        if {"guest: read", "guest: query"} & door(rule.endpoint).holders
    }
    assert focus.endpoints or reached == {
        "portal.home", "portal.brand", "guests.home", "guests.show", "guests.evidence",
        "guests.documents", "guests.document", "guests.document_file",
        "guests.document_slip", "guests.document_with_slip",
        "guests.download", "guests.month", "guests.ask", "guests.new_query", "guests.query",
        "directory.list_parties", "directory.export", "directory.show", "directory.list_imports",
        "directory.show_import", "directory.template",
    }  # fmt: skip


def test_pages_of_the_provider_and_the_interface_refuse_guests(
    app: Any, stage: Any, world: Any, cases: Any, guests: Any, sign_in_as: Any, client: Any
) -> None:
    browser, wrong = sign_in_as(guests["query"]), []
    for rule in examples.rules(app):
        if door(rule.endpoint).kind not in PROVIDERS:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            page = browser.open(examples.build(app, rule, cases[0].values), method=method)
            if page.status_code != 403:
                wrong.append((method, rule.rule, page.status_code))
    token = make_token(stage, world.a, guests["query"])
    caller = client()
    for rule, method in examples.api_rules(app):
        page = caller.open(
            examples.build(app, rule, cases[0].values), method=method,
            headers={"Authorization": f"Bearer {token}"}, **examples.body_of(app, rule, method),
        )  # fmt: skip
        # One that nobody could have made tells its holder who they are, and nothing else.
        if page.status_code != 403 and rule.endpoint != "api.me":
            wrong.append((method, rule.rule, page.status_code))
    assert not wrong


def test_ids_of_another_company_are_missing_ids_for_guests(
    app: Any, world: Any, cases: tuple[Examples, Examples], guests: Any, sign_in_as: Any
) -> None:
    a, b = cases
    wrong: list[str] = []
    browser = sign_in_as(guests["query"])
    for rule, method in examples.tenant_rules(app):
        if "guest: query" not in door(rule.endpoint).holders:
            continue
        for name in sorted(rule.arguments - examples.SHARED):
            foreign = examples.build(app, rule, {**a.values, name: b.values[name]})
            unknown = examples.build(app, rule, {**a.values, name: examples.missing(name)})
            one = browser.open(foreign, method=method)
            two = browser.open(unknown, method=method)
            if (one.status_code, same(one)) != (two.status_code, same(two)):
                wrong.append(f"{method} {foreign}: {one.status_code} against {two.status_code}")
            if one.status_code != 404:
                wrong.append(f"{method} {foreign}: {one.status_code}")
            wrong += sound(world.b, guests["query"], foreign, one)
    assert not wrong, "\n".join(wrong)


def test_a_guest_never_reads_notes_nor_another_line(
    app: Any, stage: Any, world: Any, cases: Any, guests: Any, sign_in_as: Any
) -> None:
    secret = world.a.text("SALARY")
    made = make_request(stage, world.a, item="hr_question", title=secret)
    lawyer = make_guest(stage, world.a, key="lawyer", lines=("legal",), level="query")
    for person in (guests["query"], lawyer):
        browser = sign_in_as(person)
        for number in (cases[0].values["number"], made.number):
            for rule, method in examples.tenant_rules(app):
                if method == "GET":
                    values = {**cases[0].values, "number": number}
                    page = shown(browser.get(examples.build(app, rule, values)))
                    assert world.a.text("NOTE") not in page, rule.rule
                    assert person is not lawyer or secret not in page, rule.rule
    assert sign_in_as(lawyer).get(world.a.url(f"guest/requests/{made.number}")).status_code == 404


def test_a_guests_look_changes_nothing_but_the_audit(
    app: Any, stage: Any, world: Any, cases: Any, guests: Any, sign_in_as: Any
) -> None:
    tables = [
        row.name
        for row in stage.rows(
            "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace ="
            " 'public'::regnamespace AND relname NOT IN ('sign_in_sessions', 'audit_events')"
        )
    ]

    def state() -> dict[str, Any]:
        return {
            name: stage.value(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
            )
            for name in tables
        }

    browser = sign_in_as(guests["query"])
    before = state()
    for rule in examples.rules(app):
        if "GET" in (rule.methods or set()) and rule.arguments <= set(cases[0].values):
            browser.get(examples.build(app, rule, cases[0].values))
    assert before == state()
    names = stage.rows(
        "SELECT DISTINCT name FROM audit_events WHERE tenant_id = :t AND actor_id = :u",
        t=world.a.id, u=guests["query"].id,
    )  # fmt: skip
    assert {row.name for row in names} <= {
        "guests.request.opened", "guests.evidence.opened", "guests.file.downloaded",
        "guests.month.opened", "guests.document.opened", "guests.document.downloaded",
    }  # fmt: skip


def test_over_time_nothing_answers_any_more(
    app: Any, stage: Any, world: Any, cases: Any, guests: Any, sign_in_as: Any, sign_in_by_form: Any
) -> None:
    """By the database alone: no job has run."""
    person = guests["query"]
    browser = sign_in_as(person)
    assert browser.get(world.a.url("guest")).status_code == 200
    stage.run("UPDATE members SET expires_at = now() WHERE id = :i", i=person.member_id)
    for rule, method in examples.tenant_rules(app):
        path = examples.build(app, rule, cases[0].values)
        page = browser.open(path, method=method)
        assert page.status_code == 404, (method, path)
        assert world.a.name not in re.sub(r"/c/[^\"]*", "", shown(page))
    assert world.a.url() not in shown(browser.get("/"))


def test_a_guest_here_may_be_anything_elsewhere(stage: Any, world: Any, sign_in_as: Any) -> None:
    """The rights of one company are none in the other; the provider's own people come as guests
    only, where they are both."""
    person = make_guest(stage, world.a, key="both")
    stage.run(
        "INSERT INTO members (tenant_id, id, user_id, display_name, email, role, lines)"
        " VALUES (:t, uuidv7(), :u, 'x', :e, 'client_admin', '{finance}')",
        t=world.b.id, u=person.id, e=person.email,
    )  # fmt: skip
    browser = sign_in_as(person)
    assert browser.get(world.b.url("people")).status_code == 200
    assert browser.get(world.b.url("guest")).status_code == 403
    assert browser.get(world.a.url("people")).status_code == 403
    assert browser.get(world.a.url("guest")).status_code == 200

    operator = make_staff(stage, name="Ona")
    make_grant(stage, world.a, operator, level="work")
    stage.run(
        "INSERT INTO members (tenant_id, id, user_id, display_name, email, role, lines,"
        " guest_level, guest_reason, expires_at) VALUES (:t, uuidv7(), :u, 'x', :e, 'guest',"
        " '{finance}', 'read', 'x', now() + interval '1 day')",
        t=world.a.id, u=operator.id, e=operator.email,
    )  # fmt: skip
    assert sign_in_as(operator).get(world.a.url("requests")).status_code == 403
