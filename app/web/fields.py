"""Fields that forms and the JSON API share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import fields

from tenants.core.money import exact_minor, exponent
from tenants.core.text import _m

_SPACES = re.compile(r"[\s\u00a0\u202f'\u2019]")
_PLAIN = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?\Z")


class TrimmedString(fields.String):
    """Outer blanks go; a text of blanks only counts as missing."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        trimmed = super()._deserialize(value, attr, data, **kwargs).strip().replace("\r\n", "\n")
        if trimmed:
            return trimmed
        if self.allow_none:
            return None
        if self.required:
            raise self.make_error("required")
        return trimmed


def plain_number(text: str, places: int) -> str:
    """`1 234,50`, `1.234,50` and `1,234.50` as `1234.50`; ValueError where that is a guess."""
    text = _SPACES.sub("", text).replace("\u2212", "-")
    marks = [char for char in text if char in ".,"]
    if marks:
        last = marks[-1]
        head, _, tail = text.rpartition(last)
        if marks.count(last) > 1 or (len(tail) == 3 and places < 3):
            # A separator that repeats, or is followed by three digits, groups thousands;
            # a single one could also be somebody's decimal sign.
            if len(marks) == 1 or len(set(marks)) > 1:
                raise ValueError(text)
            groups = text.split(last)
            if any(len(group) != 3 for group in groups[1:]):
                raise ValueError(text)
            text = "".join(groups)
        else:
            text = f"{head.replace(',', '').replace('.', '')}.{tail}"
    if not _PLAIN.match(text):
        raise ValueError(text)
    return text


class MoneyField(fields.Field[Any]):
    """A text such as "1 234,50" becomes minor units.

    With `currency` the value is an int; with `currency_field` naming the sibling key that holds
    the currency, it is `(minor, currency)`.
    """

    default_error_messages = {  # noqa: RUF012  marshmallow declares it so
        "invalid": _m("This is not an amount. Write it like 1234.50."),
        "places": _m("This currency has at most {places} decimals."),
        "currency": _m("Choose a currency first."),
        "too_large": _m("This number is too large."),
        "negative": _m("The amount can't be negative."),
    }

    def __init__(
        self,
        *,
        currency: str | None = None,
        currency_field: str | None = None,
        negative: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (currency is None) == (currency_field is None):
            raise TypeError("give currency or currency_field")
        self.currency, self.currency_field, self.negative = currency, currency_field, negative

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int | tuple[int, str]:
        currency = self.currency or str((data or {}).get(self.currency_field or "") or "").upper()
        if not re.fullmatch("[A-Z]{3}", currency):
            raise self.make_error("currency")
        if isinstance(value, bool | float) or not isinstance(value, str | int):
            raise self.make_error("invalid")
        places = exponent(currency)
        try:
            text = plain_number(str(value), places)
        except ValueError as error:
            raise self.make_error("invalid") from error
        try:
            minor = exact_minor(text, currency)
        except ValueError as error:
            raise self.make_error("places", places=places) from error
        if abs(minor) >= 2**63:
            raise self.make_error("too_large")
        if minor < 0 and not self.negative:
            raise self.make_error("negative")
        return minor if self.currency else (minor, currency)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else self.show(value)

    def show(self, value: int | tuple[int, str]) -> str:
        minor, currency = value if isinstance(value, tuple) else (value, self.currency or "EUR")
        return str(Decimal(minor).scaleb(-exponent(currency)))
