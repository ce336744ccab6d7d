"""The rules of access, applied: in the transaction that mirrors Stripe, and by the hour, since time
alone moves a late payment on."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from billing import queries
from billing.access.models import BillingTransition
from billing.access.rules import Access, Facts, Policy, State, derive
from billing.disputes.services import is_disputed
from billing.exposure import measure
from billing.limits.trial import trial_used_up
from billing.models import BillingAccount, StripeInvoice, Subscription
from billing.taxes.queries import has_rule
from billing.telling import tell
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor, system_actor
from tenants.queries import get_access
from tenants.scoping import scoped_tenant_id
from tenants.services.access import set_access_state

POLICY = Policy()
TRIAL_NOTICE = timedelta(days=3)
WELL = ("active", "trialing")


def look(*, now: datetime) -> Access | None:
    """Bring the client's access to where the rules want it; twice is once. None before there is a
    subscription: what the provider agreed outside of it counts until then."""
    account = _account_for_change()
    subscription = queries.find_subscription()
    if account is None or subscription is None:
        return None
    before, new_work = get_access()
    facts = _facts(account, subscription, before, new_work=new_work, now=now)
    found = derive(facts, POLICY, now)
    actor = system_actor(scoped_tenant_id())
    _note_attention(account, found, now=now)
    account.access_reason = found.reason
    if found.state != before:
        account.access_since = now
        _keep("access", f"access:{now.isoformat()}:{found.state}", now=now,
              before=before, after=found.state, reason=found.reason)  # fmt: skip
    set_access_state(state=found.state, new_work=found.new_work, actor=actor, now=now)
    _tell(found, before, account, subscription, actor=actor, now=now)
    account.grace_since, account.export_until = found.grace_since, found.export_until
    db.session.flush()
    return found


def _account_for_change() -> BillingAccount | None:
    return db.session.execute(
        select(BillingAccount)
        .where(BillingAccount.tenant_id == scoped_tenant_id())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _facts(
    account: BillingAccount, subscription: Subscription, before: str, *, new_work: bool,
    now: datetime,
) -> Facts:  # fmt: skip
    state: State = before  # type: ignore[assignment]  # the column's check knows the same words
    return Facts(
        before=state, status=subscription.status, synced_at=_heard_at(account), due=_due(),
        paused_reason=subscription.paused_reason, ended_at=subscription.ended_at,
        grace_since=account.grace_since, new_work=new_work,
        disputed=is_disputed(),
        over_exposure=measure(account, now=now),
        trial_used_up=subscription.status == "trialing" and bool(trial_used_up()),
    )  # fmt: skip


def _heard_at(account: BillingAccount) -> datetime | None:
    """A customer that was deleted says nothing more: what it said last holds."""
    return None if account.stripe_customer_id is None else account.synced_at


def _due() -> list[datetime]:
    """From when each open invoice should have been paid: one that is sent has its own day, one that
    is charged is due when it becomes final. One that only a change of plan waits for is owed by
    nobody: unpaid, the plan stays as it was."""
    waiting = select(Subscription.latest_invoice_id).where(
        Subscription.tenant_id == scoped_tenant_id(),
        Subscription.pending_until.is_not(None),
        Subscription.latest_invoice_id.is_not(None),
    )
    rows = db.session.execute(
        select(StripeInvoice.due_at, StripeInvoice.finalized_at).where(
            StripeInvoice.tenant_id == scoped_tenant_id(),
            StripeInvoice.status == "open",
            StripeInvoice.amount_remaining > 0,
            StripeInvoice.due_at.is_not(None) | (StripeInvoice.attempt_count > 0),
            StripeInvoice.stripe_invoice_id.not_in(waiting),
        )
    )
    return [at for due_at, finalized_at in rows if (at := due_at or finalized_at)]


def _note_attention(account: BillingAccount, found: Access, *, now: datetime) -> None:
    attention = found.attention or ("two_subscriptions" if len(queries.list_running()) > 1 else "")
    attention = attention or ("" if has_rule() else "no_vat_rule")
    if account.attention == attention:
        return
    _keep("attention", f"attention:{now.isoformat()}", now=now, before=account.attention,
          after=attention)  # fmt: skip
    account.attention = attention


def _tell(
    found: Access,
    before: str,
    account: BillingAccount,
    subscription: Subscription,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    since = (found.grace_since or account.grace_since or now).isoformat()
    if found.mail_day is not None and found.grace_since is not None:
        until = found.grace_since + POLICY.grace
        _mail(f"payment_late_{found.mail_day}", f"{since}:{found.mail_day}", actor, now, until)
    elif found.state == "suspended" and before != "suspended":
        _mail("suspended", since, actor, now)
    elif found.state in WELL and before in ("grace", "suspended"):
        _mail("resumed", since, actor, now)
    elif found.state == "cancelled" and before != "cancelled":
        _mail("cancelled", subscription.stripe_subscription_id, actor, now, found.export_until)
    ends = subscription.trial_end
    if found.state == "trialing" and ends is not None and ends - now <= TRIAL_NOTICE:
        _mail("trial_ends", f"{subscription.stripe_subscription_id}:{ends.date()}", actor, now,
              ends)  # fmt: skip


def _mail(event: str, key: str, actor: Actor, now: datetime, until: datetime | None = None) -> None:
    """Once for its key, in the transaction of what it is about."""
    if _keep("mail", f"mail:{event}:{key}", now=now, after=event):
        tell(f"billing.{event}", key=key, actor=actor, until=until)


def _keep(
    kind: str, effect_key: str, *, now: datetime, before: str = "", after: str = "",
    reason: str = "",
) -> bool:  # fmt: skip
    added = db.session.execute(
        insert(BillingTransition)
        .values(
            tenant_id=scoped_tenant_id(), id=uuid7(), at=now, kind=kind, before=before,
            after=after, reason=reason, effect_key=effect_key,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "effect_key"])
        .returning(BillingTransition.id)
    ).scalar_one_or_none()  # fmt: skip
    return added is not None
