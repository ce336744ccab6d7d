from uuid import UUID

from sqlalchemy import select

from billing.models import ENDED
from billing.queries import find_subscription
from billing.subscribing.models import CheckoutAttempt
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id


def find_open_attempt(*, for_change: bool = False) -> CheckoutAttempt | None:
    query = select(CheckoutAttempt).where(
        CheckoutAttempt.tenant_id == scoped_tenant_id(), CheckoutAttempt.state == "open"
    )
    if for_change:
        query = query.with_for_update()
    return db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def get_attempt(*, attempt_id: UUID) -> CheckoutAttempt:
    return db.session.execute(
        select(CheckoutAttempt).where(
            CheckoutAttempt.tenant_id == scoped_tenant_id(), CheckoutAttempt.id == attempt_id
        )
    ).scalar_one()


def has_live_subscription() -> bool:
    found = find_subscription()
    return found is not None and found.status not in ENDED
