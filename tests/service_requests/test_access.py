"""Who reaches what: foreign is missing, notes are the provider's, lines hold inside a client."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.service_requests.models import InternalNote, Review
from tenants.core.db import db
from tests.factories import acting, make_member
from tests.factories.lifecycle import make_request
from tests.service_requests.browsing import HTMX, pdf, send

VERBS = (
    "messages", "notes", "questions", "time", "deliverables", "assign", "start", "submit",
    "return", "pass", "approve", "refuse", "close", "cancel", "plan", "assign-to", "unassign", "wait",
    "hold", "resume", "deliver", "priority", "propose", "kind", "link", "unlink", "merge",
    "duplicate", "split", "reject", "reopen", "follow-up",
)  # fmt: skip


def _shape(page: str, *numbers: str) -> str:
    """The page without what differs from one request to the next."""
    import re

    page = re.sub(r'nonce="[^"]+"|<code>[^<]+</code>|value="/c/[^"]+"', "", page)
    for number in numbers:
        page = page.replace(number, "N")
    return page


def test_foreign_and_missing_are_the_same(world, stage, sign_in_as):
    made = make_request(stage, world.a)
    for person in (world.b.user, world.operator_b):
        browser = sign_in_as(person)
        foreign = browser.get(made.url)
        missing = browser.get("/c/there-is-none/requests/1")
        assert foreign.status_code == missing.status_code == 404
        assert _shape(foreign.text, world.a.slug) == _shape(missing.text, "there-is-none")
        assert world.a.canary not in foreign.text.replace(made.url, "")
        for verb in VERBS:
            assert send(stage, browser, made, verb).status_code == 404, verb


def test_a_number_of_another_client_is_missing_here(world, stage, sign_in_as):
    for _ in range(3):
        made = make_request(stage, world.b)
    make_request(stage, world.a)
    browser = sign_in_as(world.operator_both)
    foreign = browser.get(world.a.url(f"requests/{made.number}"))
    missing = browser.get(world.a.url("requests/999999"))
    assert foreign.status_code == missing.status_code == 404
    assert _shape(foreign.text, f"requests/{made.number}") == _shape(
        missing.text, "requests/999999"
    )


def test_a_line_that_is_not_mine_is_missing(world, stage, sign_in_as):
    hr = make_request(stage, world.a, item="hr_question")
    browser = sign_in_as(world.a.people["finance_only"])
    assert browser.get(hr.url).status_code == 404
    assert hr.url not in browser.get(world.a.url("requests?state=all")).text
    assert browser.get(world.a.url("requests/new/hr_question")).status_code == 403
    assert "hr_question" not in browser.get(world.a.url("requests/new")).text


def test_notes_never_reach_the_client(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    canary = "NOTE-CANARY-4711"
    operator = sign_in_as(world.operator_a)
    assert send(stage, operator, made, "notes", body=canary).status_code == 303
    assert canary in operator.get(made.url).text
    for person in world.a.people.values():
        browser = sign_in_as(person)
        for path in ("", "requests", "requests?state=all", f"requests?state=all&q={canary[:11]}",
                     "requests/new", f"requests/{made.number}"):  # fmt: skip
            for headers in ({}, HTMX):
                page = browser.get(world.a.url(path), headers=headers)
                assert page.text.count(canary) == 0, (person.name, path)
        assert send(stage, browser, made, "notes", body="mine").status_code in (403, 404)


def test_the_database_keeps_notes_from_the_client(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_review", operator=world.operator_a)
    send(stage, sign_in_as(world.operator_a), made, "notes", body="between us")
    send(
        stage,
        sign_in_as(world.supervisor),
        made,
        "return",
        kind="wrong_fact",
        findings="wrong total",
    )
    for model in (InternalNote, Review):
        query = select(model).where(model.tenant_id == world.a.id)
        with acting(stage, world.a.user.scope()):
            assert db.session.execute(query).all() == []
        with acting(stage, world.operator_a.scope(world.a)):
            assert len(db.session.execute(query).all()) == 1


def test_read_level_reads(world, stage, sign_in_as):
    from tests.factories import make_grant, make_staff

    reader = make_staff(stage, name="Rita")
    make_grant(stage, world.a, reader, level="read")
    made = make_request(stage, world.a)
    browser = sign_in_as(reader)
    page = browser.get(made.url)
    assert page.status_code == 200
    assert "<textarea" not in page.text
    for verb in VERBS:
        assert send(stage, browser, made, verb, body="no").status_code == 403, verb


def test_files_are_attachments_in_a_sandbox(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    operator = sign_in_as(world.operator_a)
    content = b"<script>alert(1)</script>"
    attached = pdf(content, "Übersicht „Köln“.txt")
    assert send(stage, operator, made, "messages", body="see", files=attached).status_code == 303
    file_id = stage.value(
        "SELECT file_id FROM request_files WHERE tenant_id = :t AND message_id IS NOT NULL",
        t=world.a.id,
    )
    url = f"{made.url}/files/{file_id}"
    for browser in (operator, sign_in_as(world.a.user)):
        answer = browser.get(url)
        assert answer.data == content
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "filename*=UTF-8''%C3%9Cbersicht" in answer.headers["Content-Disposition"]
        assert "no-store" in answer.headers["Cache-Control"]
    other = make_request(stage, world.a)
    assert operator.get(f"{other.url}/files/{file_id}").status_code == 404
    assert sign_in_as(world.b.user).get(url).status_code == 404
    only_finance = make_member(stage, world.a, key="hr_only", lines=("hr",))
    assert sign_in_as(only_finance).get(url).status_code == 404


@pytest.mark.parametrize("path", ["requests", "requests?state=all&q=invoice", ""])
def test_lists_take_few_statements(world, stage, sign_in_as, count_statements, path):
    for _ in range(3):
        make_request(stage, world.a)
    make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    browser = sign_in_as(world.a.user)
    with count_statements() as found:
        assert browser.get(world.a.url(path)).status_code == 200
    assert len(found) <= 9, list(found)
