from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from billing.limits.models import EntitlementOverride
from billing.limits.rules import Standing, effective, standing
from billing.plans import plan_of
from billing.queries import find_account
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import Member, StoredFile
from tenants.permissions import GUEST
from tenants.scoping import scoped_tenant_id

O = EntitlementOverride


def seats_used() -> int:
    """The company's own people from their invitation on, until somebody removes them; neither its
    guests nor the provider's people."""
    return db.session.execute(
        select(func.count())
        .select_from(Member)
        .where(
            Member.tenant_id == scoped_tenant_id(),
            Member.removed_at.is_(None),
            Member.role != GUEST,
        )
    ).scalar_one()


def storage_used() -> int:
    """In bytes; the same content twice lies there once."""
    contents = (
        select(StoredFile.sha256, func.max(StoredFile.size).label("size"))
        .where(StoredFile.tenant_id == scoped_tenant_id())
        .group_by(StoredFile.sha256)
        .subquery()
    )
    total = db.session.execute(select(func.coalesce(func.sum(contents.c.size), 0))).scalar_one()
    return int(total)


def list_overrides() -> Sequence[EntitlementOverride]:
    """Newest first."""
    return (
        db.session.execute(
            select(O).where(O.tenant_id == scoped_tenant_id()).order_by(O.asked_at.desc(), O.id)
        )
        .scalars()
        .all()
    )


def get_override_for_change(*, override_id: UUID) -> EntitlementOverride:
    row = db.session.execute(
        select(O)
        .where(O.tenant_id == scoped_tenant_id(), O.id == override_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def seats(*, now: datetime) -> Standing:
    account = find_account()
    plan = plan_of(account.plan_key, account.plan_version).seats if account else None
    return standing(effective("seats", plan, list_overrides(), now), seats_used())


def storage(*, now: datetime, used: int | None = None) -> Standing:
    """`used`: what was counted before, where the files themselves can't be seen."""
    account = find_account()
    plan = plan_of(account.plan_key, account.plan_version).storage_gb if account else None
    limit = effective("storage_gb", plan, list_overrides(), now)
    return standing(limit, storage_used() if used is None else used)
