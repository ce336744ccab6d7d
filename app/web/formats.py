"""Texts of dates, amounts and durations; a queue formats hundreds of them per page."""

from __future__ import annotations

from copy import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, numbers

from tenants.core.money import exponent

NBSP, MINUS = "\u00a0", "\u2212"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {"fr": ("o", "ko", "Mo", "Go"), "de": ("B", "kB", "MB", "GB")}


def date_text(value: date, language: str) -> str:
    if language == "fr":
        return f"{value.day:02}/{value.month:02}/{value.year}"
    if language == "de":
        return f"{value.day:02}.{value.month:02}.{value.year}"
    return f"{value.day}{NBSP}{_MONTHS[value.month - 1]}{NBSP}{value.year}"


def datetime_text(value: datetime, language: str) -> str:
    comma = "," if language != "fr" else ""
    return f"{date_text(value, language)}{comma} {value.hour:02}:{value.minute:02}"


def time_left(minutes: int) -> str:
    """Working time, so hours are never turned into days."""
    hours, rest = divmod(abs(minutes), 60)
    if not hours:
        text = f"{rest}{NBSP}min"
    elif not rest:
        text = f"{hours}{NBSP}h"
    else:
        text = f"{hours}{NBSP}h{NBSP}{rest:02}"
    return f"{MINUS}{NBSP}{text}" if minutes < 0 else text


@lru_cache(maxsize=8192)
def money_text(minor: int, currency: str, language: str) -> str:
    places = exponent(currency)
    pattern = _money_pattern(places, language)
    text = pattern.apply(Decimal(minor).scaleb(-places), language, currency, currency_digits=False)
    return str(text).replace("-", MINUS)


@lru_cache(maxsize=64)
def _money_pattern(places: int, language: str) -> numbers.NumberPattern:
    """The language's, with the decimals that we count in: its own leave out those of some
    currencies, as of the dinar's."""
    pattern: numbers.NumberPattern = copy(Locale.parse(language).currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


@lru_cache(maxsize=1024)
def unit_price_text(minor: float | Decimal, currency: str, language: str) -> str:
    """A price that may have fractions of a cent: 32.5 minor units are 0,325 €."""
    amount = Decimal(str(minor)).scaleb(-exponent(currency))
    return str(
        numbers.format_currency(amount, currency, locale=language, decimal_quantization=False)
    ).replace("-", MINUS)


@lru_cache(maxsize=8192)
def number_text(value: float | Decimal, language: str) -> str:
    return str(numbers.format_decimal(value, locale=language)).replace("-", MINUS)


@lru_cache(maxsize=1024)
def percent_text(value: float | Decimal, language: str) -> str:
    """0.525 is shown as 52.5 %."""
    shown = number_text(round(Decimal(str(value)) * 100, 1).normalize(), language)
    return f"{shown}%" if language == "en" else f"{shown}{NBSP}%"


def size_text(size: int, language: str) -> str:
    units = _UNITS.get(language, ("B", "kB", "MB", "GB"))
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(units) - 1:
        amount, unit = amount / 1000, unit + 1
    rounded = round(amount, 1) if unit and amount < 10 else round(amount)
    return f"{number_text(rounded, language)}{NBSP}{units[unit]}"
