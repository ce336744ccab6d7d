"""What stands on the company's invoices beside its own name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.finance.iban import compact, is_iban
from app.finance.sales_invoices.models import InvoicingSettings
from app.finance.sales_invoices.queries import find_settings
from app.finance.sales_invoices.seller import Seller, iban_place, seller_of
from tenants import audit, keys
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

TEXTS = (
    "name", "legal_id", "establishment_id", "vat_id", "tax_number", "legal_text", "street",
    "more_address", "postcode", "city", "country", "electronic_address", "electronic_scheme",
    "contact", "phone", "email", "bic", "account_name", "late_payment", "recovery_charge",
    "early_payment",
)  # fmt: skip
PLAIN = (*TEXTS, "small_business", "vat_on_debits", "payment_days")


class NoSettings(Conflict):
    code = "no_invoicing_settings"
    message = _m("First say what stands on this company's invoices: address, numbers, account.")


def set_settings(*, values: dict[str, Any], actor: Actor, now: datetime) -> InvoicingSettings:
    """`values` may hold each of PLAIN and `iban`; what is missing stays."""
    actor.require("sales_invoice.manage", "finance")
    row = find_settings()
    if row is None:
        company = get_tenant()
        row = InvoicingSettings(
            id=uuid7(), tenant_id=company.id, name=company.name, country=company.country,
            legal_id=company.registration_number if company.country == "FR" else "",
            vat_id=company.vat_id, changed_by_name="", changed_at=now,
        )  # fmt: skip
        db.session.add(row)
    for name in PLAIN:
        if name in values:
            setattr(row, name, values[name])
    if "iban" in values:
        _set_iban(row, values["iban"] or "")
    _check(row)
    row.changed_by_name, row.changed_at = actor.name, now
    audit.record(
        "finance.invoicing_settings.changed", actor=actor, now=now,
        object_type="invoicing_settings", object_id=row.id, fields=sorted(values),
    )  # fmt: skip
    db.session.flush()
    return row


def get_seller() -> Seller:
    row = find_settings()
    if row is None:
        raise NoSettings
    return seller_of(row)


def _set_iban(row: InvoicingSettings, typed: str) -> None:
    iban = compact(typed)
    if iban and not is_iban(iban):
        raise Invalid(field_errors={"iban": [_m("This is no IBAN: a digit is wrong or missing.")]})
    row.iban_sealed = keys.data_key().seal(iban, iban_place(row)) if iban else ""


def _check(row: InvoicingSettings) -> None:
    from stdnum.fr import siren, siret  # loaded where it is used

    errors: dict[str, list[str]] = {}
    if row.country == "FR":
        if row.legal_id and not siren.is_valid(row.legal_id):
            errors["legal_id"] = [_m("A SIREN has nine digits, the last one checks the others.")]
        if row.establishment_id and not (
            siret.is_valid(row.establishment_id) and row.establishment_id.startswith(row.legal_id)
        ):
            errors["establishment_id"] = [
                _m("A SIRET has fourteen digits and begins with the company's SIREN.")
            ]
    if errors:
        raise Invalid(field_errors=errors)
