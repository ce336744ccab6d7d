"""Who stands on the invoice of a subscription: the provider as it said of itself, and the client as
its own invoices and its account say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import column, func, select
from sqlalchemy.dialects.postgresql import JSONB

from app.finance.einvoicing import mentions
from app.finance.einvoicing.document import Identifier, InvoiceDocument, Party, PaymentMeans
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.from_record import Known, document_of
from app.finance.einvoicing.problems import problems
from app.finance.sales_invoices.models import InvoicingSettings
from app.finance.sales_invoices.queries import find_settings
from app.finance.sales_invoices.seller import Seller, legal_scheme, seller_of
from app.finance.sales_invoices.services.settings import PLAIN
from tenants.core.db import db
from tenants.queries import get_tenant

FORM = FORMS["facturx-en16931"]
INVOICER = func.subscription_invoicer().table_valued(column("settings", JSONB))
SELLER, BUYER = "seller", "buyer"
# The field of a document -> whose data it is.
_SIDES = {"seller": SELLER, "payment": SELLER, "buyer": BUYER}


@dataclass(frozen=True, kw_only=True)
class Sides:
    """`changed_at` is when either side last said something else of itself."""

    seller: Seller | None
    buyer: Known
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gap:
    """`side` is whose data lacks it; `field` as a document names it."""

    side: str
    field: str
    sentence: str


def read_sides() -> Sides:
    """In the client's scope."""
    provider, client = _provider_row(), find_settings()
    moments = [one.changed_at for one in (provider, client) if one is not None]
    return Sides(
        seller=seller_of(provider) if provider else None, buyer=_client(client),
        changed_at=max(moments, default=None),
    )  # fmt: skip


def written(record: Mapping[str, Any], sides: Sides, *, language: str) -> InvoiceDocument:
    seller = sides.seller
    return document_of(
        record, language=language, seller=_known(seller.party) if seller else None,
        buyer=sides.buyer, payment=_payment(record, seller), own=_own(seller),
    )  # fmt: skip


def gaps(document: InvoiceDocument) -> list[Gap]:
    """What keeps it from being an e-invoice that somebody can put right: the figures are what was
    charged."""
    found = []
    for one in problems(document, FORM):
        side = _SIDES.get(one.field.partition(".")[0])
        if side:
            found.append(Gap(side, one.field, one.sentence))
    return found


def _provider_row() -> InvoicingSettings | None:
    found = db.session.execute(select(INVOICER.c.settings)).scalar_one_or_none()
    if found is None:
        return None
    return InvoicingSettings(
        **{name: found[name] for name in (*PLAIN, "iban_sealed", "changed_by_name")},
        id=UUID(found["id"]), tenant_id=UUID(found["tenant_id"]),
        changed_at=datetime.fromisoformat(found["changed_at"]),
    )  # fmt: skip


def _known(party: Party) -> Known:
    return Known(
        name=party.name, vat_id=party.vat_id, tax_id=party.tax_id, ids=party.ids,
        legal_id=party.legal_id, legal_text=party.legal_text, address=party.address,
        electronic_address=party.electronic_address, contact=party.contact, phone=party.phone,
        email=party.email,
    )  # fmt: skip


def _client(row: InvoicingSettings | None) -> Known:
    """Name, address and VAT number are those that it was charged under."""
    company = get_tenant()
    if row is not None:
        party = seller_of(row).party
        if party.legal_id or not legal_scheme(row.country):
            return Known(
                vat_id=party.vat_id, legal_id=party.legal_id, ids=party.ids,
                electronic_address=party.electronic_address,
            )  # fmt: skip
    number = company.registration_number
    legal = Identifier(value=number, scheme=legal_scheme(company.country))
    return Known(
        vat_id=company.vat_id, legal_id=legal if number else None,
        electronic_address=seller_of(row).party.electronic_address if row else None,
    )  # fmt: skip


def _payment(record: Mapping[str, Any], seller: Seller | None) -> tuple[PaymentMeans, ...]:
    """What is charged by itself is no transfer."""
    by_transfer = record.get("due_on") and record["totals"]["due"] > 0
    return seller.payment if seller and by_transfer else ()


def _own(seller: Seller | None) -> dict[str, str]:
    if seller is None:
        return {}
    own = {
        mentions.RECOVERY_COSTS: seller.recovery_charge,
        mentions.LATE_PENALTY: seller.late_payment,
        mentions.DISCOUNT: seller.early_payment,
    }
    return {code: text for code, text in own.items() if text}


def gaps_of_provider(row: InvoicingSettings | None) -> list[Gap]:
    """Of what it says of itself, whoever the invoice is for."""
    company = get_tenant()
    record = _sample(company.name, company.country)
    known = _known(seller_of(row).party) if row else Known()
    document = document_of(record, language=company.document_language, seller=known)
    return [one for one in gaps(document) if one.side == SELLER]


def _sample(name: str, country: str) -> dict[str, Any]:
    """An invoice to a company of the same country."""
    money = {"lines": 100, "allowances": 0, "net": 100, "vat": 20, "gross": 120, "prepaid": 0, "due": 120}  # fmt: skip
    vat = {"category": "S", "rate": "20", "taxable": 100, "tax": 20}
    line = {"description": "–", "quantity": "1", "unit_price": "100", "net": 100,
            "category": "S", "rate": "20", "from": None, "to": None}  # fmt: skip
    return {
        "type": "380", "number": "1", "issued_on": "2026-11-01", "due_on": "2026-12-01",
        "currency": "EUR", "period": {}, "seller": {"name": name, "country": country},
        "buyer": {"name": "–", "country": country}, "lines": [line], "allowances": [],
        "vat": [vat], "totals": money, "notes": [],
    }  # fmt: skip
