"""All that stands on the printed invoice, in order: the same figures as in the file beside it."""

from typing import Any

from app.documents.language import translator
from app.documents.printing.letterheads import VERIFY
from app.finance import wording
from app.finance.einvoicing.document import (
    CREDIT_NOTE,
    Allowance,
    InvoiceDocument,
    Line,
    PaymentMeans,
    VatLine,
)
from app.finance.einvoicing.epc import epc_code
from app.finance.einvoicing.frames import is_final, is_paid, nature_of
from app.finance.einvoicing.labels import MEANS, NATURES, TAX_GROUP, TITLES
from app.finance.einvoicing.look import Look
from app.finance.einvoicing.mentions import TAX_GROUP as TAX_GROUP_CODE
from app.finance.einvoicing.mentions import TREATMENT
from app.finance.einvoicing.printed_parties import parties
from app.finance.einvoicing.printed_words import Words
from app.finance.einvoicing.totals import signed
from app.finance.einvoicing.vat import STANDARD
from tenants.core.money import exponent

Rows = list[list[str]]


def page_of(document: InvoiceDocument, look: Look) -> dict[str, Any]:
    words = Words(document.language, document.currency)
    return {
        "labels": words.labels(),
        "title": title_of(document),
        "number": document.number,
        "accent": look.safe_colour,
        "logo": {"kind": look.logo_kind, "bytes": list(look.logo) if look.logo_kind else []},
        "footer": list(look.footer),
        **({"fonts": list(look.fonts)} if look.fonts else {}),
        "own": {"subject": "", "body": [], "closing": [], **look.words},
        "verification": _verification(look, words),
        "currency": document.currency,
        "facts": _facts(document, words),
        "parties": parties(document, words),
        "lines": [_line(line, document, words) for line in document.lines],
        "allowances": [_allowance(one, words) for one in document.allowances],
        "vat": [_vat(one, words) for one in document.vat],
        "reasons": _reasons(document),
        "totals": _totals(document, words),
        "due": _due(document, words),
        "payment": _payment(document, words),
        "code": list(epc_code(document)),
        "notes": _notes(document, words),
        "attachments": [
            " – ".join(part for part in (one.id, one.description, one.name, one.url) if part)
            for one in document.attachments
        ],
    }


def _verification(look: Look, words: Words) -> str:
    if not look.code:
        return ""
    said = {"address": look.verify_address, "code": look.code}
    return translator(words.language)(VERIFY) % said


def title_of(document: InvoiceDocument) -> str:
    words = Words(document.language, document.currency)
    key = "final" if is_final(document) and document.type == "380" else document.type
    return TITLES.get(key, TITLES["380"]).in_language(words.language)


def _facts(document: InvoiceDocument, words: Words) -> Rows:
    delivered = document.delivery.on if document.delivery else None
    nature = NATURES.get(nature_of(document.frame))
    period = document.period
    return [
        *words.facts(
            ("number", document.number),
            ("issued", words.day(document.issued_on)),
            ("paid_on" if is_paid(document) else "due", words.day(document.due_on)),
            ("delivered", words.day(delivered)),
            ("tax_point", words.day(document.tax_point_on)),
            ("period", words.period(period.start, period.end) if period else ""),
            ("nature", nature.in_language(words.language) if nature else ""),
            ("order", document.order),
            ("contract", document.contract),
            ("project", document.project),
            ("buyer_reference", document.buyer_reference),
        ),
        *([words.label("preceding"), _preceding(one, words)] for one in document.preceding),
    ]


def _preceding(one: Any, words: Words) -> str:
    if one.issued_on is None:
        return str(one.number)
    return f"{one.number} {words.label('of')} {words.day(one.issued_on)}"


def _line(line: Line, document: InvoiceDocument, words: Words) -> dict[str, Any]:
    price = words.number(line.unit_price, least=exponent(document.currency))
    if line.base_quantity != 1:
        price += f" {words.label('per')} {words.number(line.base_quantity)}"
    references = words.facts(
        ("seller_item", line.seller_item),
        ("buyer_item", line.buyer_item),
        ("order_line", line.order_line),
        ("account", line.account),
        ("period", words.period(line.period.start, line.period.end) if line.period else ""),
        ("preceding", _preceding(line.preceding, words) if line.preceding else ""),
    )
    if line.gtin:
        references.append(["GTIN", line.gtin])
    return {
        "id": line.id,
        "name": line.name,
        "below": [
            *([line.description] if line.description else []),
            *([line.note] if line.note else []),
            *(
                [" · ".join(f"{label} {value}" for label, value in references)]
                if references
                else []
            ),
            *(" ".join(_allowance(one, words)) for one in line.allowances),
        ],
        "quantity": f"{words.number(line.quantity)} {words.unit(line.unit)}",
        "price": price,
        "rate": _rate(line.category, line.rate, words),
        "net": words.bare(line.net),
    }


def _rate(category: str, rate: Any, words: Words) -> str:
    """The category where a bare 0 % would not say why."""
    text = words.rate(rate)
    return text if category == STANDARD else f"{text} ({category})"


def _allowance(one: Allowance, words: Words) -> list[str]:
    label = words.label("charge" if one.charge else "allowance")
    why = f"{label} – {one.reason}" if one.reason and one.reason != label else label
    if one.percent is not None:
        why += f" ({words.rate(one.percent)})"
    rate = f", {words.label('vat')} {_rate(one.category, one.rate, words)}" if one.category else ""
    return [why + rate, words.money(signed(one))]


def _vat(one: VatLine, words: Words) -> list[str]:
    return [
        _rate(one.category, one.rate, words),
        words.bare(one.taxable),
        words.bare(one.tax),
    ]


def _reasons(document: InvoiceDocument) -> list[str]:
    """Why a category is free; compulsory on the page as well."""
    return list(
        dict.fromkeys(
            f"{one.category} – {one.exemption_reason or one.exemption_code}"
            for one in document.vat
            if one.exemption_reason or one.exemption_code
        )
    )


def _totals(document: InvoiceDocument, words: Words) -> Rows:
    totals = document.totals
    rows = []
    if totals.allowances or totals.charges:
        rows.append([words.label("sum_lines"), words.money(totals.lines)])
    if totals.allowances:
        rows.append([words.label("allowances"), words.money(-totals.allowances)])
    if totals.charges:
        rows.append([words.label("charges"), words.money(totals.charges)])
    rows += [
        [words.label("total_net"), words.money(totals.net)],
        [words.label("total_tax"), words.money(totals.tax)],
        [words.label("total_gross"), words.money(totals.gross)],
    ]
    if totals.prepaid:
        label = "deposits" if is_final(document) else "prepaid"
        rows.append([words.label(label), words.money(-totals.prepaid)])
    if totals.rounding:
        rows.append([words.label("rounding"), words.money(totals.rounding)])
    return rows


def _due(document: InvoiceDocument, words: Words) -> dict[str, Any]:
    label = "credit_due" if document.type == CREDIT_NOTE else "amount_due"
    accounting = document.totals.tax_accounting
    aside: Rows = []
    if accounting is not None:
        currency = document.tax_currency
        aside.append([words.label("tax_accounting") % currency, words.money(accounting, currency)])
        if document.exchange_rate is not None:
            rate = f"1 {document.currency} = {words.number(document.exchange_rate)} {currency}"
            aside.append([words.label("exchange_rate"), rate])
    return {
        "label": words.label(label),
        "amount": words.money(document.totals.due),
        "aside": aside,
    }


def _payment(document: InvoiceDocument, words: Words) -> Rows:
    terms = words.facts(("terms", document.payment_terms))
    if document.type == CREDIT_NOTE:
        # Whoever reads where to pay might do it.
        return terms
    found: Rows = []
    for means in document.payment:
        found += _means(means, words)
    return [*found, *words.facts(("remittance", document.remittance)), *terms]


def _means(means: PaymentMeans, words: Words) -> Rows:
    name = MEANS.get(means.code)
    given = words.facts(
        ("means", name.in_language(words.language) if name else means.code),
        ("account_name", means.account_name),
    )
    if means.iban:
        given.append(["IBAN", wording.iban(means.iban)])
    if means.bic:
        given.append(["BIC", means.bic])
    return [
        *given,
        *words.facts(
            ("mandate", means.mandate),
            ("creditor_id", means.creditor_id),
            ("debited", wording.iban(means.debited_iban)),
        ),
    ]


def _notes(document: InvoiceDocument, words: Words) -> list[str]:
    """How the tax office is told is between machines; being in a tax group is for people too."""
    return [
        TAX_GROUP.in_language(words.language) if note.code == TAX_GROUP_CODE else note.text
        for note in document.notes
        if note.code != TREATMENT
    ]
