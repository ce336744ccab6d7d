"""Files that a program sends ahead of the request or message they belong to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete

from app.service_requests.models import WaitingFile
from app.service_requests.services.intake import Upload
from tenants import files
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.scoping import current_scope
from tenants.uploads import take_file

KEPT = timedelta(hours=24)
_GONE = _m("No such file is waiting: it was used already, or sent more than a day ago.")
W = WaitingFile


def keep_file(*, actor: Actor, now: datetime, upload: Upload) -> tuple[UUID, StoredFile]:
    """`now` is the machine's time."""
    if actor.user_id is None:
        raise Forbidden
    stored = take_file(
        name=upload.name, content_type=upload.content_type, content=upload.content,
        actor=actor, now=now,
    )  # fmt: skip
    row = WaitingFile(id=uuid7(), file_id=stored.id, user_id=actor.user_id, created_at=now)
    db.session.add(row)
    db.session.flush()
    return row.id, stored


def take_files(
    *, actor: Actor, now: datetime, wanted: Mapping[str, UUID]
) -> Mapping[str, StoredFile]:
    """The sender's own waiting files, by the name of the place each is for; then they wait no more.
    Invalid at the place of one that isn't there."""
    if not wanted:
        return {}
    taken: dict[UUID, UUID] = {
        row.id: row.file_id
        for row in db.session.execute(
            delete(W)
            .where(
                W.tenant_id == current_scope().tenant_id,
                W.user_id == actor.user_id,
                W.id.in_(set(wanted.values())),
                W.created_at > now - KEPT,
            )
            .returning(W.id, W.file_id)
        )
    }
    missing = [place for place, waiting_id in wanted.items() if waiting_id not in taken]
    if not missing and len(taken) < len(wanted):
        missing = list(wanted)
    if missing:
        raise Invalid(field_errors={place: [_GONE] for place in missing})
    return {place: files.get_file(file_id=taken[one]) for place, one in wanted.items()}


def forget_old(*, now: datetime) -> list[str]:
    """Files that nobody used within a day, of the tenant in scope: rows now, and the hashes whose
    bytes may go once that is committed."""
    gone = db.session.execute(
        delete(W)
        .where(W.tenant_id == current_scope().tenant_id, W.created_at <= now - KEPT)
        .returning(W.file_id)
    )
    return files.forget(file_ids=[row.file_id for row in gone])
