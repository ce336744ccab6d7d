"""Anybody may ask; what they are told depends on the exact file or its code alone."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.documents.sealing.queries import list_certificates
from app.documents.sealing.services import ensure_seal, fingerprints
from app.documents.verifying.codes import new_code, shown
from app.web.limits import limiter
from tenants.core.db import db
from tests.auth.conftest import _another
from tests.documents.issuing import NOW, issue
from tests.factories import acting


def ask(browser: Any, **data: Any) -> str:
    answer = browser.post("/verify", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def said(page: str) -> str:
    found = re.search(r'id="answer">(.*?)</div>\s*<form', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1] if found else ""))


def test_the_very_file_is_known(stage: Any, world: Any, client: Any) -> None:
    content = b"%PDF " + world.a.slug.encode()
    issue(stage, world.a, world.operator_a, content)
    browser = client()
    for data in (
        {"file": (io.BytesIO(content), "mine.pdf")},
        {"sha256": hashlib.sha256(content).hexdigest(), "name": "mine.pdf"},
    ):
        page = said(ask(browser, **data))
        assert "Genuine and unchanged" in page
        assert world.a.name in page
        assert "mine.pdf" in page


def test_another_byte_is_another_file(stage: Any, world: Any, client: Any) -> None:
    content = b"%PDF " + world.a.slug.encode()
    issue(stage, world.a, world.operator_a, content)
    page = said(ask(client(), file=(io.BytesIO(content + b"\n"), "mine.pdf")))
    assert "Not known here" in page
    assert world.a.name not in page


def test_a_code_is_answered_however_it_is_written(stage: Any, world: Any, client: Any) -> None:
    code, browser = new_code(), client()
    issue(stage, world.a, world.operator_a, b"%PDF c" + world.a.slug.encode(), code=code)
    for written in (code, shown(code), shown(code).lower()):
        assert world.a.name in said(ask(browser, code=written))
    assert world.a.name in said(browser.get(f"/verify?code={shown(code)}").text)


def test_what_was_replaced_says_so(stage: Any, world: Any, client: Any) -> None:
    first, second = (f"%PDF {n} {world.a.slug}".encode() for n in (1, 2))
    document = issue(stage, world.a, world.operator_a, first)
    issue(stage, world.a, world.operator_a, second, replaces=document, at=NOW + timedelta(days=1))
    browser = client()
    assert "replaced since" in said(ask(browser, file=(io.BytesIO(first), "a.pdf")))
    assert "Genuine and unchanged" in said(ask(browser, file=(io.BytesIO(second), "a.pdf")))


def test_unknown_deleted_and_uploaded_are_answered_alike(
    stage: Any, world: Any, client: Any
) -> None:
    gone = f"%PDF gone {world.a.slug}".encode()
    document = issue(stage, world.a, world.operator_a, gone)
    sent = f"%PDF sent {world.a.slug}".encode()
    other = issue(stage, world.a, world.operator_a, sent)
    stage.run("UPDATE documents SET title = '', deleted_at = now() WHERE id = :d", d=document)
    stage.run("UPDATE document_versions SET origin = 'uploaded' WHERE document_id = :d", d=other)
    browser = client()
    pages = {
        re.sub(r"SHA-256 [0-9a-f]{64}", "", said(ask(browser, file=(io.BytesIO(one), "a.pdf"))))
        for one in (gone, sent, b"never seen")
    }
    assert len(pages) == 1


def test_a_company_may_stay_unnamed(stage: Any, world: Any, client: Any) -> None:
    content = b"%PDF u" + world.a.slug.encode()
    issue(stage, world.a, world.operator_a, content)
    stage.run(
        "INSERT INTO letterheads (tenant_id, colour, font, sender, footer, named, version,"
        " changed_at, changed_by_name) VALUES (:t, '#112233', 'inter', '[]', '[]', false, 1, now(),"
        " 'x')", t=world.a.id,
    )  # fmt: skip
    page = said(ask(client(), file=(io.BytesIO(content), "a.pdf")))
    assert "Genuine and unchanged" in page
    assert world.a.name not in page


@pytest.mark.parametrize(
    "data", [{}, {"code": "ABCD"}, {"code": "x" * 5000}, {"sha256": "zz"}, {"sha256": "a" * 63},
             {"code": "😀\u202e' OR 1=1 --"}],
)  # fmt: skip
def test_nonsense_is_answered_with_a_sentence(client: Any, data: dict[str, str]) -> None:
    answer = client().post("/verify", data=data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.fixture
def limited(app: Any, environment: Any) -> Iterator[Any]:
    made = _another(environment, rate_limits=True)
    yield made
    # The limiter is one for the process; the other tests' application goes without.
    limiter.enabled = False
    with made.app_context():
        db.engine.dispose()


def test_too_many_questions_are_refused(limited: Any, client: Any) -> None:
    browser = client(of=limited)
    answers = [browser.post("/verify", data={"sha256": "a" * 64}).status_code for _ in range(61)]
    # Sixty fit into two minutes, if one ends meanwhile.
    assert 429 in answers
    assert answers[0] == 200


def test_it_speaks_the_language_of_the_browser(client: Any) -> None:
    answer = client().get("/verify", headers={"Accept-Language": "de"})
    assert 'lang="de"' in answer.text


def test_the_root_is_handed_out(stage: Any, world: Any, client: Any) -> None:
    with acting(stage, world.operator_a.scope(world.a)):
        ensure_seal(now=NOW)
        rows = [row for row in list_certificates() if row.kind == "root"]
        pem, known = rows[0].pem, list(fingerprints(rows).values())
    browser = client()
    assert known[0] in browser.get("/verify").text
    answer = browser.get(f"/verify/root/{known[0].replace(':', '')}.crt")
    assert answer.text == pem
    assert browser.get("/verify/root/00.crt").status_code == 404
