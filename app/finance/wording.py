"""Amounts, dates and reasons in the reader's language."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from app.spreadsheets.reasons import Reason
from tenants.core.money import exponent

Translate = Callable[[str], str]

_MINOR = ("amount", "rest", "lacking", "whole", "total")
_DAYS = ("from_day", "to_day")
_LISTS = {"columns_missing": ("columns",)}


def money(minor: int, currency: str, locale: str, *, code: bool = True) -> str:
    places = exponent(currency)
    pattern = "#,##0." + "0" * places if places else "#,##0"
    value = Decimal(minor).scaleb(-places)
    number = format_decimal(value, format=pattern, locale=locale)
    number = number.replace("-", "\u2212") if minor < 0 else number
    return f"{number}\u00a0{currency}" if code else number


def day(value: date | None, locale: str) -> str:
    """Two-digit day and month: columns of dates stay even."""
    if value is None:
        return "–"
    pattern = {"fr": "dd/MM/yyyy", "de": "dd.MM.yyyy"}.get(Locale.parse(locale).language)
    return format_date(value, pattern or "d MMM yyyy", locale=locale)


def long_day(value: date, locale: str) -> str:
    # Plain "en" would be American, month first.
    english = Locale.parse(locale).language == "en"
    return format_date(value, "d MMMM yyyy" if english else "long", locale=locale)


def iban(text: str) -> str:
    if "…" in text:
        return text
    return "\u00a0".join(text[i : i + 4] for i in range(0, len(text), 4))


def percent_text(value: int, locale: str) -> str:
    return f"{value}\u00a0%" if locale[:2] in ("fr", "de") else f"{value}%"


def rate_text(basis_points: int, locale: str) -> str:
    number = format_decimal(Decimal(basis_points) / 100, format="0.##", locale=locale)
    return f"{number}\u00a0%" if locale[:2] in ("fr", "de") else f"{number}%"


def render_reason(reason: Reason, translate: Translate, locale: str) -> str:
    """A parameter `then` is a second sentence with the same parameters."""
    params = _shown(reason, translate, locale)
    messages = [reason.message, str(reason.params.get("then", ""))]
    texts = [translate(message) for message in messages if message]
    return " ".join(text % params if params else text for text in texts)


def _shown(reason: Reason, translate: Translate, locale: str) -> dict[str, str | int]:
    currency = str(reason.params.get("currency", ""))
    params: dict[str, str | int] = {}
    for name, value in reason.params.items():
        if name in _MINOR and isinstance(value, int):
            params[name] = money(value, currency, locale)
        elif name in _DAYS:
            params[name] = day(date.fromisoformat(str(value)) if value else None, locale)
        elif name == "iban":
            params[name] = iban(str(value))
        elif name == "rate" and isinstance(value, int):
            params[name] = rate_text(value, locale)
        elif name in _LISTS.get(reason.code, ()):
            params[name] = ", ".join(translate(part) for part in str(value).split(", "))
        else:
            params[name] = value
    return params
