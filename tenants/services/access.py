"""What a company's subscription lets it do, as billing found out; in that company's scope."""

from datetime import datetime

from sqlalchemy import func, update

from tenants import audit
from tenants.access import ACCESS_STATES, refusal_of_new_work
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.jobs import TenantSchedule, wake_dispatcher
from tenants.permissions import Actor
from tenants.queries import get_access, get_tenant_for_change


def set_access_state(*, state: str, actor: Actor, now: datetime, new_work: bool = True) -> bool:
    """Says whether it is another one; `new_work`: what isn't begun yet may begin. Jobs that it lets
    run again go on with the commit of the caller's transaction, and the company looks at its
    calendar at once."""
    if actor.side != "system":
        raise Forbidden
    if state not in ACCESS_STATES:
        raise ValueError(f"no access state: {state}")
    tenant = get_tenant_for_change()
    before, might_begin = tenant.access_state, tenant.new_work
    if (before, might_begin) == (state, new_work):
        return False
    tenant.access_state, tenant.new_work = state, new_work
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
        object_id=tenant.id, state=[before, state], new_work=[might_begin, new_work],
    )  # fmt: skip
    return True


def require_new_work() -> None:
    """AccessRefused unless the company in scope may have work begun that isn't there yet."""
    state, new_work = get_access()
    refused = refusal_of_new_work(state, new_work=new_work)
    if refused is not None:
        raise refused
