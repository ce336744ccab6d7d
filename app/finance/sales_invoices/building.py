"""The invoice that a draft becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.finance.einvoicing import frames, mentions
from app.finance.einvoicing.document import (
    CREDIT_NOTE,
    Delivery,
    InvoiceDocument,
    Note,
    Party,
    Period,
    Preceding,
)
from app.finance.einvoicing.unnumbered import unnumbered
from app.finance.sales_invoices.amounts import add_up
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.seller import Seller
from app.finance.sales_invoices.terms import due_day, in_words


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a draft doesn't hold itself. `preceding` are the invoices that a credit note or a
    corrective one concerns and the deposits that a final one deducts, `prepaid` what those asked."""

    number: str
    type: str
    issued_on: date
    due_on: date | None
    currency: str
    rate: Decimal | None
    language: str
    buyer: Party
    business: bool
    preceding: Sequence[Preceding] = ()
    prepaid: int = 0
    deducts: bool = False


def due_on(content: Draft, seller: Seller, issued_on: date) -> date:
    return due_day(issued_on, _days(content, seller), end_of_month=content.end_of_month)


def _days(content: Draft, seller: Seller) -> int:
    return content.terms_days if content.terms_days is not None else seller.payment_days


def _terms(content: Draft, seller: Seller, facts: Facts) -> str:
    """What the day itself doesn't say, where it follows from the terms and nobody wrote others."""
    if content.payment_terms or not content.end_of_month or facts.type == CREDIT_NOTE:
        return content.payment_terms
    if facts.due_on != due_on(content, seller, facts.issued_on):
        return ""
    return in_words(_days(content, seller), facts.language)


def build(content: Draft, seller: Seller, facts: Facts) -> InvoiceDocument:
    lines, vat, totals = add_up(
        content, currency=facts.currency, rate=facts.rate, prepaid=facts.prepaid,
        country=seller.country, language=facts.language,
    )  # fmt: skip
    document = InvoiceDocument(
        number=facts.number, type=facts.type, issued_on=facts.issued_on, due_on=facts.due_on,
        currency=facts.currency, language=facts.language, seller=seller.party, buyer=facts.buyer,
        lines=lines, vat=vat, totals=totals, allowances=content.allowances,
        tax_currency="EUR" if facts.currency != "EUR" else "", exchange_rate=facts.rate,
        frame=frames.frame(content.nature, after_deposit=facts.deducts),
        vat_point=content.vat_point or ("invoice" if seller.vat_on_debits else ""),
        notes=_notes(content, seller, facts), buyer_reference=content.buyer_reference,
        order=content.order, contract=content.contract, project=content.project,
        delivery=_delivery(content), period=_period(content), preceding=tuple(facts.preceding),
        payment=seller.payment, payment_terms=_terms(content, seller, facts),
        remittance=facts.number if facts.type != CREDIT_NOTE else "",
    )  # fmt: skip
    return unnumbered(document)


def _delivery(content: Draft) -> Delivery | None:
    if content.delivered_on is None and content.delivery_address is None:
        return None
    return Delivery(
        on=content.delivered_on, name=content.delivery_name, address=content.delivery_address
    )


def _period(content: Draft) -> Period | None:
    if content.period_start is None and content.period_end is None:
        return None
    return Period(start=content.period_start, end=content.period_end)


def _notes(content: Draft, seller: Seller, facts: Facts) -> tuple[Note, ...]:
    """The law's mentions, in the company's own words where it has some, and the writer's own."""
    own = {
        mentions.RECOVERY_COSTS: seller.recovery_charge,
        mentions.LATE_PENALTY: seller.late_payment,
        mentions.DISCOUNT: seller.early_payment,
    }
    on_debits = (content.vat_point or ("invoice" if seller.vat_on_debits else "")) == "invoice"
    found = mentions.notes_for(
        seller_country=seller.country, on=facts.issued_on, language=facts.language,
        treatment=_treatment(content, facts),
        cases=(mentions.DEBITS,) if on_debits else (),
        own={code: text for code, text in own.items() if text},
    )  # fmt: skip
    return (*found, *(Note(text=one) for one in (content.reason, content.note) if one))


def _treatment(content: Draft, facts: Facts) -> str:
    if content.audience:
        return content.audience
    return mentions.treatment_of(buyer=facts.buyer.address, buyer_is_company=facts.business)
