"""What was issued here takes no file that somebody sends: not by the page, a program or on purpose."""

from __future__ import annotations

import io
from typing import Any

import pytest

from app.documents.queries import get_document
from app.documents.services.uploading import Filing, IssuedHere, Sent, keep_again, upload_version
from tests.documents.issuing import NOW, issue
from tests.documents.verifying.test_page import ask, said
from tests.factories import acting
from tests.factories.documents import own

TEXT = "text/plain"


@pytest.fixture
def issued(stage: Any, world: Any) -> bytes:
    """The first of two versions of document 1."""
    contents = [f"%PDF {n} {world.a.slug}".encode() for n in (1, 2)]
    document = issue(stage, world.a, world.operator_a, contents[0])
    issue(stage, world.a, world.operator_a, contents[1], replaces=document)
    return contents[0]


def _latest(stage: Any, company: Any) -> int:
    found: int = own(stage, company, "SELECT latest FROM documents WHERE number = 1")[0].latest
    return found


def test_no_service_puts_another_file_in_its_place(stage: Any, world: Any, issued: bytes) -> None:
    person = world.operator_a
    who: dict[str, Any] = {"actor": person.actor(world.a), "now": NOW}
    with acting(stage, person.scope(world.a)):
        with pytest.raises(IssuedHere):
            upload_version(number=1, sent=Sent("x.txt", TEXT, b"other"), reason="x", **who)
        with pytest.raises(IssuedHere):
            keep_again(number=1, version_number=1, filing=None, **who)
        copy = keep_again(number=1, version_number=1, filing=Filing("letter", "fr"), **who)
        copied = get_document(actor=who["actor"], document_id=copy.document_id)
        # What people filed themselves takes one.
        sent = Sent("x.txt", TEXT, b"other")
        upload_version(number=copied.number, sent=sent, reason="x", **who)
    assert _latest(stage, world.a) == 2


def test_the_pages_do_not_offer_it(
    stage: Any, world: Any, issued: bytes, sign_in_as: Any, client: Any
) -> None:
    browser, here = sign_in_as(world.a.user), world.a.url("documents/1")
    assert "Another version" not in browser.get(here).text
    form = {"client": world.a.slug, "reason": "x", "file": (io.BytesIO(b"other"), "x.txt")}
    refused = browser.post(f"{here}/versions", data=form)
    assert (refused.status_code, "was issued here" in refused.text) == (409, True)
    sent = {"client": world.a.slug, "kind": "letter", "language": "fr",
            "files": [(io.BytesIO(issued), "again.pdf")]}  # fmt: skip
    known = browser.post(world.a.url("documents/new"), data=sent).text
    assert "is here already" in known
    assert "Keep as a new version" not in known
    again = {"client": world.a.slug, "number": 1, "version": 1, "way": "version"}
    assert browser.post(world.a.url("documents/again"), data=again).status_code == 409
    assert _latest(stage, world.a) == 2


def test_a_program_is_refused_too(stage: Any, world: Any, issued: bytes, api_as: Any) -> None:
    program = api_as(world.a.user, scopes=["documents:read", "documents:write"])
    file = {"file": (io.BytesIO(b"other"), "x.txt")}
    refused = program.post("/api/v1/documents/1/versions?reason=x", data=file)
    assert (refused.status_code, refused.json["code"]) == (409, "issued_document")


def test_a_file_that_was_sent_replaces_nothing_for_strangers(
    stage: Any, world: Any, client: Any
) -> None:
    """Of versions that people put on top in former times nothing is said."""
    first, second, third = (f"%PDF {n} {world.a.slug}".encode() for n in (1, 2, 3))
    document = issue(stage, world.a, world.operator_a, first)
    issue(stage, world.a, world.operator_a, second, replaces=document)
    stage.run(
        "UPDATE document_versions SET origin = 'uploaded' WHERE document_id = :d AND number = 2",
        d=document,
    )
    browser = client()
    page = said(ask(browser, file=(io.BytesIO(first), "a.pdf")))
    assert "Genuine and unchanged" in page
    assert "1 of 1" in page
    issue(stage, world.a, world.operator_a, third, replaces=document)
    page = said(ask(browser, file=(io.BytesIO(first), "a.pdf")))
    assert "replaced since" in page
    assert "1 of 2" in page
    assert "2 of 2" in said(ask(browser, file=(io.BytesIO(third), "a.pdf")))
