"""A letter from its template to the sealed file on the request, and everything in its way."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from app.documents.sealing.pdf import read_seal
from tests.documents.words import words_of
from tests.factories.lifecycle import make_request

VALUES = {
    "title": "End of the lease", "recipient": "Mme Hélène Durand\n12 rue des Tilleuls\n69003 Lyon",
    "language": "fr", "message": "We leave in June.", "signatory": "Claire Martin",
}  # fmt: skip


@pytest.fixture
def request_made(stage: Any, world: Any) -> Any:
    return make_request(
        stage, world.a, state="in_progress", item="letter_draft", operator=world.operator_a,
        title="End of the lease", values=VALUES,
    )  # fmt: skip


@pytest.fixture
def operator(world: Any, sign_in_as: Any) -> Any:
    return sign_in_as(world.operator_a)


def begin(browser: Any, made: Any, choice: str = "letter:fr") -> str:
    answer = browser.post(
        f"{made.url}/letters", data={"client": made.company.slug, "begin": choice}
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).replace("http://localhost", "")


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the editor."""
    body = page[page.index('id="letter-form"') :].split("</form>")[0]
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', body))
    found |= dict(re.findall(r'name="(\w+)"[^>]*>([^<]*)</textarea>', body))
    found |= dict(re.findall(r'id="f-(\w+)"[^>]* value="([^"]*)"', body))
    del found["then"]
    return found


def ready(browser: Any, url: str, **more: str) -> dict[str, str]:
    data = form_of(browser.get(url).text)
    return {
        **data, "field_salutation": "Madame", "body": "Bonjour **{{salutation}}**,\n\nTexte.",
        "subject": "Fin du bail", **more,
    }  # fmt: skip


def test_a_letter_is_issued_sealed_attached_and_verifiable(
    stage: Any, request_made: Any, operator: Any, client: Any
) -> None:
    assert "Write a letter" in operator.get(request_made.url).text
    url = begin(operator, request_made)
    page = operator.get(url).text
    assert "Mme Hélène Durand" in page
    answer = operator.post(url, data=ready(operator, url, then="issue"))
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-3000:]
    [row] = stage.rows(
        "SELECT v.sha256, v.code, d.kind FROM document_versions v JOIN documents d"
        " ON d.id = v.document_id WHERE d.request_id = :r", r=request_made.id,
    )  # fmt: skip
    [made] = stage.rows(
        "SELECT f.sha256, d.kind FROM deliverables d JOIN files f ON f.id = d.file_id"
        " WHERE d.request_id = :r", r=request_made.id,
    )  # fmt: skip
    assert (row.sha256, row.kind, made.kind) == (made.sha256, "letter", "letter")
    content = file_of(stage, request_made, row.sha256)
    said = words_of(content)
    for words in ("Fin du bail", "Bonjour Madame", "Mme Hélène Durand", "Texte."):
        assert words in said
    pems = [one.pem for one in stage.rows("SELECT pem FROM seal_certificates WHERE kind = 'root'")]
    found = read_seal(content, roots=pems)
    assert found
    assert found.good
    known = client().post("/verify", data={"file": (io.BytesIO(content), "x.pdf")}).text
    assert "Genuine and unchanged" in known
    assert request_made.company.name in client().get(f"/verify?code={row.code}").text
    # A corrected one takes its place.
    answer = operator.post(f"{url}/correct", data={"client": request_made.company.slug})
    assert answer.status_code == 303
    answer = operator.post(url, data=ready(operator, url, then="issue", subject="Fin du bail, bis"))
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-3000:]
    known = client().post("/verify", data={"file": (io.BytesIO(content), "x.pdf")}).text
    assert "replaced since" in known


def file_of(stage: Any, made: Any, sha256: str) -> bytes:
    from tenants import files
    from tests.factories import acting

    with acting(stage, made.company.scope):
        filesystem, path = files._place(sha256)
        content: bytes = filesystem.cat_file(path)
    return content


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"body": "{{deadline}}"},
            "Text, line 1: The field “Date until which an answer is wanted”",
        ),
        ({"body": "{{nothing_like_it}}"}, "There is no field “nothing_like_it” here"),
        ({"body": "Hello 😀"}, "U+1F600 GRINNING FACE"),
        ({"field_salutation": "株"}, "The field “Form of address” holds “株”"),
        ({"field_recipient_name": ""}, "The field “Name of the recipient” is empty."),
        ({"field_recipient_address": "abc\u202edef"}, "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ({"subject": ""}, "The subject is empty."),
        ({"body": "x" * 20_001}, "20000"),
        ({"field_salutation": "x" * 10_001}, "10000"),
    ],
)
def test_what_is_missing_or_unprintable_is_said_before_anything_leaves(
    stage: Any, request_made: Any, operator: Any, change: dict[str, str], words: str
) -> None:
    url = begin(operator, request_made)
    answer = operator.post(url, data=ready(operator, url, then="issue", **change))
    assert answer.status_code == 422
    assert words in answer.text.replace("\u202f", "").replace(",000", "000"), words
    assert not stage.rows("SELECT FROM documents WHERE request_id = :r", r=request_made.id)


def test_a_draft_may_have_gaps_and_its_preview_says_so(request_made: Any, operator: Any) -> None:
    url = begin(operator, request_made)
    data = ready(operator, url, body="{{deadline}} #read(1)")
    assert operator.post(url, data=data).status_code == 303
    page = operator.post(f"{url}/preview", data=form_of(operator.get(url).text)).text
    assert "data:image/png;base64," in page
    assert "Date until which an answer is wanted" in page


def test_two_operators_do_not_overwrite_each_other(request_made: Any, operator: Any) -> None:
    url = begin(operator, request_made)
    old = ready(operator, url)
    assert operator.post(url, data=old).status_code == 303
    answer = operator.post(url, data={**old, "body": "Mine"})
    assert answer.status_code == 409
    assert "Mine" in answer.text


def test_a_list_has_its_table(stage: Any, request_made: Any, operator: Any) -> None:
    url = begin(operator, request_made, "list:de")
    data = ready(operator, url, body="Liste", table="Name;Betrag\nMüller;1,00\n=1+1;2")
    bad = operator.post(url, data={**data, "table": "a;b\nc", "then": "issue"})
    assert "This row has 1 columns, the first has 2." in bad.text
    answer = operator.post(url, data={**data, "then": "issue"})
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-3000:]
    [row] = stage.rows(
        "SELECT sha256 FROM document_versions v JOIN documents d ON d.id = v.document_id"
        " WHERE d.request_id = :r", r=request_made.id,
    )  # fmt: skip
    said = words_of(file_of(stage, request_made, row.sha256))
    assert "Müller" in said
    assert "=1+1" in said


def test_a_draft_is_nobodys_on_the_clients_side(
    world: Any, request_made: Any, operator: Any, sign_in_as: Any
) -> None:
    url = begin(operator, request_made)
    for person, status in ((world.a.admin, 403), (world.operator_b, 404), (world.b.user, 404)):
        browser = sign_in_as(person)
        assert browser.get(url).status_code == status
        assert browser.post(url, data={}).status_code == status
    assert "Write a letter" not in sign_in_as(world.a.user).get(request_made.url).text


def test_a_draft_is_discarded(request_made: Any, operator: Any) -> None:
    url = begin(operator, request_made)
    version = form_of(operator.get(url).text)["version"]
    data = {"client": request_made.company.slug, "version": version}
    assert operator.post(f"{url}/discard", data=data).status_code == 303
    assert operator.get(url).status_code == 404


def issue(browser: Any, url: str, **more: str) -> None:
    answer = browser.post(url, data=ready(browser, url, then="issue", **more))
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-3000:]


def test_no_letter_replaces_another_one(stage: Any, request_made: Any, operator: Any) -> None:
    urls = []
    for subject, choice in (("Un", "letter:fr"), ("Deux", "letter:fr"), ("Page", "cover:fr")):
        urls.append(begin(operator, request_made, choice))
        table = {"table": "Objet;Bail"} if choice == "cover:fr" else {}
        issue(operator, urls[-1], subject=subject, **table)
    holding = (
        "SELECT title, kind FROM deliverables WHERE request_id = :r AND superseded_at IS NULL"
        " ORDER BY at"
    )
    first, second = ("Un", "letter"), ("Deux", f"file:letter-{request_made.number}-2.pdf")
    third = ("Page", f"file:cover-{request_made.number}-2.pdf")
    found = [tuple(row) for row in stage.rows(holding, r=request_made.id)]
    assert found == [first, second, third]
    for which, subject in ((1, "Deux, bis"), (0, "Un, bis"), (1, "Deux, ter")):
        operator.post(f"{urls[which]}/correct", data={"client": request_made.company.slug})
        issue(operator, urls[which], subject=subject)
    found = [tuple(row) for row in stage.rows(holding, r=request_made.id)]
    assert found == [third, ("Un, bis", first[1]), ("Deux, ter", second[1])]
    [names] = stage.rows(
        "SELECT count(DISTINCT d.id) AS documents, max(d.latest) AS latest FROM documents d"
        " WHERE d.request_id = :r", r=request_made.id,
    )  # fmt: skip
    assert tuple(names) == (3, 3)


def test_what_was_issued_stands_again_when_its_correction_is_discarded(
    request_made: Any, operator: Any
) -> None:
    url, own = begin(operator, request_made), {"client": request_made.company.slug}
    issue(operator, url)
    assert operator.post(f"{url}/correct", data=own).status_code == 303
    changed = ready(
        operator, url, subject="Draft never issued", body="9999", closing="Wrong",
        field_recipient_name="M. Autre",
    )  # fmt: skip
    assert operator.post(url, data=changed).status_code == 303
    version = form_of(operator.get(url).text)["version"]
    assert operator.post(f"{url}/discard", data={**own, "version": version}).status_code == 303
    listed = operator.get(f"{request_made.url}/letters").text
    assert "Fin du bail" in listed
    assert "Draft never issued" not in listed
    assert operator.post(f"{url}/correct", data=own).status_code == 303
    page = operator.get(url).text
    for words in ("Fin du bail", "Texte.", "Mme Hélène Durand"):
        assert words in page
    for words in ("9999", "M. Autre", "Wrong"):
        assert words not in page


def test_a_letter_whose_document_was_deleted_begins_a_new_one(
    stage: Any, request_made: Any, operator: Any
) -> None:
    url, own = begin(operator, request_made), {"client": request_made.company.slug}
    issue(operator, url)
    for change in (
        "document_versions v SET file_id = NULL FROM documents d WHERE d.id = v.document_id AND",
        "documents d SET title = '', deleted_at = now() WHERE",
    ):
        stage.run(f"UPDATE {change} d.request_id = :r", r=request_made.id)
    for subject in ("Fin du bail, bis", "Fin du bail, ter"):
        assert operator.post(f"{url}/correct", data=own).status_code == 303
        issue(operator, url, subject=subject)
    found = stage.rows(
        "SELECT title, latest FROM documents WHERE request_id = :r AND deleted_at IS NULL",
        r=request_made.id,
    )
    assert [tuple(row) for row in found] == [("Fin du bail, ter", 2)]
    kinds = stage.rows(
        "SELECT DISTINCT kind FROM deliverables WHERE request_id = :r", r=request_made.id
    )
    assert [row.kind for row in kinds] == ["letter"]


def test_every_letter_stands_in_the_list(stage: Any, request_made: Any, operator: Any) -> None:
    begin(operator, request_made)
    stage.run(
        "INSERT INTO letters (tenant_id, id, request_id, kind, language, subject, body, closing,"
        " field_values, version, written_at, written_by_name) SELECT tenant_id, uuidv7(), request_id,"
        " kind, language, 'Copy ' || n, '', '', '{}', 1, written_at, written_by_name"
        " FROM letters, generate_series(1, 50) n WHERE request_id = :r", r=request_made.id,
    )  # fmt: skip
    assert "51 drafts are being written." in operator.get(request_made.url).text
    here = f"{request_made.url}/letters"
    page = operator.get(here).text
    assert page.count("/letters/") == 50
    following = re.search(r'href="([^"]+cursor=[^"]+)"', page)
    assert following
    page = operator.get(following[1]).text
    assert page.count("/letters/") == 1
    assert operator.get(f"{here}?cursor=x").status_code == 422
