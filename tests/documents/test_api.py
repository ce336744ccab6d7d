"""Programs file, list and download documents."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

from app.documents.checking.running import check
from app.documents.queries import get_document, get_version
from app.documents.services.slips import attach_slip
from tenants.permissions import system_actor
from tests.documents.checking.samples import FRENCH_PACKS, french_cii
from tests.factories import acting
from tests.factories.documents import NOW, make_document

URL = "/api/v1/documents"


def _file(content: bytes = b"%PDF-1.7 one") -> dict[str, Any]:
    return {"file": (io.BytesIO(content), "invoice.pdf")}


def test_filed_listed_and_downloaded(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user, scopes=["documents:read", "documents:write"])
    made = program.post(f"{URL}?kind=supporting_document&language=fr", data=_file())
    assert (made.status_code, made.headers["Location"]) == (201, f"{URL}/1")
    assert made.json["keep_until"].endswith("-12-31")
    [listed] = program.get(URL, query_string={"kind": "supporting_document"}).json["items"]
    assert (listed["number"], listed["title"], listed["check"]) == (1, "invoice", None)
    assert program.get(f"{URL}?kind=letter").json["items"] == []
    file = program.get(f"{URL}/1/versions/1/file")
    digest = base64.b64encode(hashlib.sha256(b"%PDF-1.7 one").digest()).decode()
    assert file.headers["Content-Digest"] == f"sha-256=:{digest}:"
    part = program.get(f"{URL}/1/versions/1/file", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (200, b"%PDF-1.7 one")
    assert part.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert "Accept-Ranges" not in part.headers
    version = program.post(f"{URL}/1/versions?reason=Typo", data=_file(b"two"))
    assert [one["number"] for one in version.json["versions"]] == [2, 1]


def test_what_is_here_already_is_a_conflict_unless_wanted_twice(
    stage: Any, world: Any, api_as: Any
) -> None:
    make_document(stage, world.a, content=b"%PDF-1.7 one")
    program = api_as(world.a.user, scopes=["documents:write"])
    url = f"{URL}?kind=supporting_document&language=fr"
    refused = program.post(url, data=_file())
    assert (refused.status_code, refused.json["code"]) == (409, "known_file")
    assert program.post(f"{url}&twice=true", data=_file()).status_code == 201


def test_refusals_name_the_place(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user, scopes=["documents:read", "documents:write"])
    unknown = program.post(f"{URL}?kind=poem&language=fr", data=_file())
    assert (unknown.status_code, "kind" in unknown.json["errors"]) == (422, True)
    assert program.post(f"{URL}?kind=letter&language=fr", data=_file(b"")).status_code == 422
    assert program.get(f"{URL}?request=4711").status_code == 404
    assert program.get(f"{URL}/4711").status_code == 404


def test_a_token_sees_the_lines_of_its_holder(stage: Any, world: Any, api_as: Any) -> None:
    make_document(stage, world.a, kind="payslip")
    program = api_as(world.a.people["finance_only"], scopes=["documents:read", "documents:write"])
    assert program.get(URL).json["items"] == []
    assert program.get(f"{URL}/1").status_code == 404
    assert program.post(f"{URL}?kind=payslip&language=fr", data=_file()).status_code == 403
    reader = api_as(world.a.user, scopes=["requests:read"])
    assert reader.get(URL).status_code == 403
    assert api_as(world.b.user, scopes=["documents:read"]).get(f"{URL}/1").status_code == 404


def test_a_checked_version_leads_to_its_slip(stage: Any, world: Any, api_as: Any) -> None:
    content, actor = french_cii(), system_actor(world.a.id)
    number = make_document(stage, world.a, content=content, name="invoice.xml")
    plain = make_document(stage, world.a)
    with acting(stage, world.a.scope):
        version = get_version(document=get_document(actor=actor, number=number), number=1)
        attach_slip(
            version=version, slip=check(content, FRENCH_PACKS, now=NOW), actor=actor, now=NOW
        )
    program = api_as(world.a.user, scopes=["documents:read"])
    file = program.get(f"{URL}/{number}/versions/1/file")
    slip = f"{URL}/{number}/versions/1/slip"
    assert file.headers["Slip-Outcome"] == "valid"
    assert file.headers["Link"] == f'<{slip}>; rel="describedby"'
    said = program.get(slip).json
    assert (said["outcome"], said["sha256"]) == ("valid", hashlib.sha256(content).hexdigest())
    assert [one["pack"] for one in said["runs"]] == list(FRENCH_PACKS)
    assert "Link" not in program.get(f"{URL}/{plain}/versions/1/file").headers
    for missing in (f"{plain}/versions/1", f"{number}/versions/9", "99/versions/1"):
        assert program.get(f"{URL}/{missing}/slip").status_code == 404
    assert api_as(world.a.user, scopes=["jobs:read"]).get(slip).status_code == 403
