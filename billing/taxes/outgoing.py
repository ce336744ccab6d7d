"""Stripe is told who is invoiced, and whether VAT counts: each change once, the newest last."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from billing.gateway import StripeGateway, StripeRefused
from billing.models import ENDED, BillingAccount
from billing.queries import find_subscription, list_catalogue
from billing.taxes.numbers import checked
from billing.taxes.queries import get_seller, hold, treatment_of
from billing.taxes.rules import Kind, mention
from tenants import audit, outbox
from tenants.core.db import db
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

Json = dict[str, Any]
DETAILS, TAXES = "set_billing_details", "set_taxes"
VERBS = (DETAILS, TAXES)
# The register didn't answer, or didn't know the number yet.
IN_VAIN = ("unavailable", "unverified")
# A look-up that is younger than this counts; clocks differ by less.
SETTLING = timedelta(hours=1)


def tell(*, after: str = "") -> None:
    """Who is invoiced, as it stands now; once more `after` an earlier word that arrived late."""
    account = hold()
    if account is None or not account.stripe_customer_id or account.customer_deleted_at:
        return
    _tell(account, f"{account.details_revision}{after and f':after:{after}'}")


def _tell(account: BillingAccount, about: str, **more: Any) -> bool:
    number = _number_of(account)
    return _promise(
        DETAILS, about,
        {
            "customer": account.stripe_customer_id, "revision": account.details_revision,
            "name": account.billing_name, "email": account.billing_email,
            "address": _address_of(account),
            "vat": {"kind": number[0], "value": number[1]} if number else None, **more,
        },
    )  # fmt: skip


def tell_number_again(*, now: datetime) -> bool:
    """The same number given anew, once a day; False when it was already or can't be."""
    account = hold()
    if account is None or not account.stripe_customer_id or _number_of(account) is None:
        return False
    asked = {"again": int((now - SETTLING).timestamp())}
    return _tell(account, f"{account.details_revision}:verify:{now:%Y-%m-%d}", **asked)


def tell_first() -> None:
    """What a customer that was just made doesn't say yet."""
    account = hold()
    if account is not None and account.details_revision > account.details_told:
        tell()


def arrange(*, now: datetime) -> None:
    """Whether VAT counts follows from the mirror; Stripe is told when that changed, or when somebody
    changed it there."""
    account = hold()
    if account is None or not account.stripe_customer_id or account.customer_deleted_at:
        return
    found = treatment_of(account, now.date())
    if found is None:
        return
    wanted = f"{found.exempt}/{found.rate}"
    told_before = account.tax_wanted != "none"
    if account.tax_wanted == wanted and (
        account.tax_exempt == found.exempt or _on_its_way(account)
    ):
        return
    account.tax_wanted = wanted
    if not told_before and account.tax_exempt == found.exempt:
        # As a new customer has it.
        db.session.flush()
        return
    account.tax_revision += 1
    db.session.flush()
    audit.record(
        "billing.vat.changed", actor=system_actor(scoped_tenant_id()), now=now,
        object_type="billing_account", object_id=account.id, treatment=found.kind,
    )  # fmt: skip
    _tell_taxes(account, found.kind, found.exempt, found.rate)


def perform(stripe: StripeGateway, *, verb: str, params: Json, key: str) -> Any:
    """Call Stripe; touches no table."""
    if verb == DETAILS:
        stripe.set_details(
            params["customer"], params["name"], params["email"], params["address"], key
        )
        return _set_number(
            stripe, params["customer"], params["vat"], key, again=params.get("again", 0)
        )
    told = stripe.set_taxation(params["customer"], params["exempt"], params["footer"], key)
    if params["subscription"] and params["rates"]:
        stripe.set_tax_rates(params["subscription"], params["rates"], f"{key}:rates")
    return told["tax_exempt"]


def settle(*, verb: str, params: Json, result: Any, now: datetime) -> None:
    """A fetch that began before this call knows nothing of it: the new version turns it away."""
    account = hold()
    if account is None:
        return
    account.sync_version += 1
    if verb == DETAILS:
        account.details_told = params["revision"]
        if result["value"] == account.vat_id and result["status"]:
            account.vat_status = result["status"]
    else:
        account.tax_exempt = result
    db.session.flush()
    if verb == DETAILS and account.details_revision != params["revision"]:
        tell(after=str(params["revision"]))
    if verb == TAXES and account.tax_revision != params["revision"]:
        # An earlier word overtook a later one: say the later one again.
        account.tax_wanted = "again"
        db.session.flush()
    arrange(now=now)
    enqueue("billing.sync_customer", queue="billing", key=f"{verb}:{params['revision']}:{now}")


def _tell_taxes(account: BillingAccount, kind: Kind, exempt: str, rate: str) -> None:
    tenant, known = get_tenant(), list_catalogue().get(rate)
    subscription = find_subscription()
    live = subscription is not None and subscription.status not in ENDED
    _promise(
        TAXES, str(account.tax_revision),
        {
            "customer": account.stripe_customer_id, "revision": account.tax_revision,
            "exempt": exempt, "footer": _footer(kind, tenant.document_language),
            "subscription": subscription.stripe_subscription_id if subscription and live else None,
            "rates": [known.stripe_price_id] if known else [],
        },
    )  # fmt: skip


def _on_its_way(account: BillingAccount) -> bool:
    """Stripe hasn't answered yet to what was said last."""
    if not account.tax_revision:
        return False
    return (
        db.session.execute(
            select(outbox.OutboxEffect.id).where(
                outbox.OutboxEffect.tenant_id == scoped_tenant_id(),
                outbox.OutboxEffect.dedupe_key == f"billing:{TAXES}:{account.tax_revision}",
                outbox.OutboxEffect.state != "done",
            )
        ).first()
        is not None
    )


def _promise(verb: str, about: str, params: Json) -> bool:
    made = outbox.send(
        kind="stripe", verb=verb, dedupe_key=f"billing:{verb}:{about}", params=params,
        queue="billing",
    )  # fmt: skip
    return made is not None


def _address_of(account: BillingAccount) -> dict[str, str]:
    """Stripe takes no empty parts; those that are left out are gone."""
    parts = {
        "line1": account.line1, "line2": account.line2, "postal_code": account.postcode,
        "city": account.town, "country": account.country,
    }  # fmt: skip
    return {name: value for name, value in parts.items() if value}


def _footer(kind: Kind, language: str) -> str:
    """Never empty, since Stripe can't be told to forget one."""
    seller = get_seller()
    said = mention(kind, seller=seller.country, language=language)
    first = f"{said.sentence} ({said.law})\n" if said else ""
    return f"{first}{seller.name} {seller.vat_id}".strip()


def _number_of(account: BillingAccount) -> tuple[str, str] | None:
    try:
        found = checked(account.country, account.vat_id)
    except ValueError:
        return None
    return (found.kind, found.value) if found else None


def _set_number(
    stripe: StripeGateway, customer: str, wanted: Json | None, key: str, *, again: int
) -> Json:
    """One VAT number and no other; repeated, it finds its own. One that was looked up in vain and
    is older than `again` makes way."""
    found: Json | None = None
    for row in stripe.vat_ids(customer):
        if (
            wanted
            and not found
            and not (row["created"] < again and row["verification"]["status"] in IN_VAIN)
            and (row["type"], row["value"]) == (wanted["kind"], wanted["value"])
        ):
            found = row
        else:
            stripe.remove_vat_id(customer, row["id"])
    if wanted and found is None:
        try:
            found = stripe.add_vat_id(customer, wanted["kind"], wanted["value"], f"{key}:vat")
        except StripeRefused:
            return {"value": wanted["value"], "status": "unverified"}
    if found is None:
        return {"value": "", "status": ""}
    return {"value": found["value"], "status": found["verification"]["status"]}
