"""A client says who is invoiced: name, address and VAT number, which decide the VAT."""

from dataclasses import dataclass, fields
from datetime import datetime

from billing.models import BillingAccount
from billing.plans import Interval, find_offered
from billing.taxes import outgoing
from billing.taxes.accounts import hold_account
from billing.taxes.numbers import checked
from billing.taxes.queries import hold
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor

RIGHT = "subscription.manage"


@dataclass(frozen=True, slots=True)
class Details:
    """`country` as ISO 3166 has it."""

    billing_name: str
    billing_email: str
    line1: str
    line2: str
    postcode: str
    town: str
    country: str
    vat_id: str


NAMES = tuple(one.name for one in fields(Details))


def save_details(
    *,
    details: Details,
    actor: Actor,
    now: datetime,
    plan: str = "",
    interval: Interval = "month",
) -> BillingAccount:
    """Counts for invoices that aren't final yet; the same again changes nothing. A company that has
    no account gets one with the `plan` that it is choosing; Conflict without."""
    actor.require(RIGHT)
    try:
        number = checked(details.country, details.vat_id)
    except ValueError as error:
        raise Invalid(field_errors={"vat_id": [str(error)]}) from error
    account = _account(plan, interval, actor=actor, now=now)
    wanted = {name: getattr(details, name) for name in NAMES}
    wanted["vat_id"] = number.value if number else ""
    changed = sorted(name for name in NAMES if getattr(account, name) != wanted[name])
    account.details_at = now
    if not changed:
        if account.vat_status in outgoing.IN_VAIN:
            _verify_again(account, actor=actor, now=now)
        db.session.flush()
        return account
    if "vat_id" in changed or "country" in changed:
        account.vat_status = "pending" if number else ""
    for name in changed:
        setattr(account, name, wanted[name])
    account.details_revision += 1
    # A fetch that is under way would put the old ones back.
    account.sync_version += 1
    db.session.flush()
    audit.record(
        "billing.details.changed", actor=actor, now=now, object_type="billing_account",
        object_id=account.id, changed=changed, country=account.country,
    )  # fmt: skip
    outgoing.tell()
    outgoing.arrange(now=now)
    return account


def _verify_again(account: BillingAccount, *, actor: Actor, now: datetime) -> None:
    """Stripe asks the register once for a number that it is given: it is given anew, once a day."""
    if not outgoing.tell_number_again(now=now):
        return
    account.vat_status = "pending"
    account.sync_version += 1
    db.session.flush()
    audit.record(
        "billing.vat_id.verified_again", actor=actor, now=now, object_type="billing_account",
        object_id=account.id,
    )  # fmt: skip


def _account(plan: str, interval: Interval, *, actor: Actor, now: datetime) -> BillingAccount:
    account = hold()
    if account is not None:
        return account
    wanted = find_offered(plan)
    if wanted is None:
        raise Conflict(_m("Choose a plan first."), code="no_plan")
    return hold_account(wanted, interval, actor=actor, now=now)
