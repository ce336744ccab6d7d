"""What marshmallow says, in words for people; `install()` makes it say so everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.web.i18n import text
from tenants.core.text import _m

WORDS = {
    "Missing data for required field.": _m("Please fill in this field."),
    "Field may not be null.": _m("Please fill in this field."),
    "Invalid value.": _m("This value is not valid."),
    "Invalid type.": _m("This value is not valid."),
    "Invalid input type.": _m("The data does not have the expected form."),
    "Invalid input.": _m("This value is not valid."),
    "Unknown field.": _m("This field does not exist."),
    "Not a valid string.": _m("This is not a text."),
    "Not a valid number.": _m("This is not a number."),
    "Not a valid integer.": _m("This is not a whole number."),
    "Number too large.": _m("This number is too large."),
    "Special numeric values (nan or infinity) are not permitted.": _m("This is not a number."),
    "Not a valid boolean.": _m("Answer yes or no."),
    "Not a valid date.": _m("This date does not exist."),
    "Not a valid {obj_type}.": _m("This date or time is not valid."),
    "Not a valid {awareness} {obj_type}.": _m("This date or time is not valid."),
    "Not a valid period of time.": _m("This duration is not valid."),
    "{input!r} cannot be formatted as a {obj_type}.": _m("This value is not valid."),
    "Not a valid mapping type.": _m("The data does not have the expected form."),
    "Not a valid list.": _m("This is not a list."),
    "Not a valid tuple.": _m("This is not a list."),
    "Not a valid UUID.": _m("This identifier is not valid."),
    "Not a valid email address.": _m("This e-mail address is not valid."),
    "Not a valid URL.": _m("This web address is not valid."),
    "Must be one of: {choices}.": _m("Choose one of the values offered."),
    "One or more of the choices you made was not in: {choices}.": _m(
        "Choose among the values offered."
    ),
    "One or more of the choices you made was in: {values}.": _m("This value is not allowed."),
    "Must be equal to {other}.": _m("Must be equal to {other}."),
    "String does not match expected pattern.": _m("This is not written in the expected form."),
    "Shorter than minimum length {min}.": _m("Write at least {min} characters."),
    "Longer than maximum length {max}.": _m("Write at most {max} characters."),
    "Length must be between {min} and {max}.": _m("Write between {min} and {max} characters."),
    "Length must be {equal}.": _m("Write exactly {equal} characters."),
}


class _Spoken(str):
    """An English source text that translates itself at the moment it is filled in."""

    __slots__ = ()

    def format(self, *args: object, **kwargs: object) -> str:
        return say(str(self)).format(*args, **kwargs)


def say(message: str) -> str:
    return text(WORDS.get(message, message))


def flat(found: Any) -> list[str]:
    """marshmallow nests the messages of lists and nested schemas; people read lines."""
    if isinstance(found, Mapping):
        return [line for one in found.values() for line in flat(one)]
    if isinstance(found, list | tuple):
        return [line for one in found for line in flat(one)]
    return [say(str(found))]


def by_field(error: ValidationError) -> dict[str, list[str]]:
    """`lines.0.amount`-style names, for machines."""
    return _named(error.messages, "")


def by_field_of(schema: type[Schema], data: Any) -> dict[str, list[str]]:
    return _named(found, "") if (found := schema().validate(data)) else {}


def _named(found: Any, prefix: str) -> dict[str, list[str]]:
    if not isinstance(found, Mapping):
        return {prefix or "_schema": flat(found)}
    named: dict[str, list[str]] = {}
    for name, inner in found.items():
        named |= _named(inner, f"{prefix}.{name}" if prefix else str(name))
    return named


def _make_error(self: fields.Field[Any], key: str, **kwargs: Any) -> ValidationError:
    message = self.error_messages[key]
    if not isinstance(message, str):
        return ValidationError(message)
    return ValidationError(say(message).format(**kwargs))


def _range_error(self: validate.Range, value: Any, message: str) -> str:
    """marshmallow fills its range texts in when a schema is imported, in no language at all."""
    if self.error:
        chosen = self.error
    elif self.min is not None and self.max is not None:
        chosen = _m("Choose a value between {min} and {max}.")
    elif self.min is not None:
        chosen = _m("At least {min}.") if self.min_inclusive else _m("More than {min}.")
    else:
        chosen = _m("At most {max}.") if self.max_inclusive else _m("Less than {max}.")
    return say(chosen).format(input=value, min=self.min, max=self.max)


def _spoken(original: Callable[..., str]) -> Callable[..., str]:
    def format_error(self: Any, *args: Any) -> str:
        if isinstance(self.error, str):
            self.error = _Spoken(self.error)
        return original(self, *args)

    return format_error


def install() -> None:
    """Fields and validators; the `error=` texts of a schema go through too."""
    fields.Field.make_error = _make_error  # type: ignore[method-assign]
    validate.Range._format_error = _range_error  # type: ignore[method-assign]
    for name in [name for name in vars(validate.Length) if name.startswith("message_")]:
        setattr(validate.Length, name, _Spoken(getattr(validate.Length, name)))
    for kind in list(vars(validate).values()):
        if isinstance(kind, type) and "_format_error" in vars(kind) and kind is not validate.Range:
            setattr(kind, "_format_error", _spoken(vars(kind)["_format_error"]))  # noqa: B010
