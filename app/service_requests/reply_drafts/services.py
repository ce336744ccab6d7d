"""What is being written, kept on the server while it is written. No audit: nothing was said yet."""

import re
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.service_requests.models import ServiceRequest
from app.service_requests.reply_drafts.models import Presence, ReplyDraft
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

KIND = re.compile(r"message|note|question|answer-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST = 10_000


def keep(*, request: ServiceRequest, actor: Actor, now: datetime, kind: str, body: str) -> None:
    """An empty text drops the draft. Colleagues see that somebody writes, not what."""
    _check(request, actor, kind, body)
    if not body.strip():
        drop(request=request, actor=actor, kind=kind)
        return
    row = {
        "tenant_id": current_scope().tenant_id, "request_id": request.id,
        "user_id": actor.user_id, "at": now,
    }  # fmt: skip
    db.session.execute(
        insert(ReplyDraft)
        .values(**row, kind=kind, body=body)
        .on_conflict_do_update(
            index_elements=["tenant_id", "user_id", "request_id", "kind"],
            set_={"body": body, "at": now},
        )
    )
    if actor.side == "provider":
        db.session.execute(
            insert(Presence)
            .values(**row, user_name=actor.name)
            .on_conflict_do_update(
                index_elements=["tenant_id", "request_id", "user_id"],
                set_={"at": now, "user_name": actor.name},
            )
        )


def put_before(
    *, request: ServiceRequest, actor: Actor, now: datetime, kind: str, body: str
) -> None:
    """Words that are a draft again; what is being written meanwhile stays, below them."""
    _check(request, actor, kind, body)
    written = db.session.execute(
        select(ReplyDraft.body)
        .where(
            ReplyDraft.tenant_id == current_scope().tenant_id,
            ReplyDraft.user_id == actor.user_id,
            ReplyDraft.request_id == request.id,
            ReplyDraft.kind == kind,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if written is not None and written.strip() != body.strip():
        body = f"{body}\n\n{written}"
    if len(body) > LONGEST:
        raise Invalid(
            _m("Both texts together are longer than 10,000 characters. Shorten the reply that you "
               "are writing, then take this message back.")
        )  # fmt: skip
    keep(request=request, actor=actor, now=now, kind=kind, body=body)


def drop(*, request: ServiceRequest, actor: Actor, kind: str) -> None:
    """Sent or thrown away; who writes nothing more is no longer present."""
    tenant_id = current_scope().tenant_id
    db.session.execute(
        delete(ReplyDraft).where(
            ReplyDraft.tenant_id == tenant_id, ReplyDraft.user_id == actor.user_id,
            ReplyDraft.request_id == request.id, ReplyDraft.kind == kind,
        )
    )  # fmt: skip
    if actor.side == "provider":
        db.session.execute(
            delete(Presence).where(
                Presence.tenant_id == tenant_id, Presence.request_id == request.id,
                Presence.user_id == actor.user_id,
            )
        )  # fmt: skip


def _check(request: ServiceRequest, actor: Actor, kind: str, body: str) -> None:
    if kind in ("note", "question") and actor.side == "client":
        raise Forbidden
    if kind == "note":
        actor.require("note.write", request.line)
    else:
        actor.require("request.answer" if actor.side == "client" else "request.work", request.line)
    if not KIND.fullmatch(kind):
        raise Invalid
    if len(body) > LONGEST:
        raise Invalid(_m("Your text is longer than 10,000 characters."))
