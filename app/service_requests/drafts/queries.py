from collections.abc import Sequence

from sqlalchemy import select

from app.service_requests.drafts.models import FormDraft
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

D = FormDraft


def find_draft(*, actor: Actor, item_code: str) -> FormDraft | None:
    return db.session.execute(
        select(D).where(
            D.tenant_id == current_scope().tenant_id,
            D.user_id == actor.user_id,
            D.item == item_code,
        )
    ).scalar_one_or_none()


def list_drafts(*, actor: Actor) -> Sequence[FormDraft]:
    """The person's own, what they wrote last first."""
    return (
        db.session.execute(
            select(D)
            .where(D.tenant_id == current_scope().tenant_id, D.user_id == actor.user_id)
            .order_by(D.changed_at.desc(), D.id)
        )
        .scalars()
        .all()
    )
