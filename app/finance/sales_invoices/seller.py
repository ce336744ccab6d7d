"""The company itself as the seller of its invoices."""

from __future__ import annotations

from dataclasses import dataclass

from app.finance.einvoicing.document import Address, Identifier, Party, PaymentMeans
from app.finance.einvoicing.places import law_of
from app.finance.sales_invoices.models import InvoicingSettings
from tenants import keys
from tenants.models import PROVIDER_TENANT

SIREN = "0002"
TRANSFER, SEPA_TRANSFER = "30", "58"


@dataclass(frozen=True, kw_only=True)
class Seller:
    party: Party
    country: str
    payment: tuple[PaymentMeans, ...]
    payment_days: int
    small_business: bool
    vat_on_debits: bool
    # Mentions in the company's own words; empty ones are those of the law.
    late_payment: str = ""
    recovery_charge: str = ""
    early_payment: str = ""


def legal_scheme(country: str) -> str:
    """ISO 6523 of the register that numbers its companies, where there is a code for it."""
    return SIREN if law_of(country) == "FR" else ""


def iban_place(row: InvoicingSettings) -> str:
    return f"{row.tenant_id}|invoicing_settings.iban|{row.id}"


def iban_of(row: InvoicingSettings) -> str:
    """The provider's is opened in the scope of its clients too, so it is under the master key."""
    if not row.iban_sealed:
        return ""
    if row.tenant_id == PROVIDER_TENANT:
        return keys.ring().open(row.iban_sealed, iban_place(row)).decode()
    return keys.data_key().open(row.iban_sealed, iban_place(row))


def seal_iban(row: InvoicingSettings, iban: str) -> None:
    if not iban:
        row.iban_sealed = ""
    elif row.tenant_id == PROVIDER_TENANT:
        row.iban_sealed = keys.ring().seal(iban.encode(), iban_place(row))
    else:
        row.iban_sealed = keys.data_key().seal(iban, iban_place(row))


def seller_of(row: InvoicingSettings) -> Seller:
    ids = (Identifier(value=row.establishment_id, scheme="0009"),) if row.establishment_id else ()
    legal = Identifier(value=row.legal_id, scheme=legal_scheme(row.country))
    address = Identifier(value=row.electronic_address, scheme=row.electronic_scheme)
    iban = iban_of(row)
    return Seller(
        party=Party(
            name=row.name, legal_id=legal if row.legal_id else None, ids=ids, vat_id=row.vat_id,
            tax_id=row.tax_number, legal_text=row.legal_text,
            electronic_address=address if row.electronic_address else None,
            address=Address(
                lines=tuple(one for one in (row.street, row.more_address) if one),
                postcode=row.postcode, city=row.city, country=row.country,
            ),
            contact=row.contact, phone=row.phone, email=row.email,
        ),
        country=row.country,
        payment=(
            PaymentMeans(
                code=SEPA_TRANSFER, iban=iban, bic=row.bic, account_name=row.account_name or row.name
            ),
        ) if iban else (),
        payment_days=row.payment_days, small_business=row.small_business,
        vat_on_debits=row.vat_on_debits, late_payment=row.late_payment,
        recovery_charge=row.recovery_charge, early_payment=row.early_payment,
    )  # fmt: skip
