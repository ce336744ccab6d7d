"""Documents of a guest's lines: to read, and every look is written down."""

from __future__ import annotations

from typing import Any

from tests.factories import make_guest
from tests.factories.documents import add_version, make_document


def test_documents_of_their_lines_and_nothing_else(stage: Any, world: Any, sign_in_as: Any) -> None:
    a = world.a
    mine = make_document(stage, a, title="Lease of the hall", content=b"%PDF-1.7 one")
    add_version(stage, a, mine, b"%PDF-1.7 two", reason="Typo")
    other = make_document(stage, a, title="Salaries", kind="payslip")
    guest = make_guest(stage, a, lines=("finance",))
    browser = sign_in_as(guest)
    assert a.url("guest/documents") in browser.get(a.url("guest")).text
    listed = browser.get(a.url("guest/documents")).text
    assert "Lease of the hall" in listed
    for query in ("", "?q=alari", f"?q={other}", "?line=hr", "?kind=payslip"):
        assert "Salaries" not in browser.get(a.url(f"guest/documents{query}")).text
    assert "Nothing fits" in browser.get(a.url("guest/documents?q=none%00such")).text
    here = a.url(f"guest/documents/{mine}")
    shown = browser.get(here).text
    assert "Typo" in shown
    assert "Superseded" in shown
    file = browser.get(f"{here}/versions/1/file")
    assert (file.data, file.headers["Content-Disposition"][:10]) == (b"%PDF-1.7 one", "attachment")
    for path in (f"{other}", f"{other}/versions/1/file", f"{mine}/versions/9/file"):
        assert browser.get(a.url(f"guest/documents/{path}")).status_code == 404
    assert browser.get(a.url(f"documents/{mine}")).status_code == 403
    stranger = sign_in_as(make_guest(stage, world.b, key="stranger"))
    assert stranger.get(here).status_code == 404

    office = sign_in_as(a.admin)
    looks = office.get(a.url(f"people/guests/{guest.member_id}")).text
    looks = looks[looks.index('id="looks"') :]
    assert "Opened a document" in looks
    assert "Downloaded a document" in looks
    assert "receipt.pdf" in looks
    assert looks.count("Lease of the hall") == 2
