"""Between two companies and after access has ended: searches, figures, files, caches, what polls."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from tests.factories.lifecycle import attach, make_request
from tests.factories.people import make_member
from tests.isolation import examples

LISTS = ("requests?state=all&q={q}", "requests?state=all", "requests/new", "")
DESK = ("/desk?q={q}", "/desk/rows?q={q}", "/desk/palette?q={q}", "/desk?client={slug}",
        "/desk/rows?client={slug}&state=in_progress", "/desk?line=finance")  # fmt: skip
ENDINGS = {
    "removed": "UPDATE members SET removed_at = now() WHERE user_id = :u",
    "expired": "UPDATE grants SET expires_at = now() - interval '1 second' WHERE user_id = :u",
    "ended": "UPDATE grants SET ended_at = now() WHERE user_id = :u",
    "left": "UPDATE staff SET active = false WHERE user_id = :u",
}


@pytest.mark.parametrize("person", ["user", "admin", "operator_a"])
def test_a_search_for_the_others_words_finds_nothing(
    stage: Any, world: Any, sign_in_as: Any, person: str
) -> None:
    for company in world.companies:
        make_request(stage, company, title=company.text("title"))
    browser = sign_in_as(world.a.people.get(person) or world.operator_a)
    values = {"q": world.b.canary, "slug": world.b.slug}
    paths = [world.a.url(path) for path in LISTS] + (list(DESK) if person == "operator_a" else [])
    for path in paths:
        page = browser.get(path.format(**values))
        assert page.status_code in (200, 303), path
        shown = page.text.replace(f'value="{world.b.canary}"', "").replace(
            f"q={world.b.canary}", ""
        )
        assert world.b.text("title") not in shown, path
        assert world.b.name not in shown, path


def test_figures_do_not_move_with_the_other_companys_work(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    make_request(stage, world.a)
    pages = [(world.a.user, world.a.url()), (world.a.user, world.a.url("requests?state=all")),
             (world.operator_a, "/desk"), (world.a.admin, world.a.url("subscription"))]  # fmt: skip

    def figures() -> list[list[str]]:
        found = []
        for person, path in pages:
            page = sign_in_as(person).get(path)
            assert page.status_code == 200, path
            found.append(re.findall(r'class="num"[^>]*>\s*([\d  .,]+)', page.text))
        return found

    before = figures()
    assert any(before)
    for _ in range(3):
        made = make_request(stage, world.b, state="in_progress", operator=world.operator_b)
    attach(stage, made, world.operator_b)
    assert figures() == before


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_open_page_is_closed_at_once(
    app: Any, stage: Any, world: Any, sign_in_as: Any, ending: str
) -> None:
    """Its downloads, its polling parts and its forms too; like a client that isn't there."""
    person = world.a.user if ending == "removed" else world.operator_a
    case = examples.make_examples(stage, world.a, world.operator_both, skip=1)
    browser = sign_in_as(person)
    show = world.a.url(f"requests/{case.values['number']}")
    assert browser.get(show).status_code == 200
    stage.run(ENDINGS[ending], u=person.id)
    wrong = []
    for rule, method in examples.tenant_rules(app):
        page = browser.open(examples.build(app, rule, case.values), method=method)
        if page.status_code != 404 or world.a.canary in page.get_data().decode(errors="replace"):
            wrong.append((method, rule.rule, page.status_code))
    assert not wrong


def test_a_changed_role_counts_with_the_next_click(stage: Any, world: Any, sign_in_as: Any) -> None:
    admin, operator = sign_in_as(world.a.admin), sign_in_as(world.operator_a)
    made = make_request(stage, world.a)
    assert admin.get(world.a.url("subscription")).status_code == 200
    stage.run("UPDATE members SET role = 'client_user' WHERE user_id = :u", u=world.a.admin.id)
    assert admin.get(world.a.url("subscription")).status_code == 403
    stage.run("UPDATE grants SET level = 'read' WHERE user_id = :u", u=world.operator_a.id)
    assert operator.get(made.url).status_code == 200
    assert operator.post(f"{made.url}/start").status_code == 403


def test_the_same_bytes_tell_nothing_of_each_other(stage: Any, world: Any, sign_in_as: Any) -> None:
    """A file's hash is no key to it, and a copy elsewhere changes nothing here."""
    content = b"%PDF-1.7 the same in both"
    made = {}
    for company, operator in ((world.a, world.operator_a), (world.b, world.operator_b)):
        made[company.slug] = make_request(stage, company, state="in_progress", operator=operator)
        attach(stage, made[company.slug], operator, content)
    of = "SELECT id FROM files WHERE tenant_id = :t AND sha256 = :h"
    digest = hashlib.sha256(content).hexdigest()
    mine, theirs = (stage.value(of, t=c.id, h=digest) for c in world.companies)
    assert mine != theirs
    browser = sign_in_as(world.operator_a)
    files = f"{made[world.a.slug].url}/files"
    assert browser.get(f"{files}/{mine}").data == content
    for other in (theirs, digest, f"..%2F{digest}", f"{world.b.id}%2F{digest}"):
        assert browser.get(f"{files}/{other}").status_code == 404, other
    assert browser.get(f"{made[world.b.slug].url}/files/{theirs}").status_code == 404


def test_no_cache_mixes_people(app: Any, stage: Any, world: Any, sign_in_as: Any) -> None:
    """What one browser was given, and its marks, are worth nothing in another's hands."""
    case = examples.make_examples(stage, world.a, world.operator_a, skip=1)
    mine, foreign = sign_in_as(world.a.user), sign_in_as(world.b.user)
    for rule, method in examples.tenant_rules(app):
        path = examples.build(app, rule, case.values)
        page = mine.get(path) if method == "GET" else None
        if page is None or page.status_code != 200:
            continue
        kept = page.headers.get("Cache-Control", "")
        assert "no-store" in kept or "private" in kept, path
        marks = {"If-None-Match": page.headers.get("ETag", '"x"'),
                 "If-Modified-Since": page.headers.get("Last-Modified", "")}  # fmt: skip
        assert foreign.get(path, headers={**marks, "Range": "bytes=0-9"}).status_code == 404, path


def test_the_clients_address_decides_and_no_header(stage: Any, world: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.b)
    browser = sign_in_as(world.a.user)
    for headers in (
        {"X-Tenant": world.b.slug}, {"X-Forwarded-Prefix": f"/c/{world.b.slug}"},
        {"X-Original-URL": made.url}, {"X-Rewrite-URL": made.url},
        {"Cookie": f"tenant={world.b.slug}"},
    ):  # fmt: skip
        page = browser.get(world.a.url("requests"), headers=headers)
        assert world.b.canary not in page.text
        assert browser.get(made.url, headers=headers).status_code in (303, 404)


def test_fields_that_no_form_has_change_nothing(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.a.user)
    more = {"tenant_id": str(world.b.id), "tenant": world.b.slug, "client": world.b.slug,
            "state": "closed", "role": "client_admin", "raised_side": "provider",
            "assignee_id": str(world.operator_b.id), "number": "1"}  # fmt: skip
    browser.post(world.a.url("requests/new/hr_question"),
                 data={"title": "One", "details": "x"} | more)  # fmt: skip
    rows = stage.rows("SELECT state, raised_side, assignee_id FROM requests WHERE tenant_id = :t",
                      t=world.a.id)  # fmt: skip
    assert all(tuple(row) == ("new", "client", None) for row in rows)
    assert stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.b.id) == 0
    browser.post("/account", data={"language": "en", "staff": "1", "role": "operator"} | more)
    assert stage.value("SELECT role FROM members WHERE user_id = :u", u=world.a.user.id) == (
        "client_user"
    )


def test_a_person_of_two_companies_is_each_separately(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    """Administrator in one, colleague of one line in the other."""
    person = make_member(stage, world.a, key="both", role="client_admin")
    stage.run(
        "INSERT INTO members (tenant_id, id, user_id, display_name, email, role, lines)"
        " VALUES (:t, uuidv7(), :u, 'x', 'x', 'client_user', '{hr}')", t=world.b.id, u=person.id,
    )  # fmt: skip
    finance = make_request(stage, world.b)
    browser = sign_in_as(person)
    assert browser.get(world.a.url("subscription")).status_code == 200
    assert browser.get(world.b.url("subscription")).status_code == 403
    assert browser.get(finance.url).status_code == 404
    assert world.b.canary not in browser.get(world.a.url("requests?state=all")).text
