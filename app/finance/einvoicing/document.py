"""One invoice in the terms of EN 16931, whoever made it: what files are written from and what a read
file becomes. BT and BG numbers are the standard's. Amounts are minor units of the invoice's currency;
unit prices, quantities and rates are decimals of whole units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

INVOICE, CREDIT_NOTE, CORRECTIVE, DEPOSIT = "380", "381", "384", "386"
TYPES = (INVOICE, CREDIT_NOTE, CORRECTIVE, DEPOSIT)
CATEGORIES = ("S", "E", "AE", "K", "G", "O", "Z")


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """`scheme` is of ISO 6523 (0002 SIREN, 0009 SIRET, 0204 Leitweg-ID …) or, of an electronic
    address, of EAS (0225, 0204, EM …)."""

    value: str
    scheme: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class Party:
    name: str
    trade_name: str = ""
    legal_id: Identifier | None = None
    ids: tuple[Identifier, ...] = ()
    vat_id: str = ""
    tax_id: str = ""
    electronic_address: Identifier | None = None
    address: Address = Address()
    contact: str = ""
    phone: str = ""
    email: str = ""
    # BT-33: legal form, capital, register.
    legal_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """BG-13; BG-15 when the address differs from the buyer's."""

    on: date | None = None
    name: str = ""
    location: Identifier | None = None
    address: Address | None = None


@dataclass(frozen=True, kw_only=True)
class Period:
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, kw_only=True)
class Preceding:
    number: str
    issued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """`code` is of UNTDID 4451 (PMT, PMD, AAB, BAR, REG …) or empty."""

    text: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """BG-20, BG-21 and, on a line, BG-27, BG-28. `amount` is never negative; a charge adds it."""

    amount: int
    charge: bool = False
    reason: str = ""
    reason_code: str = ""
    base: int | None = None
    percent: Decimal | None = None
    category: str = ""
    rate: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """`net` is BT-131; `unit` of UN/ECE Recommendation 20; `rate` is None under category O alone.
    `preceding` is of EXTENDED profiles: what a line of a credit note takes back."""

    id: str
    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: int
    category: str
    rate: Decimal | None
    description: str = ""
    note: str = ""
    seller_item: str = ""
    buyer_item: str = ""
    gtin: str = ""
    order_line: str = ""
    account: str = ""
    base_quantity: Decimal = Decimal(1)
    period: Period | None = None
    preceding: Preceding | None = None
    allowances: tuple[Allowance, ...] = ()
    exemption_code: str = ""
    exemption_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class VatLine:
    """BG-23, one for each category and rate."""

    category: str
    rate: Decimal | None
    taxable: int
    tax: int
    exemption_reason: str = ""
    exemption_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """BG-22: BT-106, 107, 108, 109, 110, 111 (minor units of the tax currency), 112, 113, 114, 115."""

    lines: int
    allowances: int
    charges: int
    net: int
    tax: int
    gross: int
    due: int
    prepaid: int = 0
    rounding: int = 0
    tax_accounting: int | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentMeans:
    """BG-16; `code` of UNTDID 4461: 30 transfer, 58 SEPA transfer, 59 SEPA debit, 48 card, 10 cash."""

    code: str
    iban: str = ""
    bic: str = ""
    account_name: str = ""
    mandate: str = ""
    creditor_id: str = ""
    debited_iban: str = ""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """BG-24."""

    id: str
    description: str = ""
    name: str = ""
    media_type: str = ""
    content: bytes = b""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceDocument:
    """`frame` is BT-23 as France names it (B1, S1, M4 …); `vat_point` is BT-8: "invoice" (VAT on
    debits), "delivery" or "payment"; `language` is that of the printed page. A credit note's `payment`
    is written only where a form can't do without."""

    number: str
    type: str
    issued_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    vat: tuple[VatLine, ...]
    totals: Totals
    language: str = "fr"
    due_on: date | None = None
    tax_currency: str = ""
    # Units of the tax currency for one of the invoice's, on the page only.
    exchange_rate: Decimal | None = None
    frame: str = ""
    vat_point: str = ""
    tax_point_on: date | None = None
    notes: tuple[Note, ...] = ()
    buyer_reference: str = ""
    order: str = ""
    contract: str = ""
    project: str = ""
    delivery: Delivery | None = None
    period: Period | None = None
    preceding: tuple[Preceding, ...] = ()
    payee: Party | None = None
    tax_representative: Party | None = None
    payment: tuple[PaymentMeans, ...] = ()
    payment_terms: str = ""
    remittance: str = ""
    allowances: tuple[Allowance, ...] = ()
    attachments: tuple[Attachment, ...] = ()
