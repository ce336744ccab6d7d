"""What a company's subscription lets it do, as billing found out; in that company's scope."""

from datetime import datetime

from sqlalchemy import func, update

from tenants import audit
from tenants.access import ACCESS_STATES
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.jobs import TenantSchedule, wake_dispatcher
from tenants.permissions import Actor
from tenants.queries import get_tenant_for_change


def set_access_state(*, state: str, actor: Actor, now: datetime) -> bool:
    """Says whether it is another one. Jobs that it lets run again go on with the commit of the
    caller's transaction, and the company looks at its calendar at once."""
    if actor.side != "system":
        raise Forbidden
    if state not in ACCESS_STATES:
        raise ValueError(f"no access state: {state}")
    tenant = get_tenant_for_change()
    before = tenant.access_state
    if before == state:
        return False
    tenant.access_state = state
    db.session.flush()
    # After the company's own look, which holds these rows and may still have read the state before.
    db.session.execute(
        update(TenantSchedule)
        .where(TenantSchedule.tenant_id == tenant.id)
        .values(look_at=func.least(func.now(), now))
        .execution_options(synchronize_session=False)
    )
    wake_dispatcher()
    audit.record(
        "tenants.access.changed", actor=actor, now=now, object_type="tenant",
        object_id=tenant.id, state=[before, state],
    )  # fmt: skip
    return True
