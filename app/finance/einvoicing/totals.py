"""How an invoice adds up, and where it rounds: each line once and each VAT amount once, half up and
away from zero, to the minor units of its currency. VAT is taken on the sum of a category and rate, as
EN 16931 has it (BR-CO-10 to BR-CO-17), so it may differ by a cent from the sum of VAT by line."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext

from app.finance.einvoicing.document import Allowance, InvoiceDocument, Line, Totals, VatLine
from app.finance.einvoicing.vat import ORDER
from tenants.core.money import exponent

# UNTDID 5189: why less is asked for.
DISCOUNT = "95"
Place = tuple[str, Decimal | None]
# Quantities and prices of 28 digits each still multiply without a lost digit.
_DIGITS = 60
_HUNDRED = Decimal(100)


def half_up(value: Decimal) -> int:
    with localcontext(prec=_DIGITS):
        return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def line_net(
    *,
    quantity: Decimal,
    unit_price: Decimal,
    currency: str,
    base_quantity: Decimal = Decimal(1),
    allowances: Iterable[Allowance] = (),
) -> int:
    """BT-131: quantity by price, less allowances, plus charges, rounded once."""
    with localcontext(prec=_DIGITS):
        exact = (quantity * unit_price / base_quantity).scaleb(exponent(currency))
        return half_up(exact + sum(signed(one) for one in allowances))


def signed(one: Allowance) -> int:
    return one.amount if one.charge else -one.amount


def share_of(base: int, percent: Decimal) -> int:
    """The amount of an allowance or a VAT of so many percent."""
    with localcontext(prec=_DIGITS):
        return half_up(Decimal(base) * percent / _HUNDRED)


def add_up(
    lines: Sequence[Line],
    allowances: Sequence[Allowance] = (),
    *,
    currency: str,
    prepaid: int = 0,
    rounding: int = 0,
    tax_currency: str = "",
    exchange_rate: Decimal | None = None,
) -> tuple[tuple[VatLine, ...], Totals]:
    """`prepaid` is what deposits already asked for (BT-113), `rounding` what the parties agreed to
    (BT-114). Reasons of exemption come from the lines."""
    vat = _breakdown(lines, allowances)
    net_of_lines = sum(line.net for line in lines)
    less = sum(one.amount for one in allowances if not one.charge)
    more = sum(one.amount for one in allowances if one.charge)
    net = net_of_lines - less + more
    tax = sum(one.tax for one in vat)
    gross = net + tax
    return vat, Totals(
        lines=net_of_lines, allowances=less, charges=more, net=net, tax=tax, gross=gross,
        prepaid=prepaid, rounding=rounding, due=gross - prepaid + rounding,
        tax_accounting=_in_tax_currency(tax, currency, tax_currency, exchange_rate),
    )  # fmt: skip


def added_up(document: InvoiceDocument) -> InvoiceDocument:
    """The document with its VAT and totals made anew from its lines."""
    vat, totals = add_up(
        document.lines,
        document.allowances,
        currency=document.currency,
        prepaid=document.totals.prepaid,
        rounding=document.totals.rounding,
        tax_currency=document.tax_currency,
        exchange_rate=document.exchange_rate,
    )
    return replace(document, vat=vat, totals=totals)


def _breakdown(lines: Sequence[Line], allowances: Sequence[Allowance]) -> tuple[VatLine, ...]:
    taxable: dict[Place, int] = defaultdict(int)
    reasons: dict[Place, dict[tuple[str, str], None]] = defaultdict(dict)
    for line in lines:
        place = (line.category, line.rate)
        taxable[place] += line.net
        if line.exemption_code or line.exemption_reason:
            reasons[place][line.exemption_code, line.exemption_reason] = None
    for one in allowances:
        taxable[one.category, one.rate] += signed(one)
    return tuple(
        _vat_line(place, taxable[place], list(reasons[place]))
        for place in sorted(taxable, key=_order)
    )


def _vat_line(place: Place, taxable: int, reasons: Sequence[tuple[str, str]]) -> VatLine:
    """One category and rate has one entry, so several reasons share it and then no code fits."""
    category, rate = place
    codes = {code for code, _ in reasons}
    return VatLine(
        category=category,
        rate=rate,
        taxable=taxable,
        tax=share_of(taxable, rate or Decimal(0)),
        exemption_code=codes.pop() if len(codes) == 1 else "",
        exemption_reason="; ".join(dict.fromkeys(text for _, text in reasons if text)),
    )


def _order(place: Place) -> tuple[int, Decimal]:
    category, rate = place
    return ORDER.get(category, len(ORDER)), -(rate or Decimal(0))


def _in_tax_currency(
    tax: int, currency: str, tax_currency: str, rate: Decimal | None
) -> int | None:
    """BT-111."""
    if not tax_currency or tax_currency == currency or rate is None:
        return None
    with localcontext(prec=_DIGITS):
        return half_up(Decimal(tax).scaleb(exponent(tax_currency) - exponent(currency)) * rate)
