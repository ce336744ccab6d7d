"""Cells of a sheet as people write them in French, German and English."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.finance.currencies import is_currency
from app.finance.einvoicing.vat import CATEGORY_LABELS, FRENCH_RATES
from app.finance.einvoicing.years import NOT_IN_THEM, YEARS
from app.finance.open_items_values import Ambiguous, parse_amount, parse_currency, parse_date
from app.finance.sales_invoices.content import NATURES
from app.finance.sales_invoices.line_forms import NOT_A_NUMBER, TOO_LARGE, TOO_MANY_DECIMALS
from app.finance.sales_invoices.words import UNITS
from app.spreadsheets.plain_text import clean
from app.spreadsheets.reading import plain
from tenants.core.text import _m

NOT_A_DAY = _m("This is not a date. Write it like 2026-11-30 or 30.11.2026.")
NOT_A_UNIT = _m(
    "This unit isn't known. Write unit, hour, day, month, kg and the like, or its code."
)
NOT_A_CATEGORY = _m(
    "This VAT category isn't known. Write S, E, AE, K, G, O or Z, or nothing where VAT is charged."
)
NOT_A_RATE = _m("A VAT rate lies between 0 and 100 per cent.")
NOT_A_CURRENCY = _m("Write the three letters of the currency, like EUR.")
NOT_A_NATURE = _m("Write services, goods or both.")
NOT_A_LANGUAGE = _m("Write fr, de or en.")
TWO_WAYS = _m("This number can be read in two ways. Write it with two decimals, like 1234.00.")
NO_DISCOUNT = _m("Between 0 and 100 per cent.")
# A workbook keeps a cell that shows 10 % as 0.1.
PART_OR_PERCENT = _m(
    "This can mean %(value)s %% or %(hundredfold)s %%. Write it as text with the percent sign, or per"
    " cents as a plain number, like 10."
)
LONGER = _m("At most %(most)s characters.")

# The code is written too; a language's word and its shortenings.
_UNITS: Mapping[str, str] = {
    "C62": "unit units piece pieces pc pcs unite unites u piece pce stueck stuck stk st ea each",
    "HUR": "hour hours hr hrs h heure heures stunde stunden std",
    "DAY": "day days d jour jours j journee journees tag tage t",
    "MON": "month months mois monat monate",
    "ANN": "year years an ans annee annees jahr jahre",
    "KGM": "kg kilo kilos kilogram kilograms kilogramme kilogrammes kilogramm",
    "TNE": "tonne tonnes tonnen ton tons",
    "LTR": "l litre litres liter litern",
    "MTR": "m metre metres meter",
    "MTK": "m2 qm squaremetre metrecarre metrescarres quadratmeter",
    "MTQ": "m3 cbm cubicmetre metrecube metrescubes kubikmeter",
    "KMT": "km kilometre kilometres kilometer",
    "KWH": "kwh kilowatthour kilowattheure kilowattstunde kilowattstunden",
    "LS": "ls lumpsum forfait forfaits flat pauschal pauschale",
    "XPK": "package packages colis paket pakete packung",
}
_UNIT_OF = {
    **{word: code for code, words in _UNITS.items() for word in words.split()},
    **{code.lower(): code for code in UNITS},
}
_CATEGORIES: Mapping[str, str] = {
    "S": "s standard normal normale regulaer",
    "E": "e exempt exonere exoneree befreit steuerfrei steuerbefreit",
    "AE": "ae reversecharge autoliquidation steuerschuldnerschaft",
    "K": "k intracommunity intracommunautaire innergemeinschaftlich livraisonintracommunautaire"
    " innergemeinschaftlichelieferung",
    "G": "g export exportation ausfuhr ausfuhrlieferung",
    "O": "o outofscope horschamp nichtsteuerbar notsubject",
    "Z": "z zero zerorated tauxzero nullsatz",
}
_CATEGORY_OF = {word: code for code, words in _CATEGORIES.items() for word in words.split()}
_NATURE_OF = {
    **dict.fromkeys(
        ["services", "service", "prestation", "prestations", "s", "leistung", "leistungen",
         "dienstleistung", "dienstleistungen"], "services",
    ),
    **dict.fromkeys(
        ["goods", "biens", "bien", "marchandises", "b", "waren", "ware", "lieferung"], "goods"
    ),
    **dict.fromkeys(["mixed", "both", "mixte", "m", "lesdeux", "beides", "gemischt"], "mixed"),
}  # fmt: skip
_LANGUAGE_OF = {
    **dict.fromkeys(["fr", "french", "francais", "franzosisch"], "fr"),
    **dict.fromkeys(["de", "german", "allemand", "deutsch"], "de"),
    **dict.fromkeys(["en", "english", "anglais", "englisch"], "en"),
}
# Our own files put it before what a spreadsheet would run as a formula.
_GUARDED = re.compile(r"'+\s*[=+\-@\t\r\n]")
LENGTHS = {
    "name": 300, "description": 2000, "item": 100, "exemption": 300, "order": 100,
    "buyer_reference": 100, "contract": 100, "project": 100, "payment_terms": 500, "note": 2000,
    "reference": 100, "customer": 200, "customer_reference": 100, "siren": 40, "siret": 40,
    "vat": 40, "leitweg": 60,
}  # fmt: skip
_LIMITS = {  # decimals, the largest
    "quantity": (4, Decimal(10) ** 9), "unit_price": (6, Decimal(10) ** 10),
    "discount": (2, Decimal(100)), "vat_rate": (2, Decimal(100)), "rate": (6, Decimal(10) ** 6),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotTaken(Exception):
    """`message` is a source text."""

    message: str
    params: Mapping[str, str | int]


def read(field: str, cell: str, mark: str | None) -> Any:
    """The value of a filled cell; NotTaken says in our words what is wrong. `mark` is the decimal
    mark of the sheet's clear numbers."""
    if _GUARDED.match(cell):
        cell = cell[1:]
    if field in _LIMITS:
        return _number(field, cell, mark)
    reader = _READERS.get(field)
    if reader is not None:
        return reader(cell.strip())
    text = clean(cell, 5000)
    if len(text) > LENGTHS[field]:
        raise NotTaken(LONGER, {"most": LENGTHS[field]})
    return text


def number_text(cell: str) -> str:
    """Of a cell whose number may stand before a percent sign."""
    return cell.strip().rstrip("% \u00a0\u202f")


def _number(field: str, cell: str, mark: str | None) -> Decimal:
    places, most = _LIMITS[field]
    try:
        found = parse_amount(number_text(cell), mark)
    except Ambiguous as error:
        raise NotTaken(TWO_WAYS, {}) from error
    except (ArithmeticError, ValueError) as error:
        raise NotTaken(NOT_A_NUMBER, {}) from error
    if field == "vat_rate" and "%" not in cell:
        found = _as_percent(found)
    if field == "discount" and "%" not in cell and 0 < found < 1:
        said = {"value": f"{found.normalize():f}", "hundredfold": f"{(found * 100).normalize():f}"}
        raise NotTaken(PART_OR_PERCENT, said)
    exponent = found.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise NotTaken(TOO_MANY_DECIMALS, {})
    if field in ("vat_rate", "discount") and not 0 <= found <= 100:
        raise NotTaken(NOT_A_RATE if field == "vat_rate" else NO_DISCOUNT, {})
    if abs(found) > most or (field == "rate" and found <= 0):
        raise NotTaken(TOO_LARGE if found > 0 else NOT_A_NUMBER, {})
    return found


def _as_percent(found: Decimal) -> Decimal:
    """A workbook keeps a cell that shows 20 % as 0.2. No rate of VAT lies between 0 and 1 but one
    of Corsica, which isn't a percentage of another one."""
    if 0 < found < 1 and found not in FRENCH_RATES:
        return (found * 100).normalize()
    return found


def _day(cell: str) -> Any:
    try:
        found = parse_date(cell, years=None)
    except ValueError as error:
        raise NotTaken(NOT_A_DAY, {}) from error
    if found.year not in YEARS:
        raise NotTaken(NOT_IN_THEM, {})
    return found


def _one_of(known: Mapping[str, str], problem: str) -> Callable[[str], str]:
    def reader(cell: str) -> str:
        found = known.get(plain(cell))
        if found is None:
            raise NotTaken(problem, {})
        return found

    return reader


def _currency(cell: str) -> str:
    code = parse_currency(cell)
    if not is_currency(code):
        raise NotTaken(NOT_A_CURRENCY, {})
    return code


_READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("issued_on", "due_on", "delivered_on", "period_start", "period_end"), _day),
    "unit": _one_of(_UNIT_OF, NOT_A_UNIT),
    "category": _one_of(_CATEGORY_OF, NOT_A_CATEGORY),
    "nature": _one_of(_NATURE_OF, NOT_A_NATURE),
    "language": _one_of(_LANGUAGE_OF, NOT_A_LANGUAGE),
    "currency": _currency,
}
assert set(_CATEGORIES) == set(CATEGORY_LABELS)
assert set(_NATURE_OF.values()) == set(NATURES)
assert set(_UNITS) == set(UNITS)
