"""What a company owes us or will: its open invoices, those that are being made, what was used and not
invoiced yet at the prices in force, and agreed prices that wait for an invoice."""

from datetime import datetime

from sqlalchemy import case, func, select

from billing.invoice_items import list_waiting_items
from billing.limits.queries import storage_used
from billing.models import BillingAccount, StripeInvoice
from billing.usage_overview import unbilled
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

# Minor units; a company may have another one.
POLICY_LIMIT = 500_000
I = StripeInvoice


def limit_of(account: BillingAccount) -> int:
    given = account.credit_exposure_limit
    return POLICY_LIMIT if given is None else given


def is_over(exposure: int, limit: int) -> bool:
    return exposure > limit


def measure(account: BillingAccount, *, now: datetime) -> bool:
    """Note it on the account, which the caller holds; whether it is more than it may be."""
    account.exposure = current_exposure(now=now)
    account.storage_used, account.measured_at = storage_used(), now
    return is_over(account.exposure, limit_of(account))


def current_exposure(*, now: datetime) -> int:
    waiting = sum(item.amount for item in list_waiting_items())
    return _invoiced() + unbilled(now=now) + waiting


def set_exposure_limit(*, limit: int | None, actor: Actor, now: datetime) -> None:
    """None is the policy's."""
    actor.require("provider.administer")
    account = db.session.execute(
        select(BillingAccount)
        .where(BillingAccount.tenant_id == scoped_tenant_id())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if account is None:
        raise NotFound
    before = account.credit_exposure_limit
    if before == limit:
        return
    account.credit_exposure_limit = limit
    db.session.flush()
    audit.record(
        "billing.exposure_limit.changed", actor=actor, now=now, object_type="billing_account",
        object_id=account.id, before=before, after=limit,
    )  # fmt: skip
    enqueue(
        "billing.look_at_access", queue="billing",
        key=f"exposure:{account.id}:{now.isoformat()}", actor_id=actor.user_id,
    )  # fmt: skip


def _invoiced() -> int:
    """Stripe's drafts count whole: what they hold is in no period any more."""
    owed = case((I.status == "draft", I.total), else_=I.amount_remaining)
    total = db.session.execute(
        select(func.coalesce(func.sum(owed), 0)).where(
            I.tenant_id == scoped_tenant_id(), I.status.in_(("draft", "open"))
        )
    ).scalar_one()
    return int(total)
