"""Shapes that every part of the JSON API speaks in."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields, validate

from tenants.core.money import Money, exponent
from tenants.core.text import _m

LARGEST_PAGE = 100


def said(text: str, **more: Any) -> dict[str, Any]:
    """A field's metadata for the document."""
    return {"description": text, **more}


def moment_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Moment(fields.Field[datetime]):
    """An RFC 3339 time: written in UTC, read with any offset."""

    default_error_messages = {  # noqa: RUF012  marshmallow declares it so
        "invalid": _m("Write a time like 2026-10-31T08:00:00Z."),
    }

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else moment_text(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        # A plus sign in an address that nobody escaped arrives as a blank.
        written = str(value).replace(" ", "+") if isinstance(value, str) else ""
        if not re.fullmatch(
            r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", written, re.ASCII
        ):
            raise self.make_error("invalid")
        try:
            return datetime.fromisoformat(written.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.make_error("invalid") from error


class WholeNumber(fields.Integer):
    """Of an address: digits only."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if not re.fullmatch(r"-?\d{1,9}", str(value), re.ASCII):
            raise self.make_error("invalid")
        return int(value)


class Amount(Schema):
    amount = fields.String(
        required=True,
        metadata={"description": "A decimal with the currency's places.", "example": "1234.50"},
    )
    currency = fields.String(required=True, metadata={"description": "ISO 4217.", "example": "EUR"})


def amount_of(minor: int | None, currency: str) -> dict[str, str] | None:
    if minor is None:
        return None
    places = exponent(currency)
    return {"amount": f"{Money(minor, currency).amount:.{places}f}", "currency": currency}


class PageQuery(Schema):
    cursor = fields.String(
        validate=validate.Length(min=1, max=400),
        metadata={"description": "From the `next` link of the page before; made by us only."},
    )
    limit = WholeNumber(
        load_default=50,
        validate=validate.Range(min=1, max=LARGEST_PAGE),
        metadata={"description": "How many items a page has."},
    )
