"""Labels, amounts, days and rates of a printed invoice in its language."""

from datetime import date
from decimal import Decimal

from babel import Locale
from babel.numbers import format_decimal

from app.finance import wording
from app.finance.einvoicing.labels import LABELS, page_language
from app.finance.einvoicing.units import unit_text


class Words:
    def __init__(self, language: str, currency: str) -> None:
        self.language = page_language(language)
        self.currency = currency

    def label(self, key: str) -> str:
        return LABELS[key].in_language(self.language)

    def labels(self) -> dict[str, str]:
        return {key: words.in_language(self.language) for key, words in LABELS.items()}

    def facts(self, *given: tuple[str, str]) -> list[list[str]]:
        """Label and value of what has a value."""
        return [[self.label(key), value] for key, value in given if value]

    def money(self, minor: int, currency: str = "") -> str:
        return wording.money(minor, currency or self.currency, self.language)

    def bare(self, minor: int) -> str:
        """Without the currency, for a column whose head says it."""
        return wording.money(minor, self.currency, self.language, code=False)

    def number(self, value: Decimal, *, least: int = 0, most: int = 6) -> str:
        pattern = "#,##0" + ("." if most else "") + "0" * least + "#" * (most - least)
        return format_decimal(value, format=pattern, locale=self.language).replace("-", "\u2212")

    def rate(self, value: Decimal | None) -> str:
        if value is None:
            return self.label("without_rate")
        number = self.number(value, most=2)
        return f"{number}%" if self.language == "en" else f"{number}\u00a0%"

    def day(self, value: date | None) -> str:
        return "" if value is None else wording.day(value, self.language)

    def period(self, start: date | None, end: date | None) -> str:
        return " – ".join(self.day(one) for one in (start, end) if one)

    def unit(self, code: str) -> str:
        return unit_text(code, self.language)

    def country(self, code: str) -> str:
        return str(Locale.parse(self.language).territories.get(code, code))
