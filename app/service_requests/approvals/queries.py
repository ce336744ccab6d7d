from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from app.service_requests.approvals.models import ApprovalRound, Delegation
from app.service_requests.models import Approval
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.permissions import Actor
from tenants.scoping import current_scope

D, R = Delegation, ApprovalRound


def select_open_round(*, request_id: UUID) -> Select[Any]:
    return select(R).where(
        R.tenant_id == current_scope().tenant_id,
        R.request_id == request_id,
        R.ended_at.is_(None),
    )


def find_open_round(*, request_id: UUID) -> ApprovalRound | None:
    return db.session.execute(select_open_round(request_id=request_id)).scalar_one_or_none()


def list_given(*, round_id: UUID) -> Sequence[Approval]:
    return (
        db.session.execute(
            select(Approval)
            .where(
                Approval.tenant_id == current_scope().tenant_id,
                Approval.round_id == round_id,
                Approval.decision == "approved",
            )
            .order_by(Approval.at, Approval.id)
        )
        .scalars()
        .all()
    )


def list_expired_unnoticed(*, now: datetime) -> Sequence[ApprovalRound]:
    return (
        db.session.execute(
            select(R)
            .where(
                R.tenant_id == current_scope().tenant_id,
                R.expires_at <= now,
                R.ended_at.is_(None),
                R.expired_at.is_(None),
            )
            .order_by(R.expires_at, R.id)
            .limit(500)
        )
        .scalars()
        .all()
    )


def _live(now: datetime) -> ColumnElement[bool]:
    return (D.ended_at.is_(None)) & (D.starts_at <= now) & (D.ends_at > now)


def list_live_delegations(*, delegate_id: UUID, now: datetime) -> Sequence[Delegation]:
    return (
        db.session.execute(
            select(D)
            .where(
                D.tenant_id == current_scope().tenant_id, D.delegate_id == delegate_id, _live(now)
            )
            .order_by(D.created_at, D.id)
        )
        .scalars()
        .all()
    )


def list_delegates(*, line: str, now: datetime) -> Sequence[UUID]:
    """Who decides for somebody on this line now; whether they may is asked when they do."""
    return (
        db.session.execute(
            select(D.delegate_id)
            .where(D.tenant_id == current_scope().tenant_id, D.lines.contains([line]), _live(now))
            .distinct()
        )
        .scalars()
        .all()
    )


def list_delegations(*, actor: Actor, since: datetime) -> Sequence[Delegation]:
    """What concerns the actor, for an administrator everybody's; those that ended before `since`
    are left out."""
    query = select(D).where(D.tenant_id == current_scope().tenant_id, D.ends_at > since)
    if not actor.can("people.manage"):
        query = query.where(or_(D.principal_id == actor.user_id, D.delegate_id == actor.user_id))
    return db.session.execute(query.order_by(D.starts_at.desc(), D.id).limit(200)).scalars().all()


def get_delegation(*, actor: Actor, delegation_id: UUID) -> Delegation:
    """NotFound for one that doesn't concern the actor."""
    query = select(D).where(D.tenant_id == current_scope().tenant_id, D.id == delegation_id)
    if not actor.can("people.manage"):
        query = query.where(D.principal_id == actor.user_id)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row
