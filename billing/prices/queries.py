from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_, select

from billing.plans import AGREED, Interval, Part, plan_of
from billing.prices.in_force import Proposal
from billing.prices.models import PriceDecision, PriceOverride
from billing.queries import find_account, list_catalogue
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import scoped_tenant_id

D, O = PriceDecision, PriceOverride


def list_proposals(*, approved: bool = False) -> Sequence[Proposal]:
    """Newest first."""
    query = (
        select(O, D)
        .outerjoin(D, and_(D.tenant_id == O.tenant_id, D.override_id == O.id))
        .where(O.tenant_id == scoped_tenant_id())
        .order_by(O.starts_on.desc(), O.proposed_at.desc(), O.id)
    )
    if approved:
        query = query.where(D.verdict == "approved")
    return [Proposal(row, decision) for row, decision in db.session.execute(query)]


def get_proposal(*, override_id: UUID) -> Proposal:
    found = next((one for one in list_proposals() if one.row.id == override_id), None)
    if found is None:
        raise NotFound
    return found


def subscribed_parts() -> Sequence[Part]:
    """What the client in scope pays for; before a subscription, the plan by agreement."""
    account = find_account()
    if account is None:
        return AGREED.priced()
    interval: Interval = "year" if account.interval == "year" else "month"
    return plan_of(account.plan_key, account.plan_version).priced(interval)


def lookup_keys() -> Mapping[str, str]:
    """The part of the plan that each of Stripe's prices stands for: an agreed price is one of the
    same part."""
    rows = db.session.execute(
        select(O.stripe_price_id, O.lookup_key).where(
            O.tenant_id == scoped_tenant_id(), O.stripe_price_id.is_not(None)
        )
    )
    known = {row.stripe_price_id: key for key, row in list_catalogue().items()}
    return known | {price: key for price, key in rows if price is not None}
