"""A trial's cap: what the plan includes is the most, for the whole trial. New work stops there; work
that has begun goes on, and what it uses beyond is recorded and never charged, since Stripe puts no
usage of a trial on an invoice."""

from collections.abc import Mapping, Sequence

from billing import queries
from billing.limits.rules import step_of, used_up
from billing.models import Subscription
from billing.plans import plan_of
from billing.presenting import usage_period
from billing.telling import tell
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id


def trial_used_up() -> Sequence[str]:
    """The meters of the running trial of which nothing is left."""
    found = _figures()
    return used_up(*found) if found else []


def tell_of_trial() -> None:
    """One mail for each meter and step."""
    subscription, found = queries.find_subscription(), _figures()
    if found is None or subscription is None:
        return
    used, included = found
    for meter, most in included.items():
        step = 100 if meter in used_up(used, {meter: most}) else step_of(used[meter], most or None)
        if step:
            key = f"{subscription.stripe_subscription_id}:{meter}:{step}"
            actor = system_actor(scoped_tenant_id())
            tell(f"billing.trial_used_{step}", key=key, actor=actor)


def _figures() -> tuple[Mapping[str, int], Mapping[str, int]] | None:
    """Used and included by meter; None outside of a trial."""
    subscription, account = queries.find_subscription(), queries.find_account()
    period = usage_period(subscription)
    if account is None or period is None or not _on_trial(subscription):
        return None
    plan = plan_of(account.plan_key, account.plan_version)
    included = {part.meter: part.included for part in plan.metered if part.meter}
    start, end = period
    used = {meter: queries.sum_usage(meter=meter, start=start, end=end) for meter in included}
    return used, included


def _on_trial(subscription: Subscription | None) -> bool:
    return subscription is not None and subscription.status == "trialing"
