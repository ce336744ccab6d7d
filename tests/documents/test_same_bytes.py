"""A deletion certificate attests what is gone: copies at the request go along, or nothing goes."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.documents.services import disposing, holding
from app.documents.services.disposing import Night
from app.service_requests.queries import get_request_by_id
from app.service_requests.services import work
from tenants import files
from tests.documents.test_retention import _as, _night
from tests.factories import acting
from tests.factories.documents import make_document, own
from tests.factories.lifecycle import make_request
from tests.factories.people import Company, now


def _filed_and_delivered(stage: Any, world: Any, content: bytes) -> tuple[Any, int]:
    """A request with a document whose bytes are its result too."""
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    number = make_document(
        stage, world.a, content=content, request_id=made.id, dated=date(2010, 5, 1)
    )
    _deliver(stage, world, made, content)
    return made, number


def _deliver(stage: Any, world: Any, made: Any, content: bytes) -> None:
    with acting(stage, world.operator_a.scope(world.a)):
        work.upload_deliverable(
            request=get_request_by_id(request_id=made.id), actor=world.operator_a.actor(world.a),
            now=now(), name="letter.pdf", content_type="application/pdf", content=content,
            title="Letter",
        )  # fmt: skip


def _release(stage: Any, world: Any, number: int) -> None:
    disposal = stage.value(
        "SELECT p.id FROM document_disposals p JOIN documents d ON d.id = p.document_id"
        " WHERE d.number = :n AND d.tenant_id = :t AND p.ended_at IS NULL", n=number, t=world.a.id,
    )  # fmt: skip
    _as(stage, world.a, world.operator_a, disposing.propose, disposal_id=disposal)
    _as(stage, world.a, world.a.admin, disposing.release, disposal_id=disposal)


def _dropped(stage: Any, company: Company, night: Night) -> list[bool]:
    with acting(stage, company.scope):
        return [files.drop_bytes(sha256=sha256) for sha256 in night.hashes]


def test_the_result_of_its_request_goes_with_a_document(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    made, number = _filed_and_delivered(stage, world, b"%PDF-1.7 the letter")
    [file_id] = [
        row.id for row in own(stage, world.a, "SELECT f.id, f.sha256 FROM files f JOIN deliverables d"
        " USING (tenant_id) WHERE d.file_id = f.id")
    ]  # fmt: skip
    operator = sign_in_as(world.operator_a)
    assert operator.get(f"{made.url}/files/{file_id}").status_code == 200
    _night(stage, world.a)
    _release(stage, world, number)
    night = _night(stage, world.a)
    assert (night.deleted, _dropped(stage, world.a, night)) == (1, [True])
    gone = operator.get(f"{made.url}/files/{file_id}")
    assert gone.status_code == 404
    assert "See deletion certificate 1." in gone.text
    page = operator.get(made.url).text
    assert "deleted, certificate 1" in page
    assert str(file_id) not in page
    evidence = operator.get(f"{made.url}/evidence")
    assert evidence.status_code == 200
    assert "deleted, certificate 1" in evidence.text
    assert "the file is gone" not in evidence.text


def test_no_certificate_while_something_else_needs_the_bytes(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    content = b"%PDF-1.7 needed twice"
    made, number = _filed_and_delivered(stage, world, content)
    other = make_document(stage, world.a, kind="other", title="Of no period", content=content)
    _night(stage, world.a)
    _release(stage, world, number)
    night = _night(stage, world.a)
    assert (night.deleted, night.hashes, dict(night.stay)) == (0, [], {number: "bytes_needed"})
    assert not own(stage, world.a, "SELECT * FROM deletion_certificates")
    page = sign_in_as(world.a.admin).get(world.a.url("documents/retention")).text
    assert f"still needed elsewhere (document {other})" in page
    assert "Deleted tonight" not in page
    assert sign_in_as(world.operator_a).get(made.url).status_code == 200


def test_documents_with_the_same_bytes_go_together(stage: Any, world: Any) -> None:
    first = make_document(stage, world.a, content=b"%PDF same")
    second = make_document(stage, world.a, content=b"%PDF same")
    _night(stage, world.a)
    _release(stage, world, first)
    assert _night(stage, world.a).deleted == 0
    _release(stage, world, second)
    night = _night(stage, world.a)
    assert (night.deleted, _dropped(stage, world.a, night)) == (2, [True])


def test_a_hold_on_another_document_and_another_requests_result_hold_the_bytes(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    first = make_document(stage, world.a, content=b"%PDF same", dated=date(2010, 5, 1))
    second = make_document(stage, world.a, content=b"%PDF same", dated=date(2010, 5, 1))
    third = make_document(stage, world.a, content=b"%PDF third", dated=date(2010, 5, 1))
    _as(stage, world.a, world.a.admin, holding.place_hold, number=second, reason="Dispute")
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    _deliver(stage, world, made, b"%PDF third")
    _night(stage, world.a)
    for number in (first, third):
        _release(stage, world, number)
    assert _night(stage, world.a).deleted == 0
    page = sign_in_as(world.a.admin).get(world.a.url("documents/retention")).text
    assert f"(document {second})" in page
    assert f"(request {made.number})" in page
