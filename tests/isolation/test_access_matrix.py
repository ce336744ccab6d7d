"""Every endpoint as every kind of person, generated from the URL map."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.effort import PROVE
from tests.factories import make_grant, make_staff
from tests.factories.people import Person
from tests.factories.world import World
from tests.isolation import examples, focus
from tests.isolation.access import PROVIDERS, door
from tests.isolation.examples import Examples

Browser = FlaskClient


def shown(page: Any) -> str:
    return str(page.get_data().decode(errors="replace"))


def same(page: Any) -> str:
    """The body without what differs by design: nonces, ids, moments, and the address itself."""
    body = re.sub(r'nonce="[^"]+"', "", shown(page))
    body = re.sub(r"[0-9a-f]{32}|[0-9a-f-]{36}", "", body)
    body = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+", "", body)
    return re.sub(r"/c/[^\"]*", "", body)


def sound(company: Any, person: Person, path: str, page: Any) -> list[str]:
    """No server error, and no canary of a company that this person can't see."""
    problems = []
    if page.status_code >= 500:
        problems.append(f"{person.name} {path}: {page.status_code}")
    if company.canary in shown(page):
        problems.append(f"{person.name} {path}: foreign canary")
    return problems


@pytest.fixture
def reader(stage: Any, world: World) -> Person:
    """Of company A's finance line only, and only to read; of the others nothing."""
    person = make_staff(stage, name="Rita")
    make_grant(stage, world.a, person, level="read", lines=("finance",))
    return person


def holds(world: World, person: Person) -> set[str]:
    """What a person is in company A, in the words of docs/access.md."""
    if person in world.a.people.values():
        return {person.role, "approver"} if person.approver else {person.role}
    if person in (world.operator_a, world.operator_both):
        return {person.role, "grant: work"}
    if person is world.supervisor:
        return {person.role, "grant: review"}
    if person.name.startswith("Rita"):
        return {person.role, "grant: read"}
    return set()


def rights(world: World, person: Person, endpoint: str) -> str:
    """What docs/access.md says about this person in company A."""
    mine = holds(world, person)
    if not mine:
        return "other"
    return "enough" if mine & door(endpoint).holders else "too little"


@pytest.mark.looks
def test_every_variable_has_an_example(app: Any, cases: tuple[Examples, Examples]) -> None:
    unknown = {
        name
        for rule, *_ in (
            *examples.tenant_rules(app, "tenant", *PROVIDERS),
            *examples.api_rules(app),
        )
        for name in rule.arguments
        if name not in cases[0].values
    }
    assert not unknown


@pytest.mark.looks
def test_anonymous_reaches_only_public_pages(app: Any, client: Any, cases: Any) -> None:
    wrong = []
    for rule in examples.rules(app):
        kind = door(rule.endpoint).kind
        if kind in ("asset", "public"):
            continue
        values = {"ref": "others"} | cases[0].values
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            page = client().open(examples.build(app, rule, values), method=method)
            to_sign_in = page.status_code == 303 and page.location.startswith("/sign-in")
            shown = method == "GET" and kind != "api"
            if not (to_sign_in if shown else page.status_code == 401):
                wrong.append((method, rule.rule, page.status_code))
    assert not wrong


def sees_b(world: World, person: Person) -> bool:
    return person in world.b.people.values() or person in (
        world.operator_b, world.operator_both, world.supervisor,
    )  # fmt: skip


def expected(kind: str, person: Person, world: World, status: int, rule: Rule) -> bool:
    if kind == "too little":
        return status == 403
    # The example is one member's own; besides them only the administrator sees it.
    if "token_id" in rule.arguments and person not in (world.a.user, world.a.admin):
        return status == 404
    # Those with one line have the right, but not on objects of the others.
    if person is world.a.people["finance_only"] or person.name.startswith("Rita"):
        return status != 401
    return status not in (401, 403, 404, 405)


def test_matrix(
    app: Any,
    world: World,
    cases: tuple[Examples, Examples],
    reader: Person,
    sign_in_as: Callable[[Person], Browser],
) -> None:
    """Foreign and missing alike 404; inside but without the right 403; with it anything but. Each
    person is tried at every second address by turns, and at all of them under `make prove`."""
    wrong: list[str] = []
    seen = {"other": 0, "too little": 0, "enough": 0}
    asked: set[tuple[str, str]] = set()
    rules = list(examples.tenant_rules(app))
    for turn, person in enumerate((*world.everyone, reader)):
        browser = sign_in_as(person)
        missing: dict[str, str] = {}
        for rule, method in rules if PROVE else rules[turn % 2 :: 2]:
            path = examples.build(app, rule, cases[0].values)
            page = browser.open(path, method=method)
            kind = rights(world, person, rule.endpoint)
            seen[kind] += 1
            if kind == "other":
                # A company that isn't there is asked for at each rule once, and by each person.
                if (rule.rule, method) not in asked or method not in missing:
                    asked.add((rule.rule, method))
                    nowhere = {**cases[0].values, "slug": "no-such-client"}
                    where = examples.build(app, rule, nowhere)
                    missing[method] = same(browser.open(where, method=method))
                right = page.status_code == 404 and same(page) == missing[method]
                wrong += sound(world.a, person, path, page)
            else:
                right = expected(kind, person, world, page.status_code, rule)
            if not right:
                wrong.append(f"{person.name} ({kind}) {method} {path}: {page.status_code}")
            if not sees_b(world, person):
                wrong += sound(world.b, person, path, page)
    assert not wrong, "\n".join(wrong)
    assert focus.endpoints or all(seen.values())


@pytest.mark.looks
def test_ids_of_another_company_are_missing_ids(
    app: Any,
    world: World,
    cases: tuple[Examples, Examples],
    sign_in_as: Callable[[Person], Browser],
) -> None:
    """Each variable of A's URL in turn takes B's value: the answer is that of an unknown one."""
    a, b = cases
    wrong: list[str] = []
    for person in (world.a.people["admin"], world.a.people["approver"], world.operator_both,
                   world.supervisor):  # fmt: skip
        browser = sign_in_as(person)
        for rule, method in examples.tenant_rules(app):
            if rights(world, person, rule.endpoint) != "enough":
                continue
            for name in sorted(rule.arguments - examples.SHARED):
                foreign = examples.build(app, rule, {**a.values, name: b.values[name]})
                unknown = examples.build(app, rule, {**a.values, name: examples.missing(name)})
                one = browser.open(foreign, method=method)
                two = browser.open(unknown, method=method)
                if (one.status_code, same(one)) != (two.status_code, same(two)):
                    wrong.append(f"{person.name} {method} {foreign}: {one.status_code}"
                                 f" against {two.status_code}")  # fmt: skip
                if one.status_code not in (404, 409, 422):
                    wrong.append(f"{person.name} {method} {foreign}: {one.status_code}")
                if person in world.a.people.values():
                    wrong += sound(world.b, person, foreign, one)
    assert not wrong, "\n".join(wrong)


def test_staff_pages_are_for_those_whom_the_document_names(
    app: Any,
    world: World,
    cases: tuple[Examples, Examples],
    sign_in_as: Callable[[Person], Browser],
) -> None:
    wrong = []
    people = (world.a.user, world.a.admin, world.a.approver, world.operator_a, world.supervisor,
              world.provider_admin)  # fmt: skip
    for person in people:
        browser = sign_in_as(person)
        for rule in examples.rules(app):
            kind, holders, _ = door(rule.endpoint)
            if kind not in PROVIDERS:
                continue
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                page = browser.open(examples.build(app, rule, cases[0].values), method=method)
                allowed = person.is_staff and person.role in holders
                right = (
                    page.status_code not in (401, 403, 405) if allowed else page.status_code == 403
                )
                if not right or page.status_code >= 500:
                    wrong.append((method, rule.rule, person.name, page.status_code))
    assert not wrong


@pytest.mark.looks
def test_own_pages_wait_for_the_second_factor(
    app: Any, world: World, cases: tuple[Examples, Examples], sign_in_as: Any
) -> None:
    """Everything but the steps of signing in; nothing of anybody shows meanwhile."""
    wrong = []
    for person in (world.a.admin, world.a.approver, world.operator_a, world.provider_admin):
        browser = sign_in_as(person, second_factor=False)
        for rule in examples.rules(app):
            kind = door(rule.endpoint).kind
            if kind in ("asset", "public", "signed_in", "api"):
                continue
            values = {"ref": "others"} | cases[0].values
            if not rule.arguments <= set(values):
                continue
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                page = browser.open(examples.build(app, rule, values), method=method)
                to_code = page.status_code == 303 and page.location.startswith("/sign-in/code")
                if not (to_code if method == "GET" else page.status_code == 401):
                    wrong.append((method, rule.rule, person.name, page.status_code))
    assert not wrong


@pytest.mark.looks
def test_notes_never_reach_the_client(
    app: Any,
    world: World,
    cases: tuple[Examples, Examples],
    sign_in_as: Callable[[Person], Browser],
) -> None:
    note = world.a.text("NOTE")
    own = f"/c/{world.a.slug}/requests/{cases[0].values['number']}"
    assert note in shown(sign_in_as(world.operator_a).get(own))
    for person in world.a.people.values():
        browser = sign_in_as(person)
        for rule, method in examples.tenant_rules(app):
            if method == "GET":
                page = browser.get(examples.build(app, rule, cases[0].values))
                assert note not in shown(page), (person.name, rule.rule)


@pytest.mark.looks
def test_no_get_changes_anything(
    app: Any,
    stage: Any,
    world: World,
    cases: tuple[Examples, Examples],
    sign_in_as: Callable[[Person], Browser],
    api_as: Callable[..., Browser],
) -> None:
    tables = [
        row.name
        for row in stage.rows(
            "SELECT relname AS name FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND relname <> 'sign_in_sessions'"
        )
    ]

    # As a session's last-seen: when a grant was last used.
    rows = dict.fromkeys(tables, "t::text") | {"grants": "(to_jsonb(t) - 'last_used_at')::text"}

    def state() -> dict[str, str]:
        return {
            table: stage.value(
                f"SELECT md5(coalesce(string_agg({row}, '|' ORDER BY {row}), '')) FROM {table} t"
            )
            for table, row in rows.items()
        }

    people = [world.a.admin, world.a.approver, world.operator_a, world.supervisor]
    browsers = [sign_in_as(person) for person in people]
    browsers += [api_as(person, world.a) for person in people]
    before = state()
    for browser in browsers:
        for rule in examples.rules(app):
            if "GET" in (rule.methods or set()) and rule.arguments <= set(cases[0].values):
                browser.get(examples.build(app, rule, cases[0].values))
    after = state()
    assert {t for t in tables if before[t] != after[t]} == set()


@pytest.mark.looks
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_unsafe_requests_from_elsewhere_are_refused(
    app: Any,
    world: World,
    cases: tuple[Examples, Examples],
    sign_in_as: Callable[[Person], Browser],
    site: str,
) -> None:
    browser = sign_in_as(world.operator_both)
    for rule in examples.rules(app):
        if app.scopes[rule.endpoint].cross_site or not rule.arguments <= set(cases[0].values):
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}:
            page = browser.open(
                examples.build(app, rule, cases[0].values), method=method,
                headers={"Sec-Fetch-Site": site},
            )  # fmt: skip
            assert page.status_code == 403, (site, method, rule.rule)
