"""What a draft comes to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.finance.einvoicing import totals
from app.finance.einvoicing.document import Allowance, Line, Totals, VatLine
from app.finance.einvoicing.vat import EXEMPTIONS, exemptions_for, usual_exemption
from app.finance.sales_invoices.content import Draft, DraftLine

HUNDRED = Decimal(100)
EXEMPT = ("E", "AE", "K", "G", "O")


def lines_of(
    lines: Sequence[DraftLine], *, currency: str, country: str = "", language: str = "en"
) -> tuple[Line, ...]:
    return tuple(
        _line(number, line, currency, country, language)
        for number, line in enumerate(lines, start=1)
    )


def add_up(
    content: Draft, *, currency: str, rate: Decimal | None = None, prepaid: int = 0,
    country: str = "", language: str = "en",
) -> tuple[tuple[Line, ...], tuple[VatLine, ...], Totals]:  # fmt: skip
    lines = lines_of(content.lines, currency=currency, country=country, language=language)
    vat, found = totals.add_up(
        lines, content.allowances, currency=currency, prepaid=prepaid,
        tax_currency="EUR" if currency != "EUR" else "", exchange_rate=rate,
    )  # fmt: skip
    return lines, vat, found


def sign_of(kind: str) -> int:
    """In lists of amounts that add up, a credit note takes back."""
    return -1 if kind == "381" else 1


def _line(number: int, line: DraftLine, currency: str, country: str, language: str) -> Line:
    gross = totals.line_net(quantity=line.quantity, unit_price=line.unit_price, currency=currency)
    off: tuple[Allowance, ...] = ()
    if line.discount:
        # Of a line that takes back, a discount takes back less.
        off = (
            Allowance(
                amount=abs(totals.share_of(gross, line.discount)), charge=gross < 0,
                base=abs(gross), percent=line.discount,
                # Reasons of charges have another list, in which there is no discount.
                reason_code="" if gross < 0 else totals.DISCOUNT,
            ),
        )  # fmt: skip
    net = totals.line_net(
        quantity=line.quantity, unit_price=line.unit_price, currency=currency, allowances=off
    )
    code, reason = _reason(line, country, language)
    return Line(
        id=str(number), name=line.name, description=line.description, seller_item=line.item,
        quantity=line.quantity, unit=line.unit, unit_price=line.unit_price, net=net,
        category=line.category, rate=_rate(line), allowances=off,
        exemption_code=code, exemption_reason=reason,
    )  # fmt: skip


def _rate(line: DraftLine) -> Decimal | None:
    if line.category == "O":
        return None
    return (line.rate or Decimal(0)) if line.category == "S" else Decimal(0)


def _reason(line: DraftLine, country: str, language: str) -> tuple[str, str]:
    """What the person wrote, or what the seller's law calls it; `exemption_code` is a key of the
    known exemptions or a code of the list VATEX."""
    if line.category not in EXEMPT:
        return "", ""
    known = EXEMPTIONS.get(line.exemption_code)
    if known is None and not (line.exemption_code or line.exemption_reason):
        known = usual_exemption(line.category, seller_country=country)
    if known is None:
        same = exemptions_for(line.category, seller_country=country)
        known = next((one for one in same if one.code == line.exemption_code != ""), None)
        text = known.text(language) if known else ""
        return line.exemption_code, line.exemption_reason or text
    return known.code, line.exemption_reason or known.text(language)
