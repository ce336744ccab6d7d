"""Messages to a client wait some seconds before they leave. Until then nothing was said: no clock
has stopped, nobody was told, the client sees nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request_by_id
from app.service_requests.reply_drafts.models import HeldMessage
from app.service_requests.reply_drafts.services import put_before
from app.service_requests.services.conversation import require_talk, send_message
from app.service_requests.services.intake import Upload
from app.service_requests.services.moves import check_version, touch
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.scoping import current_scope
from tenants.uploads import take_file


class LeftAlready(Conflict):
    code = "message_left"
    message = _m("This message has left already.")


def hold_message(
    *, request: ServiceRequest, actor: Actor, now: datetime, leaves_at: datetime, body: str,
    uploads: Sequence[Upload], expected_version: int | None = None,
) -> HeldMessage:  # fmt: skip
    """`leaves_at` is by the machine's clock, as jobs are. A form that was made before is stale from
    here on, although nothing was said yet."""
    if actor.side != "provider":
        raise Forbidden
    require_talk(request, actor)
    check_version(request, expected_version)
    stored = [
        take_file(name=one.name, content_type=one.content_type, content=one.content,
                  actor=actor, now=now)
        for one in uploads
    ]  # fmt: skip
    row = HeldMessage(
        id=uuid7(), request_id=request.id, user_id=actor.user_id, user_name=actor.name, body=body,
        file_ids=[str(one.id) for one in stored], at=now, leaves_at=leaves_at,
    )  # fmt: skip
    db.session.add(row)
    touch(request)
    enqueue(
        "requests.send_held", queue="interactive", key=f"held:{row.id}", run_at=leaves_at,
        actor_id=actor.user_id, held_id=row.id,
    )  # fmt: skip
    db.session.flush()
    return row


def take_back(*, request: ServiceRequest, actor: Actor, now: datetime, held_id: UUID) -> None:
    """One's own only, also when the request ended meanwhile. The words become a draft again, before
    what is being written; its files have to be attached anew."""
    if actor.side != "provider":
        raise Forbidden
    actor.require("request.work", request.line)
    row = _find(held_id)
    if row is None or row.request_id != request.id or row.user_id != actor.user_id:
        raise LeftAlready
    put_before(request=request, actor=actor, now=now, kind="message", body=row.body)
    db.session.delete(row)
    audit.record(
        "service_requests.message.taken_back", actor=actor, now=now, object_type="request",
        object_id=request.id, message=held_id,
    )  # fmt: skip
    db.session.flush()


def send_held(*, held_id: UUID, now: datetime) -> None:
    """Its writer had the right when they sent it. A request that ended meanwhile takes no message:
    then the words wait on the page until they are taken back."""
    row = _find(held_id)
    if row is None:
        return
    request = get_request_by_id(request_id=row.request_id)
    if not request.is_open:
        return
    actor = Actor(
        user_id=row.user_id, name=row.user_name, side="provider",
        tenant_id=current_scope().tenant_id, lines={request.line: "work"},
    )  # fmt: skip
    send_message(
        request=request, actor=actor, now=now, body=row.body, uploads=[],
        ready=_files([UUID(one) for one in row.file_ids]),
    )  # fmt: skip
    db.session.delete(row)
    db.session.flush()


def _find(held_id: UUID) -> HeldMessage | None:
    """Locked: it leaves or is taken back, never both."""
    return db.session.execute(
        select(HeldMessage)
        .where(HeldMessage.tenant_id == current_scope().tenant_id, HeldMessage.id == held_id)
        .with_for_update()
    ).scalar_one_or_none()


def _files(ids: Sequence[UUID]) -> list[StoredFile]:
    rows = db.session.execute(
        select(StoredFile).where(
            StoredFile.tenant_id == current_scope().tenant_id, StoredFile.id.in_(ids)
        )
    ).scalars()
    return sorted(rows, key=lambda one: ids.index(one.id))
