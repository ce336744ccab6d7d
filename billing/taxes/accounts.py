"""A company's account with us, made when it first chooses a plan."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from billing.models import BillingAccount
from billing.plans import CURRENCY, Interval, Plan
from billing.taxes.initial import known_of
from billing.taxes.queries import hold
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.queries import get_tenant, get_user


def hold_account(plan: Plan, interval: Interval, *, actor: Actor, now: datetime) -> BillingAccount:
    """Held until the end of the transaction: two clicks are one after the other."""
    tenant = get_tenant()
    email = get_user(user_id=actor.user_id).email if actor.user_id else ""
    db.session.execute(
        insert(BillingAccount)
        .values(
            tenant_id=tenant.id, id=uuid7(), plan_key=plan.key, plan_version=plan.version,
            interval=interval, currency=CURRENCY, country=tenant.country,
            billing_name=tenant.name, billing_email=email, requested_at=now, **known_of(tenant),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id"])
    )  # fmt: skip
    account = hold()
    assert account is not None
    return account
