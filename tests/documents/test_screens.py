"""Documents on screen: filed, found, moved, kept, downloaded, by who may."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pikepdf
import pytest

from app.documents.checking.slip import Finding, RuleRun, Slip
from tests.factories import make_grant, make_staff
from tests.factories.documents import NOW, add_version, document_id, make_document, own
from tests.factories.lifecycle import make_request

PDF = b"%PDF-1.7 a receipt"


def _form(company: Any, **more: Any) -> dict[str, Any]:
    return {"client": company.slug, "kind": "supporting_document", "language": "fr"} | more


def _file(content: bytes = PDF, name: str = "receipt.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def test_filed_found_and_downloaded(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.a.user)
    answer = browser.post(world.a.url("documents/new"), data=_form(world.a, files=[_file()]))
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "receipt.pdf" in page
    assert "2036" in page
    listed = browser.get(world.a.url("documents")).text
    assert "receipt" in listed
    assert "receipt" not in browser.get(world.a.url("documents?q=nothing")).text
    assert "receipt" in browser.get(world.a.url("documents?q=RECEI&kind=supporting_document")).text
    assert "receipt" not in browser.get(world.a.url("documents?since=2100-01-01")).text
    file = browser.get(world.a.url("documents/1/versions/1/file"))
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file.headers["Content-Security-Policy"]


def test_several_at_once_and_all_or_none(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser, url = sign_in_as(world.a.user), world.a.url("documents/new")
    bad = [_file(b"one", "one.pdf"), _file(b"MZ\0\0", "two.exe")]
    refused = browser.post(url, data=_form(world.a, files=bad))
    assert refused.status_code == 422
    assert "two.exe" in refused.text
    assert own(stage, world.a, "SELECT count(*) FROM documents")[0][0] == 0
    good = [_file(b"one", "one.pdf"), _file(b"two", "two.pdf")]
    assert browser.post(url, data=_form(world.a, files=good)).status_code == 303
    titles = own(stage, world.a, "SELECT title FROM documents ORDER BY number")
    assert [one.title for one in titles] == ["one", "two"]


@pytest.mark.parametrize(
    ("files", "said"),
    [([], "choose a file"), ([_file(b"", "empty.pdf")], "empty")],
)
def test_what_is_no_file_is_said(
    stage: Any, world: Any, sign_in_as: Any, files: list[Any], said: str
) -> None:
    files = [_file(one[0].getvalue(), one[1]) for one in files]
    page = sign_in_as(world.a.user).post(world.a.url("documents/new"),
                                         data=_form(world.a, files=files))  # fmt: skip
    assert (page.status_code, said in page.text) == (422, True)


def test_hostile_names_become_a_readable_line(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.a.user)
    name = "<b>in\u202evoice</b>" + "x" * 10_000 + ".pdf"
    answer = browser.post(
        world.a.url("documents/new"), data=_form(world.a, files=[_file(PDF, name)])
    )
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "\u202e" not in page
    assert "<b>in" not in page
    too_long = _form(world.a, files=[_file(b"other")], title="x" * 10_000)
    assert browser.post(world.a.url("documents/new"), data=too_long).status_code == 422


def _with_script(packed: bool) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
    )
    out = io.BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    pdf.save(out, object_stream_mode=mode)
    return out.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_a_pdf_with_a_script_stays_out(
    stage: Any, world: Any, sign_in_as: Any, packed: bool
) -> None:
    browser, file = sign_in_as(world.a.user), _file(_with_script(packed))
    page = browser.post(world.a.url("documents/new"), data=_form(world.a, files=[file]))
    assert (page.status_code, "holds a script" in page.text) == (422, True)


def test_what_is_here_already_is_said_and_left_to_choose(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    number = make_document(stage, world.a, content=PDF, title="First")
    add_version(stage, world.a, number, b"second")
    browser = sign_in_as(world.a.user)
    page = browser.post(world.a.url("documents/new"), data=_form(world.a, files=[_file()])).text
    assert "is here already" in page
    assert "superseded since" in page
    assert f"/documents/{number}" in page
    assert own(stage, world.a, "SELECT count(*) FROM documents")[0][0] == 1
    again = _form(world.a, number=number, version=1, way="version")
    assert browser.post(world.a.url("documents/again"), data=again).status_code == 303
    assert own(stage, world.a, "SELECT latest FROM documents")[0][0] == 3
    twice = browser.post(world.a.url("documents/again"), data=again | {"version": 3})
    assert twice.status_code == 409
    alone = browser.post(world.a.url("documents/again"), data=again | {"way": "document"})
    assert alone.status_code == 303
    assert own(stage, world.a, "SELECT count(*) FROM documents")[0][0] == 2


def test_the_same_bytes_of_another_company_or_line_are_no_duplicate(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    make_document(stage, world.b, content=PDF)
    make_document(stage, world.a, content=PDF, kind="payslip")
    browser = sign_in_as(world.a.people["finance_only"])
    answer = browser.post(world.a.url("documents/new"), data=_form(world.a, files=[_file()]))
    assert answer.status_code == 303


def test_a_new_version_by_hand(stage: Any, world: Any, sign_in_as: Any) -> None:
    number = make_document(stage, world.a, content=PDF)
    browser, url = sign_in_as(world.a.user), world.a.url("documents/1/versions")
    same = browser.post(url, data={"client": world.a.slug, "reason": "x", "file": _file()})
    assert (same.status_code, "version 1" in same.text) == (409, True)
    form = {"client": world.a.slug, "reason": "Right address", "file": _file(b"new")}
    assert browser.post(url, data=form).status_code == 303
    page = browser.get(world.a.url(f"documents/{number}")).text
    assert "Right address" in page
    assert "Superseded" in page
    assert browser.get(world.a.url("documents/1/versions/1/file")).data == PDF
    assert browser.get(world.a.url("documents/1/versions/9/file")).status_code == 404
    assert browser.get(world.a.url("documents/99999999999")).status_code == 404


def test_salaries_are_for_those_who_see_them(stage: Any, world: Any, sign_in_as: Any) -> None:
    number = make_document(stage, world.a, kind="payslip", title=world.a.text("PAYSLIP"))
    browser = sign_in_as(world.a.people["finance_only"])
    assert browser.get(world.a.url(f"documents/{number}")).status_code == 404
    assert "PAYSLIP" not in browser.get(world.a.url("documents")).text
    refused = browser.post(world.a.url("documents/new"),
                           data=_form(world.a, kind="payslip", files=[_file()]))  # fmt: skip
    assert refused.status_code in (403, 422)
    assert "PAYSLIP" in sign_in_as(world.a.user).get(world.a.url("documents")).text


def test_who_may(stage: Any, world: Any, sign_in_as: Any) -> None:
    number = make_document(stage, world.a)
    reader = make_staff(stage, role="operator", name="Rita")
    make_grant(stage, world.a, reader, lines=("finance",), level="read")
    browser = sign_in_as(reader)
    assert browser.get(world.a.url(f"documents/{number}")).status_code == 200
    assert browser.get(world.a.url("documents/new")).status_code == 403
    hold = {"client": world.a.slug, "reason": "Audit"}
    assert browser.post(world.a.url("documents/1/hold"), data=hold).status_code == 403
    assert (
        sign_in_as(world.a.user).post(world.a.url("documents/1/hold"), data=hold).status_code == 403
    )
    assert sign_in_as(world.b.user).get(world.a.url("documents")).status_code == 404


def test_moved_and_renamed(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_document(stage, world.a)
    browser = sign_in_as(world.a.user)
    bank = own(stage, world.a, "SELECT id FROM document_folders WHERE code = 'bank'")[0][0]
    form = {"client": world.a.slug, "title": "Bank fee", "folder": str(bank)}
    assert browser.post(world.a.url("documents/1/change"), data=form).status_code == 303
    assert "Bank fee" in browser.get(world.a.url(f"documents?folder={bank}")).text
    parent = own(stage, world.a, "SELECT id FROM document_folders WHERE code = 'finance'")[0][0]
    assert "Bank fee" in browser.get(world.a.url(f"documents?folder={parent}")).text
    wrong = form | {"client": world.b.slug, "title": "MINE"}
    stopped = browser.post(world.a.url("documents/1/change"), data=wrong)
    assert (stopped.status_code, "MINE" in stopped.text) == (409, True)
    foreign = form | {"folder": str(document_id(stage, world.a, 1))}
    assert browser.post(world.a.url("documents/1/change"), data=foreign).status_code in (404, 422)


def test_folders_of_ones_own(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser, url = sign_in_as(world.a.user), world.a.url("documents/folders")
    assert "No folders yet" in browser.get(url).text
    assert browser.post(f"{url}/plan", data={"client": world.a.slug}).status_code == 303
    top = own(stage, world.a, "SELECT id FROM document_folders WHERE code = 'finance'")[0][0]
    form = {"client": world.a.slug, "name": "Leasing", "parent": str(top)}
    assert browser.post(url, data=form).status_code == 303
    assert browser.post(url, data=form).status_code == 422
    made = own(stage, world.a, "SELECT id FROM document_folders WHERE name = 'Leasing'")[0][0]
    below = form | {"name": "2026", "parent": str(made)}
    assert browser.post(url, data=below).status_code == 303
    used = browser.post(f"{url}/{made}/remove", data=form)
    assert (used.status_code, "Move it elsewhere first" in used.text) == (409, True)
    renamed = browser.post(f"{url}/{made}/rename", data=form | {"name": "Vehicles"})
    assert renamed.status_code == 303
    assert "Vehicles" in browser.get(url).text
    last = own(stage, world.a, "SELECT id FROM document_folders WHERE name = '2026'")[0][0]
    assert browser.post(f"{url}/{last}/remove", data=form).status_code == 303


def test_a_request_shows_its_documents(stage: Any, world: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a)
    browser = sign_in_as(world.a.user)
    form = _form(world.a, files=[_file()], request=str(made.number), kind="letter")
    assert browser.post(world.a.url("documents/new"), data=form).status_code == 303
    assert "part-documents" in browser.get(made.url).text
    url = world.a.url(f"documents/of-request/{made.number}")
    assert (
        "receipt"
        in browser.get(url, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    )
    assert "receipt" in browser.get(url, follow_redirects=True).text
    page = browser.get(world.a.url("documents/1")).text
    assert f"/requests/{made.number}" in page
    stage.run("UPDATE requests SET line = 'hr' WHERE id = :r", r=made.id)
    other = sign_in_as(world.a.people["finance_only"])
    assert (
        other.get(url, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).status_code
        == 404
    )
    assert other.get(url, follow_redirects=True).status_code == 404


def test_the_slip_stands_beside_its_file(stage: Any, world: Any, sign_in_as: Any) -> None:
    run = RuleRun("cen-cii", "1.3", "failed", "", (Finding("BR-16", "fatal", "No line", "/x"),))
    slip = Slip(hashlib.sha256(PDF).hexdigest(), NOW, (run,), ())
    make_document(stage, world.a, kind="sales_invoice", content=PDF, slip=slip)
    page = sign_in_as(world.a.user).get(world.a.url("documents/1"))
    assert page.status_code == 200
    assert "BR-16" in page.text
    assert "Not valid" in page.text
    assert "Not valid" in sign_in_as(world.a.user).get(world.a.url("documents")).text


def test_the_list_is_few_statements_whatever_it_holds(
    stage: Any, world: Any, sign_in_as: Any, count_statements: Any
) -> None:
    browser = sign_in_as(world.a.user)
    make_document(stage, world.a)
    browser.get(world.a.url("documents"))
    with count_statements() as few:
        browser.get(world.a.url("documents"))
    for number in range(5):
        make_document(stage, world.a, content=str(number).encode() * 9)
    with count_statements() as many:
        browser.get(world.a.url("documents"))
    assert len(many) == len(few)


def test_pages_of_a_long_list(stage: Any, world: Any, sign_in_as: Any) -> None:
    for number in range(51):
        make_document(stage, world.a, title=f"Paper {number:02}", content=b"x" * (number + 1))
    browser = sign_in_as(world.a.user)
    page = browser.get(world.a.url("documents")).text
    assert "Paper 50" in page
    assert "Paper 00" not in page
    cursor = page.split("cursor=")[1].split('"')[0]
    assert "Paper 00" in browser.get(world.a.url(f"documents?cursor={cursor}")).text
    assert browser.get(world.a.url("documents?cursor=broken")).status_code == 422


def test_the_list_as_a_sheet(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_document(stage, world.a, title="=SUM(A1)")
    browser = sign_in_as(world.a.user)
    sheet = browser.get(world.a.url("documents/export"))
    assert "'=SUM(A1)" in sheet.data.decode("utf-8-sig")
    assert browser.get(world.a.url("documents/export?format=xlsx")).data[:2] == b"PK"
    assert "SUM" not in browser.get(world.a.url("documents/export?q=nothing")).text
