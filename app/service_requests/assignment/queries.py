from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from app.service_requests.assignment.models import AssignmentRule, Standin
from app.service_requests.assignment.rules import Candidate, Rule
from app.service_requests.models import RequestMove, ServiceRequest
from app.service_requests.transitions import OPEN
from app.staffing.queries import standings
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import AuditEvent
from tenants.permissions import LEVELS
from tenants.queries import list_grants
from tenants.scoping import current_scope

A, R = AssignmentRule, ServiceRequest
# Work that somebody of ours has to do: results that the client looks at are with the client, and
# what is planned begins on its day.
TO_DO = tuple(one for one in OPEN if one not in ("awaiting_approval", "delivered"))

# What comes back to whoever prepared it.
SENT_BACK = ("refuse", "reopen", "return")


def list_rules(*, lines: Collection[str]) -> Sequence[AssignmentRule]:
    return (
        db.session.execute(
            select(A)
            .where(A.tenant_id == current_scope().tenant_id, A.line.in_(lines))
            .order_by(A.line, A.item)
        )
        .scalars()
        .all()
    )


def find_rule(*, line: str, item: str, for_update: bool = False) -> AssignmentRule | None:
    query = select(A).where(
        A.tenant_id == current_scope().tenant_id, A.line == line, A.item == item
    )
    if for_update:
        query = query.with_for_update()
    return db.session.execute(query).scalar_one_or_none()


def get_rule(*, line: str, item: str, for_update: bool = False) -> AssignmentRule:
    row = find_rule(line=line, item=item, for_update=for_update)
    if row is None:
        raise NotFound
    return row


def rules_for(*, line: str, item: str) -> list[Rule]:
    """That of the item and that of the whole line, as far as there are any."""
    rows = db.session.execute(
        select(A).where(
            A.tenant_id == current_scope().tenant_id, A.line == line, A.item.in_(["", item])
        )
    ).scalars()
    return [
        Rule(one.item, one.operator_id, one.deputy_id, one.skill, one.by_load) for one in rows
    ]  # fmt: skip


def skill_for(*, line: str, item: str) -> str:
    """What the rule that counts for this work asks for."""
    found = sorted(rules_for(line=line, item=item), key=lambda one: one.item == "")
    return found[0].skill if found else ""


def live_names(*, line: str, now: datetime) -> dict[UUID, str]:
    """Who may work on the line of the client in scope by a grant that lives."""
    return {
        one.user_id: one.display_name
        for one in list_grants(live_at=now)
        if one.line == line and LEVELS[one.level] >= LEVELS["work"]
    }


def list_candidates(*, line: str, now: datetime) -> list[Candidate]:
    """Of those, who is still with us."""
    names = live_names(line=line, now=now)
    found = standings(user_ids=names, at=now) if names else {}
    return [
        Candidate(
            user_id=one.user_id, name=names[one.user_id], open_requests=one.open_requests,
            skills=frozenset(one.skills), away_until=one.away_until,
        )
        for one in found.values()
    ]  # fmt: skip


def lock_request(*, request_id: UUID, skip_locked: bool = False) -> ServiceRequest | None:
    """As it is now. With `skip_locked` None for one that somebody else just has in hand."""
    return db.session.execute(
        _of_request(request_id)
        .with_for_update(skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _of_request(request_id: UUID) -> Select[Any]:
    return select(R).where(R.tenant_id == current_scope().tenant_id, R.id == request_id)


def list_in_hands() -> Sequence[ServiceRequest]:
    """Open work of the client in scope that somebody has, by its number."""
    return (
        db.session.execute(
            select(R)
            .where(
                R.tenant_id == current_scope().tenant_id, R.assignee_id.is_not(None),
                R.state.in_(TO_DO),
            )
            .order_by(R.number)
        )
        .scalars()
        .all()
    )  # fmt: skip


def list_untouched_ids() -> Sequence[UUID]:
    """New ones that nobody has yet, for which there is a rule: the one that is missed first first."""
    return (
        db.session.execute(
            select(R.id)
            .join(A, (A.tenant_id == R.tenant_id) & (A.line == R.line) & A.item.in_(["", R.item]))
            .where(
                R.tenant_id == current_scope().tenant_id, R.assignee_id.is_(None),
                R.state == "new",
            )
            .order_by(R.breach_at, R.id)
            .distinct()
            .add_columns(R.breach_at)
        )
        .scalars()
        .all()
    )  # fmt: skip


def begin_standin(*, absence_id: UUID, user_id: UUID, now: datetime) -> Standin | None:
    """None where this absence was dealt with before."""
    key = db.session.execute(
        insert(Standin)
        .values(tenant_id=current_scope().tenant_id, absence_id=absence_id, user_id=user_id, at=now)
        .on_conflict_do_nothing(index_elements=["tenant_id", "absence_id"])
        .returning(Standin.id)
    ).scalar_one_or_none()
    return None if key is None else db.session.get_one(Standin, (current_scope().tenant_id, key))


def get_standin(*, absence_id: UUID) -> Standin:
    return db.session.execute(
        select(Standin)
        .where(Standin.tenant_id == current_scope().tenant_id, Standin.absence_id == absence_id)
    ).scalar_one()  # fmt: skip


def came_back_ids(*, request_ids: Collection[UUID], since: datetime) -> set[UUID]:
    """Of these, what a client or a reviewer sent back since, and nobody gave to anybody after that."""
    given = (
        select(AuditEvent.id)
        .where(
            AuditEvent.tenant_id == RequestMove.tenant_id,
            AuditEvent.object_id == RequestMove.request_id,
            AuditEvent.name == "service_requests.request.assigned",
            AuditEvent.at >= RequestMove.at,
        )
        .exists()
    )
    rows = db.session.scalars(
        select(RequestMove.request_id).where(
            RequestMove.tenant_id == current_scope().tenant_id,
            RequestMove.request_id.in_(request_ids), RequestMove.at > since,
            RequestMove.verb.in_(SENT_BACK), ~given,
        )
    )  # fmt: skip
    return set(rows)
