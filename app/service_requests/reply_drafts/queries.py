from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import literal, select, union_all

from app.service_requests.models import ServiceRequest
from app.service_requests.reply_drafts.models import Presence, ReplyDraft
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

# The page saves a draft a second after each pause; who is silent for longer has left.
PRESENT = timedelta(minutes=1)
D, P = ReplyDraft, Presence


@dataclass(frozen=True, slots=True)
class Desktop:
    """What lies on the reader's desk: their drafts by kind, and who else is writing."""

    drafts: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def get_desktop(*, actor: Actor, request: ServiceRequest, now: datetime) -> Desktop:
    """One statement for both."""
    tenant_id, found = current_scope().tenant_id, Desktop()
    drafts = select(
        literal("draft").label("what"), D.kind.label("name"), D.body.label("body")
    ).where(D.tenant_id == tenant_id, D.user_id == actor.user_id, D.request_id == request.id)
    others = select(literal("other"), P.user_name, literal("")).where(
        P.tenant_id == tenant_id, P.request_id == request.id, P.user_id != actor.user_id,
        P.at > now - PRESENT,
    )  # fmt: skip
    for what, name, body in db.session.execute(union_all(drafts, others)):
        if what == "draft":
            found.drafts[name] = body
        else:
            found.others.append(name)
    return found


def find_draft(*, user_id: UUID | None, request_id: UUID, kind: str) -> ReplyDraft | None:
    return db.session.execute(
        select(D).where(
            D.tenant_id == current_scope().tenant_id, D.user_id == user_id,
            D.request_id == request_id, D.kind == kind,
        )
    ).scalar_one_or_none()  # fmt: skip
