"""What a new version of the contract means for requests that are open."""

from datetime import datetime

from sqlalchemy import select

from app.service_requests.models import ServiceRequest
from app.service_requests.sla import ledger
from app.service_requests.transitions import OPEN
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

R = ServiceRequest


def recompute_open(*, actor: Actor, now: datetime) -> int:
    """Their targets anew, from the same intervals; answers how many there are."""
    rows = db.session.execute(
        select(R)
        .where(R.tenant_id == current_scope().tenant_id, R.state.in_(OPEN))
        .order_by(R.id)
        .with_for_update(key_share=True)
    ).scalars().all()  # fmt: skip
    for row in rows:
        ledger.recompute(row, actor=actor, now=now)
    db.session.flush()
    return len(rows)
