"""One document: its versions, what was checked of them, where it comes from and how long it stays."""

from collections.abc import Mapping
from io import BytesIO
from uuid import UUID

from flask import Response, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.documents import queries, retention, words
from app.documents.checking.shown import shown_content
from app.documents.models import Document
from app.documents.retention_queries import list_own
from app.documents.schemas import ChangeForm, HoldForm, LiftForm, VersionForm
from app.documents.services.keeping_longer import today_of
from app.documents.views.blueprint import bp
from app.documents.views.frame import current_client, folder_choices, page, tree
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from tenants import files
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.jobs import list_of_subject

# An e-invoice is a file of one of these.
CHECKABLE = ("application/pdf", "application/xml", "text/xml")


@bp.get("/<int:document_number>")
@tenant("document.read")
def show(slug: str, document_number: int) -> ResponseReturnValue:
    return show_page(document_number)


@bp.get("/<int:document_number>/versions/<int:version_number>/file")
@tenant("document.read")
def download(slug: str, document_number: int, version_number: int) -> Response:
    """Its bytes are checked against their hash on the way; they never run here."""
    document = queries.get_document(actor=current_actor(), number=document_number)
    version = queries.get_version(document=document, number=version_number)
    stored = queries.get_file(version)
    response = send_file(
        BytesIO(files.read(stored)), mimetype=stored.content_type, as_attachment=True,
        download_name=stored.name, etag=False,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/of-request/<int:number>")
@tenant("document.read")
def of_request(slug: str, number: int) -> ResponseReturnValue:
    """What belongs to a request, for its page; a page of its own is the list."""
    actor = current_actor()
    request_id = queries.get_own_request(actor=actor, number=number)
    if not wants_fragment():
        return redirect(url_for(".list_documents", slug=slug, request=number), 303)
    found = queries.list_of_request(actor=actor, request_id=request_id)
    return page(
        "of_request", found=found, number=number, may_file=actor.can("document.file"),
        new_url=url_for(".new", slug=slug, request=number),
    )  # fmt: skip


def show_page(number: int, refused: Mapping[str, BoundForm] | None = None) -> Response:
    """`refused` are forms that were sent and say why nothing came of it."""
    actor, today = current_actor(), today_of(clock.now())
    document = queries.get_document(actor=actor, number=number)
    versions = queries.list_versions(document=document)
    slips = queries.list_slips(version_ids=[one.version.id for one in versions])
    latest = {one.version_id: one for one in reversed(slips)}
    branches = tree()
    folder = next((one for one in branches if one.id == document.folder_id), None)
    holds = queries.list_holds(document=document)
    forms = _forms(document, folder_choices(branches), [one.id for one in holds])
    forms |= refused or {}
    for form in forms.values():
        form["client"].value = current_client().slug
    origin = (
        queries.get_request_place(request_id=document.request_id) if document.request_id else None
    )
    return page(
        "show", document=document, versions=versions, slips=latest, folder=folder, holds=holds,
        origin=origin if origin and origin[1] in actor.lines else None, forms=forms,
        outcomes=words.OUTCOMES, superseded=words.SUPERSEDED, held=words.HELD,
        retention_class=retention.CLASSES[document.retention_class],
        shown_slip=shown_content, checkable=versions[0].version.media_type in CHECKABLE,
        checking=any(not one.ended for one in list_of_subject(subject_id=versions[0].version.id)),
        rule=retention.rule_on(document.retention_class, current_client().country, today),
        own=retention.own_on(document.retention_class, list_own(), today),
        may_file=actor.can("document.file", document.line),
        issued=bool(queries.issued_among([document])),
        may_keep=actor.can("document.keep", document.line),
        status=max([form.status for form in forms.values()], default=200),
    )  # fmt: skip


def _forms(
    document: Document, folders: list[tuple[str, str]], holds: list[UUID]
) -> dict[str, BoundForm]:
    values = {"title": document.title, "folder": document.folder_id}
    return {
        "change": BoundForm(
            ChangeForm, values=values, choices={"folder": folders}, prefix="change"
        ),
        "version": BoundForm(VersionForm, values={}, prefix="version"),
        "hold": BoundForm(HoldForm, values={}, prefix="hold"),
        **{f"lift-{one}": BoundForm(LiftForm, values={}, prefix=f"lift-{one}") for one in holds},
    }
