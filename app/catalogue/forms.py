"""The form of an item: from its fields to a marshmallow schema, which serves page and API alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from stdnum import iban
from stdnum.eu import vat

from app.catalogue.parts import FormField
from app.web.fields import MoneyField, TrimmedString
from tenants.core.text import _m

SHORT, LONG = 200, 10_000
MOST_NUMBER = 1_000_000_000
_MONTH = r"20[0-9]{2}-(0[1-9]|1[0-2])"
_PHONE = r"\+?[0-9][0-9 ()/.\-]{4,24}"

Made = fields.Field[Any]


def form_of(name: str, declared: Sequence[FormField]) -> type[Schema]:
    return Schema.from_dict({one.name: field_of(one) for one in declared}, name=f"{name}_fields")


def field_of(one: FormField) -> Made:
    metadata: dict[str, Any] = {"label": one.label}
    if one.help:
        metadata["help"] = one.help
    if one.placeholder:
        metadata["placeholder"] = one.placeholder
    return _MAKERS[one.kind](one, metadata)


def _text(one: FormField, metadata: dict[str, Any]) -> Made:
    return _string(one, metadata, validate.Length(max=one.most or SHORT))


def _long_text(one: FormField, metadata: dict[str, Any]) -> Made:
    metadata |= {"input": "textarea", "rows": 5 if one.required else 3}
    return _string(one, metadata, validate.Length(max=one.most or LONG))


def _month(one: FormField, metadata: dict[str, Any]) -> Made:
    rule = validate.Regexp(
        _pattern(_MONTH, one), error=_m("Write the month as year-month, like 2026-10.")
    )
    return _string(one, {"placeholder": "2026-10", **metadata}, rule)


def _email(one: FormField, metadata: dict[str, Any]) -> Made:
    rule = validate.Email() if one.required else _unless_empty(validate.Email())
    return _string(one, {"input": "email", **metadata}, rule)


def _phone(one: FormField, metadata: dict[str, Any]) -> Made:
    rule = validate.Regexp(
        _pattern(_PHONE, one), error=_m("Write a phone number, like +33 1 23 45 67 89.")
    )
    return _string(one, {"input": "tel", **metadata}, rule)


def _iban(one: FormField, metadata: dict[str, Any]) -> Made:
    return _string(one, metadata, _unless_empty(_check(
        iban.is_valid, _m("This is not an IBAN: its check digits don't fit. Copy it again."))))  # fmt: skip


def _vat_id(one: FormField, metadata: dict[str, Any]) -> Made:
    return _string(one, metadata, _unless_empty(_check(
        vat.is_valid, _m("This is not a VAT number of the EU. Write it with its country, like "
                         "FR40303265045."))))  # fmt: skip


def _choice(one: FormField, metadata: dict[str, Any]) -> Made:
    values = [value for value, _ in one.choices]
    labels: list[str] = [label for _, label in one.choices]
    if not one.required:
        values, labels = ["", *values], [_m("Not given"), *labels]
    return _string(one, metadata | {"input": "select"}, validate.OneOf(values, labels))


def _date(one: FormField, metadata: dict[str, Any]) -> Made:
    return fields.Date(metadata=metadata, **_empty(one))


def _number(one: FormField, metadata: dict[str, Any]) -> Made:
    least = one.least or 0
    rule = validate.Range(min=least, max=MOST_NUMBER if one.most is None else one.most)
    return fields.Integer(strict=False, validate=rule, metadata=metadata, **_empty(one))


def _money(one: FormField, metadata: dict[str, Any]) -> Made:
    return MoneyField(currency=one.currency, metadata=metadata, **_empty(one))


def _yes_no(one: FormField, metadata: dict[str, Any]) -> Made:
    return fields.Boolean(load_default=False, metadata=metadata)


_MAKERS: Mapping[str, Callable[[FormField, dict[str, Any]], Made]] = {
    "text": _text, "long_text": _long_text, "date": _date, "month": _month, "number": _number,
    "money": _money, "choice": _choice, "yes_no": _yes_no, "email": _email, "phone": _phone,
    "iban": _iban, "vat_id": _vat_id,
}  # fmt: skip


def _string(one: FormField, metadata: dict[str, Any], rule: Callable[[Any], Any]) -> Made:
    if one.required:
        return TrimmedString(required=True, validate=rule, metadata=metadata)
    return TrimmedString(load_default="", validate=rule, metadata=metadata)


def _pattern(content: str, one: FormField) -> str:
    return f"^({content})$" if one.required else f"^({content})?$"


def _empty(one: FormField) -> dict[str, Any]:
    return {"required": True} if one.required else {"load_default": None, "allow_none": True}


def _unless_empty(rule: Callable[[str], Any]) -> Callable[[str], Any]:
    def check(value: str) -> None:
        if value:
            rule(value)

    return check


def _check(is_valid: Callable[[str], bool], message: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not is_valid(value):
            raise ValidationError(message)

    return check
