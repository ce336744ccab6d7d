"""A mail as it came, for an operator who wants to look closer than its words."""

from datetime import datetime
from uuid import UUID

from app.mail_in.queries import get_mail, get_stored
from tenants import audit, files
from tenants.core.errors import Forbidden, NotFound
from tenants.core.text import _m
from tenants.permissions import Actor

_EMPTIED = _m("This mail is not kept any more: after 30 days its content goes.")


def take_original(*, mail_id: UUID, actor: Actor, now: datetime) -> bytes:
    if actor.side != "provider":
        raise Forbidden
    actor.require("request.work")
    mail = get_mail(actor=actor, mail_id=mail_id)
    stored = get_stored(mail)
    if stored is None:
        raise NotFound(_EMPTIED)
    content = files.read(stored)
    audit.record(
        "mail_in.mail.downloaded", actor=actor, now=now, object_type="mail", object_id=mail.id,
        sha256=stored.sha256,
    )  # fmt: skip
    return content
