from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import literal, select, union_all

from app.service_requests.models import ServiceRequest
from app.service_requests.reply_drafts.models import HeldMessage, Presence, ReplyDraft
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

# The page saves a draft a second after each pause; who is silent for longer has left.
PRESENT = timedelta(minutes=1)
D, P, H = ReplyDraft, Presence, HeldMessage


class Held(NamedTuple):
    """A message that has not left yet."""

    id: UUID
    user_id: UUID
    author: str
    body: str
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class Desktop:
    """What lies on the reader's desk: their drafts by kind, who else is writing, and what is about
    to leave."""

    drafts: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


def get_desktop(*, actor: Actor, request: ServiceRequest, now: datetime) -> Desktop:
    """One statement for all."""
    tenant_id, found = current_scope().tenant_id, Desktop()
    drafts = select(literal("draft"), D.id, D.user_id, D.kind, D.body, D.at).where(
        D.tenant_id == tenant_id, D.user_id == actor.user_id, D.request_id == request.id
    )
    others = select(literal("other"), P.id, P.user_id, P.user_name, literal(""), P.at).where(
        P.tenant_id == tenant_id, P.request_id == request.id, P.user_id != actor.user_id,
        P.at > now - PRESENT,
    )  # fmt: skip
    held = select(literal("held"), H.id, H.user_id, H.user_name, H.body, H.leaves_at).where(
        H.tenant_id == tenant_id, H.request_id == request.id
    )
    for what, row_id, user_id, name, body, at in db.session.execute(
        union_all(drafts, others, held)
    ):
        if what == "draft":
            found.drafts[name] = body
        elif what == "other":
            found.others.append(name)
        else:
            found.held.append(Held(row_id, user_id, name, body, at))
    return found
