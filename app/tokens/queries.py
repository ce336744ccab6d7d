from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.tokens.models import ApiToken
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.permissions import Actor
from tenants.scoping import current_scope


def list_tokens(*, user_id: UUID | None = None) -> Sequence[ApiToken]:
    """Those that work first, the newest of them on top; all of the company's without `user_id`."""
    query = select(ApiToken).where(ApiToken.tenant_id == current_scope().tenant_id)
    if user_id is not None:
        query = query.where(ApiToken.user_id == user_id)
    order = (ApiToken.ended_at.is_not(None), ApiToken.id.desc())
    return db.session.execute(query.order_by(*order).limit(200)).scalars().all()


def get_token(*, actor: Actor, token_id: UUID) -> ApiToken:
    """NotFound for somebody else's too, unless the actor looks after the company's people."""
    query = select(ApiToken).where(
        ApiToken.tenant_id == current_scope().tenant_id, ApiToken.id == token_id
    )
    if not actor.can("token.manage"):
        query = query.where(ApiToken.user_id == actor.user_id)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row
