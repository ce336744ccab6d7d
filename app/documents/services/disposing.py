"""Deleting documents whose period has ended: one person proposes it, another releases it, the next
night deletes and leaves a certificate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from app.documents.disposal_queries import (
    Due,
    find_open,
    get_due,
    list_extended,
    list_over,
    list_released,
)
from app.documents.models import (
    DELETED,
    KEPT,
    LISTED,
    PROPOSED,
    RELEASED,
    DeletionCertificate,
    Document,
    DocumentDisposal,
    ValidationSlip,
)
from app.documents.queries import list_versions
from app.documents.same_bytes import Copies, find_copies, going_of
from app.documents.services.keeping_longer import apply_periods
from app.documents.titles import clean_title
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.numbers import next_number
from tenants.permissions import Actor
from tenants.queries import get_tenant

# The same file is needed elsewhere; it goes the night after nothing needs it any more.
NEEDED = "bytes_needed"
# In one night; the rest is there the next.
MOST_A_NIGHT = 500


class Decided(Conflict):
    code = "disposal_decided"
    message = _m("Somebody decided of this document in the meantime. Look at what holds now.")


class OwnProposal(Conflict):
    code = "own_proposal"
    message = _m("You proposed this yourself: somebody else releases it.")


class StillKept(Conflict):
    code = "still_kept"
    message = _m("This document has to stay: its period goes on, or it is under legal hold.")


@dataclass(frozen=True, slots=True)
class Night:
    """Of `released` documents so many were deleted; the others stay, by number and why. `hashes`
    are of bytes that may go once this is committed."""

    listed: int
    released: int
    deleted: int
    stay: Mapping[int, str]
    hashes: list[str]


def look_at_retention(*, actor: Actor, now: datetime) -> Night:
    """Lists what may be deleted, and deletes what two people want deleted."""
    today = now.astimezone(ZoneInfo(get_tenant().time_zone)).date()
    # Rules that came into force this night are those that count.
    apply_periods(now=now)
    due = list_released(limit=MOST_A_NIGHT)
    stay: dict[int, str] = {}
    over: list[Due] = []
    for one in due:
        if _must_stay(one.document, now):
            stay[one.document.number] = StillKept.code
            _end(one.disposal, KEPT, actor, now, reason=_m("It has to stay after all."))
        else:
            over.append(one)
    going = _free(over)
    stay |= {one.document.number: NEEDED for one in over if one.document.id not in going}
    hashes = [
        sha256
        for one in over
        if one.document.id in going
        for sha256 in _delete(one, going[one.document.id].going, actor, now)
    ]
    for one in list_extended(today=today, limit=MOST_A_NIGHT):
        _end(one.disposal, KEPT, actor, now, reason=_m("It has to stay after all."))
    new = list_over(today=today, now=now, limit=MOST_A_NIGHT)
    for document in new:
        assert document.keep_until is not None
        row = DocumentDisposal(
            id=uuid7(), document_id=document.id, state=LISTED, listed_at=now,
            keep_until=document.keep_until,
        )  # fmt: skip
        db.session.add(row)
    db.session.flush()
    return Night(len(new), len(due), len(due) - len(stay), stay, sorted(set(hashes)))


def propose(*, disposal_id: UUID, actor: Actor, now: datetime) -> None:
    actor.require("document.keep")
    due = get_due(actor=actor, disposal_id=disposal_id)
    actor.require("document.keep", due.document.line)
    _require(due, LISTED, now)
    row = due.disposal
    row.state, row.proposed_by, row.proposed_by_name = PROPOSED, actor.user_id, actor.name
    row.proposed_at = now
    _said("proposed", due, actor, now)


def release(*, disposal_id: UUID, actor: Actor, now: datetime) -> None:
    """By another person than the one who proposed it, of the company whose document it is."""
    actor.require("document.release")
    due = get_due(actor=actor, disposal_id=disposal_id)
    actor.require("document.release", due.document.line)
    _require(due, PROPOSED, now)
    row = due.disposal
    if row.proposed_by == actor.user_id:
        raise OwnProposal
    row.state, row.released_by, row.released_by_name = RELEASED, actor.user_id, actor.name
    row.released_at = now
    _said("released", due, actor, now)


def keep(*, disposal_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """It stays, also where it was released already; asked about again in a year."""
    actor.require("document.keep")
    due = get_due(actor=actor, disposal_id=disposal_id)
    actor.require("document.keep", due.document.line)
    wanted = clean_title(reason)
    if not wanted:
        raise Invalid(field_errors={"reason": [_m("Please fill in this field.")]})
    if due.disposal.ended_at is not None:
        raise Decided
    _end(due.disposal, KEPT, actor, now, reason=wanted)
    _said("kept", due, actor, now)


def end_by_hold(*, document: Document, reason: str, actor: Actor, now: datetime) -> None:
    """A hold ends whatever was on its way to delete the document."""
    row = find_open(document=document)
    if row is not None:
        _end(row, KEPT, actor, now, reason=reason)
        _said("kept", Due(row, document), actor, now)


def _free(over: Sequence[Due]) -> Mapping[UUID, Copies]:
    documents = [one.document for one in over]
    first = find_copies(documents=documents)
    files.hold_bytes(hashes=[sha256 for one in first.values() for sha256 in one.hashes])
    # What was stored until then counts.
    return going_of(find_copies(documents=documents))


def _delete(due: Due, copies: Sequence[UUID], actor: Actor, now: datetime) -> list[str]:
    """Its number, its dates and its hashes are left; answers those whose bytes may go. `copies` are
    files of its request that go with it."""
    document, row = due.document, due.disposal
    versions = [one.version for one in list_versions(document=document)]
    assert document.keep_until is not None
    certificate = DeletionCertificate(
        id=uuid7(), number=0, document_id=document.id, document_number=document.number,
        kind=document.kind, line=document.line, dated=document.dated,
        retention_class=document.retention_class, keep_until=document.keep_until,
        versions=[
            {"number": one.number, "sha256": one.sha256, "size": one.size,
             "issued_at": one.issued_at.isoformat()}
            for one in reversed(versions)
        ],
        proposed_by_name=row.proposed_by_name, released_by_name=row.released_by_name,
        deleted_at=now,
    )  # fmt: skip
    file_ids = [one.file_id for one in versions if one.file_id]
    for version in versions:
        version.file_id = None
    document.title, document.deleted_at = "", now
    _end(row, DELETED, actor, now)
    db.session.execute(
        delete(ValidationSlip).where(
            ValidationSlip.tenant_id == document.tenant_id,
            ValidationSlip.version_id.in_([one.id for one in versions]),
        )
    )
    certificate.number = next_number("deletion_certificate")
    db.session.add(certificate)
    db.session.flush()
    files.give_up(file_ids=copies, certificate=certificate.number)
    audit.record(
        "documents.document.deleted", actor=actor, now=now, object_type="document",
        object_id=document.id, certificate=certificate.number, versions=len(versions),
        copies=len(copies),
    )  # fmt: skip
    return files.forget(file_ids=file_ids)


def _require(due: Due, state: str, now: datetime) -> None:
    if due.disposal.state != state:
        raise Decided
    if _must_stay(due.document, now):
        raise StillKept


def _must_stay(document: Document, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(get_tenant().time_zone)).date()
    return document.held or document.keep_until is None or document.keep_until >= today


def _end(
    row: DocumentDisposal, state: str, actor: Actor, now: datetime, *, reason: str = ""
) -> None:
    row.state, row.ended_at = state, now
    if state == KEPT:
        row.kept_by_name, row.kept_reason = actor.name, reason
    db.session.flush()


def _said(verb: str, due: Due, actor: Actor, now: datetime) -> None:
    db.session.flush()
    audit.record(
        f"documents.disposal.{verb}", actor=actor, now=now, object_type="document",
        object_id=due.document.id, disposal=due.disposal.id,
    )  # fmt: skip
