import json
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert

from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.models import AuditEvent
from tenants.permissions import Actor
from tenants.scoping import current_scope

# Built once: building costs more than the row.
_ROW = insert(cast(Table, AuditEvent.__table__))


def record(
    name: str,
    *,
    actor: Actor,
    now: datetime,
    object_type: str,
    object_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Add an audit row in the caller's transaction.

    `name` is '<line>.<noun>.<past participle>'. Facts are ids, states, counts and hashes; never
    personal content.
    """
    db.session.execute(
        _ROW,
        {
            "tenant_id": current_scope().tenant_id,
            "id": uuid7(),
            "at": now,
            "actor_id": actor.user_id,
            "actor_side": actor.side,
            "actor_name": actor.name,
            "name": name,
            "object_type": object_type,
            "object_id": object_id,
            "facts": json.dumps(facts, default=str, sort_keys=True),
            "address": actor.address,
            "request_id": actor.request_id,
        },
    )
