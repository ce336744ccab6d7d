"""A request opens an entry of the directory or finds it there; its sheet is the request's result."""

from collections.abc import Mapping
from datetime import datetime

from app.administration.customer_files.models import CREATED, FOUND, CustomerFile
from app.administration.customer_files.queries import find_file, get_file, has_changed
from app.administration.customer_files.sheet import sheet_of
from app.directory import rights
from app.directory.data import PartyData
from app.directory.models import Party
from app.directory.queries import get_current_party, load_parts
from app.directory.services.parties import create_party
from app.directory.services.parts import add_part
from app.documents.models import DocumentVersion
from app.documents.queries import get_document, get_version, is_deleted
from app.documents.sealing.services import seal
from app.documents.services.issuing import issue_document, issue_version
from app.documents.verifying.codes import new_code, shown
from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import list_files
from app.service_requests.services.moves import RequestMoveRefused
from app.service_requests.services.work import upload_deliverable
from app.service_requests.transitions import STATES
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

RESULT = "customer_file"
ABOUT = "party"
CHANGED = _m("The entry was changed since you opened it. Look at it again, then make the sheet.")
OPENED = _m("The file of this request is opened already. Look at it again.")


def open_file(
    *, request: ServiceRequest, data: PartyData, second: Mapping[str, str], anyway: bool = False,
    actor: Actor, now: datetime,
) -> CustomerFile:  # fmt: skip
    """A new entry, with a second contact where one is named. Who stands there already is refused
    like on the directory's own page."""
    _may_work(request, actor)
    if find_file(request_id=request.id, for_change=True) is not None:
        raise Conflict(OPENED)
    party = create_party(data=data, actor=actor, now=now, anyway=anyway)
    if any(second.values()):
        _second_contact(party, second, actor, now)
    return _keep(request, party, CREATED, actor, now)


def take_entry(
    *, request: ServiceRequest, party: Party, actor: Actor, now: datetime
) -> CustomerFile:
    """One that is there already. Another one may be taken until the file is finished."""
    _may_work(request, actor)
    party = get_current_party(party_id=party.id)
    row = find_file(request_id=request.id, for_change=True)
    if row is None:
        return _keep(request, party, FOUND, actor, now)
    if row.document_id is not None or row.origin == CREATED:
        raise Conflict(OPENED)
    row.party_id = party.id
    db.session.flush()
    _record("taken", row, actor, now, party=party.number)
    return row


def finish_file(
    *, request: ServiceRequest, verify_address: str, expected_version: int | None = None,
    actor: Actor, now: datetime,
) -> DocumentVersion:  # fmt: skip
    """Its sheet as it is now: printed, sealed, filed and attached. Finished again after a change, it
    is the next version of the same document; without one, what is there is answered."""
    _may_work(request, actor)
    row = get_file(request_id=request.id, for_change=True)
    party = get_current_party(party_id=row.party_id)
    if expected_version is not None and party.version != expected_version:
        raise Conflict(CHANGED)
    made = _made_already(row, request, party, actor)
    if made is not None:
        return made
    code, language = new_code(), get_tenant().document_language
    sheet = sheet_of(
        party, load_parts([party.id])[party.id], files=list_files(request_id=request.id),
        language=language, now=now, code=shown(code), verify_address=verify_address,
    )  # fmt: skip
    content, name = seal(sheet.pdf(), now=now), f"file-{party.number}.pdf"
    if row.document_id is None or is_deleted(document_id=row.document_id):
        version = issue_document(
            kind="other", title=party.name, language=language, content=content, name=name,
            media_type="application/pdf", request_id=request.id, about_type=ABOUT,
            about_id=party.id, actor=actor, now=now, code=code,
        )  # fmt: skip
    else:
        version = issue_version(
            document_id=row.document_id, content=content, name=name, title=party.name,
            media_type="application/pdf", actor=actor, now=now, code=code,
        )  # fmt: skip
    results = {one.code for one in item_of(request).results}
    upload_deliverable(
        request=request, actor=actor, now=now, name=name, content_type="application/pdf",
        content=content, title=party.name, kind=RESULT if RESULT in results else "",
    )  # fmt: skip
    row.party_id, row.document_id = party.id, version.document_id
    row.finished_at, row.finished_by_name = now, actor.name
    row.finished_version = party.version
    db.session.flush()
    _record("finished", row, actor, now, sha256=version.sha256, party=party.number)
    return version


def _made_already(
    row: CustomerFile, request: ServiceRequest, party: Party, actor: Actor
) -> DocumentVersion | None:
    """The sheet that shows all this already: whoever clicks twice replaces nothing."""
    at = row.finished_at
    if (
        at is None
        or row.finished_version != party.version
        or is_deleted(document_id=row.document_id)
    ):
        return None
    if has_changed(party_id=party.id, since=at):
        return None
    if any(one.at > at for one in list_files(request_id=request.id)):
        return None
    document = get_document(actor=actor, document_id=row.document_id)
    return get_version(document=document, number=document.latest)


def _may_work(request: ServiceRequest, actor: Actor) -> None:
    actor.require("request.work", request.line)
    rights.require_reader(actor)
    if request.state not in ("assigned", "in_progress"):
        raise RequestMoveRefused(state=STATES[request.state])


def _second_contact(party: Party, second: Mapping[str, str], actor: Actor, now: datetime) -> None:
    try:
        add_part(
            party=party, kind="contacts", values=second, expected_version=None, actor=actor,
            now=now,
        )  # fmt: skip
    except Invalid as error:
        wrong = {f"second_{name}": said for name, said in error.field_errors.items()}
        raise Invalid(field_errors=wrong) from error


def _keep(
    request: ServiceRequest, party: Party, origin: str, actor: Actor, now: datetime
) -> CustomerFile:
    row = CustomerFile(
        id=uuid7(), request_id=request.id, party_id=party.id, origin=origin, opened_at=now,
        opened_by_name=actor.name,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _record("opened", row, actor, now, origin=origin, party=party.number)
    return row


def _record(what: str, row: CustomerFile, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"administration.customer_file.{what}", actor=actor, now=now, object_type="customer_file",
        object_id=row.id, **facts,
    )  # fmt: skip
