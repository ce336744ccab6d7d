"""What a person writes in a draft. Everything else of an invoice follows from it, the company's
settings and the customer's file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.finance.einvoicing.document import Address, Allowance, Party

# What is invoiced, which France wants to know (the first letter of BT-23).
NATURES = ("services", "goods", "mixed")
# Others begin at the invoice that they correct.
CHOSEN_TYPES = ("380", "386")


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    name: str
    quantity: Decimal = Decimal(1)
    unit: str = "C62"
    unit_price: Decimal = Decimal(0)
    category: str = "S"
    rate: Decimal | None = None
    description: str = ""
    item: str = ""
    # Off the line's price, in per cent.
    discount: Decimal | None = None
    exemption_code: str = ""
    exemption_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`buyer` is of a customer without a file; with one, the file counts as it is at validation.
    `deposits` are the ids of deposit invoices that this one deducts; `delivery_choice` and
    `contact_choice` what was chosen of the file, see choosing."""

    lines: tuple[DraftLine, ...] = ()
    buyer: Party | None = None
    nature: str = "services"
    vat_point: str = ""
    audience: str = ""
    terms_days: int | None = None
    end_of_month: bool = False
    payment_terms: str = ""
    note: str = ""
    buyer_reference: str = ""
    order: str = ""
    contract: str = ""
    project: str = ""
    delivered_on: date | None = None
    delivery_name: str = ""
    delivery_address: Address | None = None
    delivery_choice: str = ""
    contact_choice: str = ""
    contact: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    period_start: date | None = None
    period_end: date | None = None
    allowances: tuple[Allowance, ...] = ()
    deposits: tuple[str, ...] = ()
    reason: str = ""
