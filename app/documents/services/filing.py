"""Where documents lie."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.documents.filing_plan import DEEPEST, MOST_FOLDERS, PLAN
from app.documents.kinds import KINDS
from app.documents.models import Document, DocumentFolder
from app.documents.queries import (
    find_folder,
    get_document,
    get_folder,
    is_used,
    list_folders,
)
from app.documents.titles import clean_title
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id


def folder_of_kind(kind: str) -> UUID:
    """The plan is laid when its first document comes, and what somebody took away comes back with
    the next one that belongs there."""
    code = KINDS[kind].folder
    found = find_folder(code=code)
    if found is None:
        lay_plan()
        found = find_folder(code=code)
    assert found is not None
    return found.id


def lay_plan() -> None:
    """Folders of the plan that aren't there; two who do so at once lay one plan."""
    for level in (1, 2):
        there = {one.code: one.id for one in list_folders() if one.code}
        rows = [
            {"tenant_id": scoped_tenant_id(), "id": uuid7(), "code": one.code, "position": place,
             "level": level, "parent_id": there[one.below] if one.below else None}
            for place, one in enumerate(PLAN)
            if bool(one.below) == (level == 2) and one.code not in there
        ]  # fmt: skip
        if rows:
            db.session.execute(
                insert(DocumentFolder)
                .values(rows)
                .on_conflict_do_nothing(
                    index_elements=["tenant_id", "code"], index_where=DocumentFolder.code != ""
                )
            )


def add_folder(*, name: str, parent_id: UUID | None, actor: Actor, now: datetime) -> DocumentFolder:
    actor.require("document.file")
    plan = list_folders()
    parent = get_folder(folder_id=parent_id) if parent_id else None
    level = parent.level + 1 if parent else 1
    if level > DEEPEST:
        raise Invalid(field_errors={"parent": [_m("Three levels are enough: choose one above.")]})
    if len(plan) >= MOST_FOLDERS:
        raise Conflict(_m("There are %(most)s folders already. Remove one that is empty."),
                       code="too_many_folders", most=MOST_FOLDERS)  # fmt: skip
    row = DocumentFolder(
        id=uuid7(), parent_id=parent_id, level=level, name=_free(name, plan, parent_id),
        position=1000 + len(plan), code="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _record("added", row, actor, now)
    return row


def rename_folder(*, folder_id: UUID, name: str, actor: Actor, now: datetime) -> None:
    actor.require("document.file")
    row = get_folder(folder_id=folder_id, for_change=True)
    others = [one for one in list_folders() if one.id != row.id]
    row.name = _free(name, others, row.parent_id)
    db.session.flush()
    _record("renamed", row, actor, now)


def remove_folder(*, folder_id: UUID, actor: Actor, now: datetime) -> None:
    """An empty one only; what lies in it may be of a line that the actor doesn't see."""
    actor.require("document.file")
    row = get_folder(folder_id=folder_id, for_change=True)
    if is_used(folder_id=row.id):
        raise Conflict(_m("Something lies in this folder. Move it elsewhere first."),
                       code="folder_used")  # fmt: skip
    _record("removed", row, actor, now)
    db.session.delete(row)
    db.session.flush()


def change_document(
    *, number: int, title: str, folder_id: UUID, actor: Actor, now: datetime
) -> Document:
    """What it is called and where it lies; what it is stays."""
    actor.require("document.file")
    document = get_document(actor=actor, number=number, for_change=True)
    actor.require("document.file", document.line)
    wanted = clean_title(title)
    if not wanted:
        raise Invalid(field_errors={"title": [_m("Please fill in this field.")]})
    folder = get_folder(folder_id=folder_id)
    document.title, document.folder_id = wanted, folder.id
    db.session.flush()
    audit.record(
        "documents.document.moved", actor=actor, now=now, object_type="document",
        object_id=document.id, folder=folder.id,
    )  # fmt: skip
    return document


def follow_request(*, request_id: UUID, line: str) -> None:
    """A request that goes to another line takes its documents along, but for those of a kind that
    stays with its own."""
    staying = [one.code for one in KINDS.values() if one.own_line]
    db.session.execute(
        update(Document)
        .where(
            Document.tenant_id == scoped_tenant_id(), Document.request_id == request_id,
            Document.kind.not_in(staying),
        )
        .values(line=line)
    )  # fmt: skip


def _free(name: str, plan: Sequence[DocumentFolder], parent_id: UUID | None) -> str:
    wanted = clean_title(name)[:80]
    if not wanted:
        raise Invalid(field_errors={"name": [_m("Please fill in this field.")]})
    beside = [one.name.casefold() for one in plan if one.parent_id == parent_id]
    if wanted.casefold() in beside:
        raise Invalid(field_errors={"name": [_m("There is a folder of this name already.")]})
    return wanted


def _record(verb: str, row: DocumentFolder, actor: Actor, now: datetime) -> None:
    audit.record(
        f"documents.folder.{verb}", actor=actor, now=now, object_type="document_folder",
        object_id=row.id,
    )  # fmt: skip
