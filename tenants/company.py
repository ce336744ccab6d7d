"""The company in scope, read once."""

from sqlalchemy import bindparam, select

from tenants.core.db import db
from tenants.models import Tenant
from tenants.scoping import scoped_tenant_id

_ONE = select(Tenant).where(Tenant.id == bindparam("tenant"))


def find_tenant() -> Tenant | None:
    """Read once per session and transaction: every page and job asks, most of them several times."""
    session, tenant_id = db.session(), scoped_tenant_id()
    # The session itself forgets what nobody holds.
    held: Tenant | None
    held_id, held = session.info.get("tenant", (None, None))
    if held is None or held_id != tenant_id or held not in session:
        held = session.execute(_ONE, {"tenant": tenant_id}).scalar_one_or_none()
        session.info["tenant"] = (tenant_id, held)
    return held
