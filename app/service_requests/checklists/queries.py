from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select

from app.service_requests.checklists.models import ChecklistStep
from app.service_requests.checklists.rules import Facts
from app.service_requests.models import Approval, Deliverable, Question, RequestFile, ServiceRequest
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import current_scope

A, D, F, Q = Approval, Deliverable, RequestFile, Question


def select_steps(*, request_id: UUID) -> Select[Any]:
    return (
        select(ChecklistStep)
        .where(
            ChecklistStep.tenant_id == current_scope().tenant_id,
            ChecklistStep.request_id == request_id,
        )
        .order_by(ChecklistStep.position)
    )


def list_steps(*, request_id: UUID) -> Sequence[ChecklistStep]:
    return db.session.execute(select_steps(request_id=request_id)).scalars().all()


def get_step(*, request_id: UUID, step_id: UUID) -> ChecklistStep:
    row = db.session.execute(
        select(ChecklistStep).where(
            ChecklistStep.tenant_id == current_scope().tenant_id,
            ChecklistStep.request_id == request_id,
            ChecklistStep.id == step_id,
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def read_facts(request: ServiceRequest, *, now: datetime) -> Facts:
    """What the rules ask for, without the figures of a service line."""
    mine = request.tenant_id, request.id
    found = db.session.execute(
        select(D.kind, literal(value=True).label("result"))
        .where(D.tenant_id == mine[0], D.request_id == mine[1], D.superseded_at.is_(None))
        .union_all(
            select(F.slot, literal(value=False)).where(
                F.tenant_id == mine[0], F.request_id == mine[1], F.slot != ""
            )
        )
    ).all()
    asked, waiting = db.session.execute(
        select(
            func.count().filter(Q.withdrawn_at.is_(None)),
            func.count().filter(Q.answered_at.is_(None), Q.withdrawn_at.is_(None)),
        ).where(Q.tenant_id == mine[0], Q.request_id == mine[1])
    ).one()
    approved = db.session.execute(
        select(A.id)
        .where(A.tenant_id == mine[0], A.request_id == mine[1], A.decision == "approved")
        .limit(1)
    ).first()
    return Facts(
        today=now.date(), results=frozenset(name for name, result in found if result),
        slots=frozenset(name for name, result in found if not result), asked=asked, open_questions=waiting,
        approved=approved is not None,
    )  # fmt: skip
