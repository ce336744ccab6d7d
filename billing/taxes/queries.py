from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Text, column, func, select

from billing.models import BillingAccount
from billing.queries import find_account
from billing.taxes.rules import Treatment, is_known, treatment
from tenants.core.db import db
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

COLUMNS = ("name", "country", "legal_form", "registration_number", "vat_id")
SELLER = func.subscription_seller().table_valued(*(column(name, Text) for name in COLUMNS))


@dataclass(frozen=True, slots=True)
class Seller:
    """The provider, as it stands on the invoices of the subscription."""

    name: str
    country: str
    legal_form: str
    registration_number: str
    vat_id: str


def get_seller() -> Seller:
    row = db.session.execute(select(SELLER)).mappings().one()
    return Seller(**{name: str(row[name]) for name in COLUMNS})


def hold() -> BillingAccount | None:
    """The account as it is now, until the end of the transaction."""
    return db.session.execute(
        select(BillingAccount)
        .where(BillingAccount.tenant_id == scoped_tenant_id())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def treatment_of(account: BillingAccount, on: date) -> Treatment | None:
    """Of an invoice that became final on this day; None while the provider's country has no rule
    here, since then nobody may claim any."""
    seller = get_seller().country
    if not is_known(seller):
        return None
    return treatment(
        seller, account.country, account.vat_status, on,
        postcode=account.postcode, vat_id=account.vat_id,
    )  # fmt: skip


def has_rule() -> bool:
    return is_known(get_seller().country)


def rate_keys(on: date) -> Sequence[str]:
    """The lookup keys of the tax rates of the client's subscription."""
    account, seller = find_account(), get_seller().country
    if account is not None:
        found = treatment_of(account, on)
    else:
        found = treatment(seller, get_tenant().country, "", on) if is_known(seller) else None
    return [found.rate] if found else []
