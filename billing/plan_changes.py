"""The change or end that is on its way, for whoever must not come in between."""

from sqlalchemy import ColumnElement, select

from billing.change_models import LASTING, OPEN, PlanChange
from billing.models import BillingAccount
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id


def find_lasting() -> PlanChange | None:
    """The change of plan, or the end, that is on its way."""
    return find_change(PlanChange.state.in_(OPEN), PlanChange.kind.in_(LASTING))


def find_change(*which: ColumnElement[bool]) -> PlanChange | None:
    """The newest."""
    return db.session.execute(
        select(PlanChange)
        .where(PlanChange.tenant_id == scoped_tenant_id(), *which)
        .order_by(PlanChange.asked_at.desc(), PlanChange.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def lock_account() -> BillingAccount | None:
    """Whoever asks for something here comes one after the other."""
    return db.session.execute(
        select(BillingAccount)
        .where(BillingAccount.tenant_id == scoped_tenant_id())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
