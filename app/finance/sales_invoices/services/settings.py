"""What stands on the company's invoices beside its own name. The provider has its own, for the
invoices of its clients' subscriptions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.auth.services import verify_second_factor
from app.finance.sales_invoices.models import InvoicingSettings
from app.finance.sales_invoices.queries import find_settings
from app.finance.sales_invoices.seller import Seller, iban_of, seal_iban, seller_of
from app.finance.sales_invoices.settings_checks import checked
from app.notifications.audiences import administrators, provider_administrators
from app.notifications.services import tell
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor
from tenants.queries import get_tenant

TEXTS = (
    "name", "legal_id", "establishment_id", "vat_id", "tax_number", "legal_text", "street",
    "more_address", "postcode", "city", "country", "electronic_address", "electronic_scheme",
    "contact", "phone", "email", "bic", "account_name", "late_payment", "recovery_charge",
    "early_payment",
)  # fmt: skip
PLAIN = (*TEXTS, "small_business", "vat_on_debits", "payment_days")
# Whoever changes one of these decides where the money goes.
ACCOUNT = ("iban", "bic", "account_name")


class NoSettings(Conflict):
    code = "no_invoicing_settings"
    message = _m("First say what stands on this company's invoices: address, numbers, account.")


def set_settings(
    *, values: dict[str, Any], actor: Actor, now: datetime, real_now: datetime | None = None
) -> InvoicingSettings:
    """`values` may hold each of PLAIN and `iban`; what is missing stays. Another account needs a
    second factor that is fresh at `real_now`, the machine's time, and is told to the company's
    administrators."""
    actor.require("sales_invoice.manage", "finance")
    return _set(values, actor, now, real_now or now)


def set_provider_settings(
    *, values: dict[str, Any], actor: Actor, now: datetime, real_now: datetime | None = None
) -> InvoicingSettings:
    """The same for the provider, in its own scope. Its numbers count for billing too."""
    actor.require("provider.administer")
    if actor.tenant_id != PROVIDER_TENANT:
        raise Forbidden
    row = _set(values, actor, now, real_now or now)
    company = get_tenant()
    if row.country == company.country:
        company.vat_id = row.vat_id
        if row.country == "FR":
            company.registration_number = row.legal_id
    db.session.flush()
    return row


def changes_account(values: dict[str, Any]) -> bool:
    """Whether these would lead payments elsewhere than now."""
    row = find_settings()
    now = {name: _of_account(row, name) for name in ACCOUNT}
    return any(
        name in values and "".join((values[name] or "").split()) != now[name].replace(" ", "")
        for name in ACCOUNT
    )


def confirmed(*, values: dict[str, Any], code: str, actor: Actor, real_now: datetime) -> Actor:
    """The actor, with the code of their authenticator app where these values ask for it; it
    confirms this one change, not the session."""
    if not changes_account(values):
        return actor
    if actor.user_id is None:
        raise Forbidden
    verify_second_factor(user_id=actor.user_id, code=code, now=real_now)
    return replace(actor, second_factor_at=real_now)


def get_seller() -> Seller:
    row = find_settings()
    if row is None:
        raise NoSettings
    return seller_of(row)


def _set(
    values: dict[str, Any], actor: Actor, now: datetime, real_now: datetime
) -> InvoicingSettings:
    row = find_settings()
    elsewhere = changes_account(values)
    if elsewhere and actor.side != "system":
        actor.require_second_factor(real_now)
    if row is None:
        company = get_tenant()
        row = InvoicingSettings(
            id=uuid7(), tenant_id=company.id, name=company.name, country=company.country,
            legal_id=company.registration_number if company.country == "FR" else "",
            vat_id=company.vat_id, changed_by_name="", changed_at=now,
        )  # fmt: skip
    found = {name: getattr(row, name) or "" for name in TEXTS}
    found |= {name: values[name] for name in TEXTS if name in values}
    iban = (values["iban"] or "") if "iban" in values else iban_of(row)
    found = checked(found, iban=iban)
    if row not in db.session:
        db.session.add(row)
    for name in PLAIN:
        if name in found or name in values:
            setattr(row, name, found.get(name, values.get(name)))
    if "iban" in values:
        seal_iban(row, found["iban"])
    row.changed_by_name, row.changed_at = actor.name, now
    audit.record(
        "finance.invoicing_settings.changed", actor=actor, now=now,
        object_type="invoicing_settings", object_id=row.id, fields=sorted(values),
        other_account=elsewhere,
    )  # fmt: skip
    if elsewhere:
        _tell(row, actor, now)
    db.session.flush()
    return row


def _of_account(row: InvoicingSettings | None, name: str) -> str:
    if row is None:
        return ""
    return iban_of(row) if name == "iban" else getattr(row, name) or ""


def _tell(row: InvoicingSettings, actor: Actor, now: datetime) -> None:
    own = row.tenant_id == PROVIDER_TENANT
    tell(
        "invoicing.account_changed",
        audience=provider_administrators() if own else administrators(),
        link="/provider/billing/invoicing" if own else "sales-invoices/settings",
        key=f"{row.id}:{now.isoformat()}", actor=actor,
    )  # fmt: skip
