from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.playbooks.models import Playbook, PlaybookVersion
from tenants.core.db import db
from tenants.scoping import current_scope


def list_playbooks(*, lines: Sequence[str]) -> Sequence[Playbook]:
    return (
        db.session.execute(
            select(Playbook)
            .where(Playbook.tenant_id == current_scope().tenant_id, Playbook.line.in_(lines))
            .order_by(Playbook.line, Playbook.item)
        )
        .scalars()
        .all()
    )


def select_for_work(*, line: str, item: str) -> Select[Any]:
    """That of the line, then that of the kind of work."""
    return (
        select(Playbook)
        .where(
            Playbook.tenant_id == current_scope().tenant_id,
            Playbook.line == line,
            Playbook.item.in_(["", item]),
        )
        .order_by(Playbook.item)
    )


def list_for_work(*, line: str, item: str) -> Sequence[Playbook]:
    return db.session.execute(select_for_work(line=line, item=item)).scalars().all()


def find_playbook(*, line: str, item: str, for_update: bool = False) -> Playbook | None:
    query = select(Playbook).where(
        Playbook.tenant_id == current_scope().tenant_id,
        Playbook.line == line,
        Playbook.item == item,
    )
    if for_update:
        query = query.with_for_update()
    return db.session.execute(query).scalar_one_or_none()


def list_versions(*, playbook_id: UUID) -> Sequence[PlaybookVersion]:
    """Latest first."""
    return (
        db.session.execute(
            select(PlaybookVersion)
            .where(
                PlaybookVersion.tenant_id == current_scope().tenant_id,
                PlaybookVersion.playbook_id == playbook_id,
            )
            .order_by(PlaybookVersion.version.desc())
            .limit(50)
        )
        .scalars()
        .all()
    )
