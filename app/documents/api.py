"""Documents for programs: to look through, to download and to file."""

from typing import Any

from flask import Blueprint, Response

from app.auth.current import current_actor
from app.documents import api_schemas as shapes
from app.documents import queries
from app.documents.models import Document, DocumentVersion
from app.documents.queries import Filters, Held, Listed
from app.documents.services.uploading import Filing, Sent, file_uploads, upload_version
from app.web.api.attaching import attached
from app.web.api.reading import SentFile
from tenants import files
from tenants.core import clock
from tenants.core.errors import Conflict, NotFound
from tenants.core.pagination import Page
from tenants.core.text import _m
from tenants.operations import Answer, operation

bp = Blueprint("documents_api", __name__, url_prefix="/api/v1/documents")
READ: dict[str, Any] = {
    "tag": "Documents", "permission": "document.read", "scope": "documents:read",
}  # fmt: skip
WRITE: dict[str, Any] = {
    "tag": "Documents", "permission": "document.file", "scope": "documents:write", "upload": True,
    "status": 201, "refusals": (404, 409, 413, 422),
}  # fmt: skip


class KnownFile(Conflict):
    code = "known_file"
    message = _m("This very file is version %(version)s of document %(number)s already.")


@bp.get("")
@operation("List documents, filed last first", form="page", query=shapes.DocumentQuery,
           answer=shapes.DocumentOut, refusals=(404,), **READ)  # fmt: skip
def list_filed_documents(query: dict[str, Any]) -> Page[Any]:
    actor, number = current_actor(), query.pop("request", None)
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    wanted = Filters(
        words=query.pop("q", ""),
        request_id=queries.get_own_request(actor=actor, number=number) if number else None,
        **query,
    )
    found = queries.list_documents(actor=actor, filters=wanted, cursor=cursor, limit=limit)
    return Page([_row(one) for one in found.items], found.next_cursor)


@bp.get("/<int:document_number>")
@operation("Show a document with its versions", answer=shapes.DocumentDetail, refusals=(404,),
           **READ)  # fmt: skip
def show_document(document_number: int) -> dict[str, Any]:
    return _detail(queries.get_document(actor=current_actor(), number=document_number))


@bp.get("/<int:document_number>/versions/<int:version_number>/file")
@operation(
    "Download a version of a document", form="file", refusals=(404, 409), **READ,
    description="The bytes, with their SHA-256 in `Content-Digest` (RFC 9530). Of one that was "
    "checked, `Slip-Outcome` says what the last check found, and `Link` leads to its slip.",
)  # fmt: skip
def download_version(document_number: int, version_number: int) -> Response:
    version = _version_of(document_number, version_number)
    stored, slip = queries.get_file(version), queries.find_slip(version_id=version.id)
    response = attached(files.read(stored), name=stored.name)
    if slip is not None:
        here = f"/api/v1/documents/{document_number}/versions/{version_number}"
        response.headers["Slip-Outcome"] = slip.outcome
        response.headers["Link"] = f'<{here}/slip>; rel="describedby"'
    return response


@bp.get("/<int:document_number>/versions/<int:version_number>/slip")
@operation(
    "Show the validation slip of a version of a document", answer=shapes.SlipOut, refusals=(404,),
    **READ, description="Of its last check; 404 while there was none.",
)  # fmt: skip
def show_version_slip(document_number: int, version_number: int) -> dict[str, Any]:
    version = _version_of(document_number, version_number)
    slip = queries.find_slip(version_id=version.id)
    if slip is None:
        raise NotFound
    return queries.slip_facts(slip)


@bp.post("")
@operation("File a document", query=shapes.NewDocumentQuery, answer=shapes.DocumentDetail, **WRITE)
def file_document(sent: SentFile, query: dict[str, Any]) -> Answer:
    actor, number = current_actor(), query["request"]
    filing = Filing(
        kind=query["kind"], language=query["language"], title=query["title"], dated=query["dated"],
        request_id=queries.get_own_request(actor=actor, number=number) if number else None,
    )  # fmt: skip
    done = file_uploads(
        sent=[_sent(sent)], filing=filing, actor=actor, now=clock.now(), twice=query["twice"]
    )
    for known in done.known:
        place = known.places[0]
        raise KnownFile(version=place.version.number, number=place.document.number)
    made = queries.get_document(actor=actor, document_id=done.versions[0].document_id)
    return Answer(_detail(made), location=f"/api/v1/documents/{made.number}")


@bp.post("/<int:document_number>/versions")
@operation("File a new version of a document", query=shapes.NewVersionQuery,
           answer=shapes.DocumentDetail, **WRITE,
           description="Of what people filed: a document that was issued here takes none (409).",
)  # fmt: skip
def file_version(document_number: int, sent: SentFile, query: dict[str, Any]) -> Answer:
    actor = current_actor()
    upload_version(
        number=document_number, sent=_sent(sent), reason=query["reason"], actor=actor,
        now=clock.now(),
    )  # fmt: skip
    return Answer(_detail(queries.get_document(actor=actor, number=document_number)))


def _version_of(document_number: int, version_number: int) -> DocumentVersion:
    document = queries.get_document(actor=current_actor(), number=document_number)
    return queries.get_version(document=document, number=version_number)


def _sent(sent: SentFile) -> Sent:
    return Sent(sent.name, sent.content_type, sent.content)


def _row(one: Listed) -> dict[str, Any]:
    return _facts(one.document, one.sha256, one.size, one.outcome)


def _detail(document: Document) -> dict[str, Any]:
    versions = queries.list_versions(document=document)
    slips = queries.list_slips(version_ids=[one.version.id for one in versions])
    checks = {one.version_id: one.outcome for one in reversed(slips)}
    last = versions[0].version
    return {
        **_facts(document, last.sha256, last.size, checks.get(last.id)),
        "versions": [_version(one, checks.get(one.version.id)) for one in versions],
    }


def _facts(document: Document, sha256: str, size: int, check: str | None) -> dict[str, Any]:
    return {
        "number": document.number, "title": document.title, "kind": document.kind,
        "line": document.line, "language": document.language, "dated": document.dated,
        "filed_at": document.created_at, "keep_until": document.keep_until,
        "legal_hold": document.held, "version": document.latest, "sha256": sha256, "size": size,
        "check": check,
    }  # fmt: skip


def _version(one: Held, check: str | None) -> dict[str, Any]:
    row = one.version
    return {
        "number": row.number, "name": one.name, "size": row.size, "sha256": row.sha256,
        "media_type": row.media_type, "language": row.language, "origin": row.origin,
        "reason": row.reason, "issued_at": row.issued_at, "issued_by": row.issued_by_name,
        "check": check,
    }  # fmt: skip
