"""Documents of a guest's lines, to read; each look is written down."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.documents import queries
from app.documents.kinds import KINDS
from app.documents.models import Document, DocumentVersion
from app.documents.queries import Filters
from app.documents.slips import taking
from app.documents.words import OUTCOMES, SUPERSEDED
from app.guests.services import note_look
from app.guests.views.blueprint import bp
from app.service_requests.views.files import as_download
from app.service_requests.views.rendering import current_client
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant


@bp.get("/documents")
@tenant("guest.read")
def documents(slug: str) -> ResponseReturnValue:
    """What was filed last first."""
    actor = current_actor()
    line, kind = request.args.get("line", ""), request.args.get("kind", "")
    line, kind = line if line in actor.lines else "", kind if kind in KINDS else ""
    search = request.args.get("q", "").replace("\0", "").strip()[:120]
    cursor = request.args.get("cursor") or None
    found = queries.list_documents(
        actor=actor, filters=Filters(words=search, line=line, kind=kind), cursor=cursor
    )
    return render_template(
        "guests/documents.html", client=current_client(), found=found.items, line=line, kind=kind,
        search=search, cursor=cursor, next_cursor=found.next_cursor, kinds=KINDS,
        lines={code: label for code, label in LINES.items() if code in actor.lines},
        outcomes=OUTCOMES, here=url_for("guests.documents", slug=slug),
    )  # fmt: skip


@bp.get("/documents/<int:document_number>")
@tenant("guest.read")
def document(slug: str, document_number: int) -> ResponseReturnValue:
    """With its versions; those that were replaced stay readable."""
    found = _document(document_number)
    note_look(verb="document.opened", actor=current_actor(), now=clock.now(), document=found.number)
    versions = queries.list_versions(document=found)
    slips = queries.list_slips(version_ids=[one.version.id for one in versions])
    return render_template(
        "guests/document.html", client=current_client(), document=found, versions=versions,
        checks={one.version_id: one for one in reversed(slips)}, outcomes=OUTCOMES,
        superseded=SUPERSEDED, kind=KINDS[found.kind], line=LINES[found.line],
        here=url_for("guests.document", slug=slug, document_number=found.number),
        origin=_request(found),
    )  # fmt: skip


@bp.get("/documents/<int:document_number>/versions/<int:version_number>/file")
@tenant("guest.read")
def document_file(slug: str, document_number: int, version_number: int) -> Response:
    found = _document(document_number)
    version = queries.get_version(document=found, number=version_number)
    stored = queries.get_file(version)
    note_look(
        verb="document.downloaded", actor=current_actor(), now=clock.now(), document=found.number,
        version=version.number, file=stored.id, sha256=stored.sha256,
    )  # fmt: skip
    return as_download(stored)


@bp.get("/documents/<int:document_number>/versions/<int:version_number>/slip.pdf")
@tenant("guest.read")
def document_slip(slug: str, document_number: int, version_number: int) -> Response:
    found, version = _version(document_number, version_number)
    slip = queries.find_slip(version_id=version.id)
    if slip is None:
        raise NotFound
    note_look(verb="document.opened", actor=current_actor(), now=clock.now(), document=found.number)
    return taking.slip_file(slip, found, version, current_client().name)


@bp.get("/documents/<int:document_number>/versions/<int:version_number>/with-slip.zip")
@tenant("guest.read")
def document_with_slip(slug: str, document_number: int, version_number: int) -> Response:
    found, version = _version(document_number, version_number)
    made = taking.with_slip(found, version, current_client().name)
    stored = queries.get_file(version)
    note_look(
        verb="document.downloaded", actor=current_actor(), now=clock.now(), document=found.number,
        version=version.number, file=stored.id, sha256=stored.sha256,
    )  # fmt: skip
    return made


def _version(document_number: int, version_number: int) -> tuple[Document, DocumentVersion]:
    found = _document(document_number)
    return found, queries.get_version(document=found, number=version_number)


def _document(number: int) -> Document:
    actor = current_actor()
    found = queries.get_document(actor=actor, number=number)
    if not actor.can("guest.read", found.line):
        raise NotFound
    return found


def _request(found: Document) -> tuple[int, str] | None:
    """Number and title of the request that it belongs to, where its line is open too."""
    if found.request_id is None:
        return None
    number, line, title = queries.get_request_place(request_id=found.request_id)
    return (number, title) if current_actor().can("guest.read", line) else None
