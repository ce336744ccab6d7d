"""Forms that wait half filled. A draft is nobody else's and proves nothing: it isn't audited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.catalogue.memory import get_item
from app.service_requests.drafts.models import FormDraft
from app.service_requests.schemas import ABOUT
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.scoping import current_scope

LONGEST = 10_000


def keep_draft(
    *, actor: Actor, now: datetime, item_code: str, values: Mapping[str, Any]
) -> datetime | None:
    """What was typed so far; answers when that was kept. An emptied form keeps nothing: None."""
    item = get_item(item_code)
    actor.require("request.raise", item.line)
    known = {*item.schema._declared_fields, *ABOUT}
    kept = {name: _short(value) for name, value in values.items() if name in known and value}
    if not set(kept) - set(ABOUT):
        kept = {}
    if not kept:
        drop_draft(actor=actor, item_code=item_code)
        return None
    # Two windows may keep the same form: the later one wins.
    row = insert(FormDraft).values(
        tenant_id=current_scope().tenant_id, id=uuid7(), user_id=actor.user_id, item=item.code,
        values=kept, changed_at=now,
    )  # fmt: skip
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "user_id", "item"],
            set_={"values": row.excluded["values"], "changed_at": row.excluded.changed_at},
        )
    )
    return now


def drop_draft(*, actor: Actor, item_code: str) -> None:
    db.session.execute(
        delete(FormDraft).where(
            FormDraft.tenant_id == current_scope().tenant_id,
            FormDraft.user_id == actor.user_id,
            FormDraft.item == item_code,
        )
    )


def _short(value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else value
