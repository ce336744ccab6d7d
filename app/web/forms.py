"""One marshmallow schema serves the JSON API and, bound here, the HTML form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing, validate
from werkzeug.datastructures import MultiDict

from app.web import messages
from app.web.fields import MoneyField, plain_number
from app.web.i18n import language, text, zone
from tenants.core.errors import CoulisseError

Choices = Sequence[tuple[str, str]]

messages.install()

_INPUTS: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (MoneyField, "money"),
    (fields.Email, "email"),
    (fields.Url, "url"),
    (fields.Boolean, "checkbox"),
    (fields.DateTime, "datetime-local"),
    (fields.Date, "date"),
    (fields.Time, "time"),
    (fields.Integer, "number"),
    (fields.Number, "decimal"),
)


@dataclass
class BoundField:
    """What a macro needs to draw one control; `label` and `help` are already translated."""

    name: str
    id: str
    label: str
    help: str
    input: str
    required: bool
    value: Any
    choices: Choices = ()
    multiple: bool = False
    attrs: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def invalid(self) -> bool:
        return bool(self.errors)

    @property
    def described_by(self) -> str | None:
        parts = [f"{self.id}-help"] if self.help else []
        parts += [f"{self.id}-error"] if self.errors else []
        return " ".join(parts) or None

    def chosen(self, key: str) -> bool:
        if isinstance(self.value, list | tuple | set):
            return key in {str(one) for one in self.value}
        return key == ("" if self.value is None else str(self.value))


class BoundForm:
    """`BoundForm(schema, request.form, request.files)` on a POST, `values=` for a first display.

    A schema field says how it is shown in its metadata: label, help, input, choices, placeholder,
    autocomplete, rows, suffix, accept. `choices=` gives the ones only the view knows.
    """

    def __init__(
        self,
        schema: Schema | type[Schema],
        form: MultiDict[str, str] | None = None,
        files: MultiDict[str, Any] | None = None,
        *,
        values: Mapping[str, Any] | None = None,
        choices: Mapping[str, Choices] | None = None,
        prefix: str = "f",
    ) -> None:
        self.schema = schema() if isinstance(schema, type) else schema
        self.submitted = form is not None
        self.data: dict[str, Any] = {}
        self.form_errors: list[str] = []
        self._form, self._files, self._values = form, files, values or {}
        self._fields = {
            bound.name: bound
            for attr, declared in self.schema.load_fields.items()
            for bound in [self._bind(attr, declared, choices or {}, prefix)]
        }

    def load(self) -> bool:
        """True when the data is sound: it is then in `data`; else every field has its errors."""
        if not self.submitted:
            return False
        try:
            self.data = self.schema.load(self._raw(), unknown=EXCLUDE)
        except ValidationError as error:
            found = error.messages_dict
            self.add_errors({name: messages.flat(texts) for name, texts in found.items()})
            return False
        return True

    def typed(self) -> dict[str, Any]:
        """What was sent, field by field, in the spelling that the schema reads."""
        return self._raw()

    def refuse(self, error: CoulisseError) -> None:
        """Show a domain error of the service inside the form instead of on an error page."""
        self.add_errors(error.field_errors)
        if not error.field_errors:
            self.form_errors.append(text(error.message, error.params))
        self._status = error.status

    def add_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        for name, texts in errors.items():
            bound = self._fields.get(name)
            target = bound.errors if bound and bound.input != "hidden" else self.form_errors
            target.extend(text(one) for one in texts)

    @property
    def status(self) -> int:
        if not self.invalid:
            return 200
        return getattr(self, "_status", 422)

    @property
    def invalid(self) -> bool:
        return bool(self.form_errors) or any(bound.errors for bound in self)

    @property
    def multipart(self) -> bool:
        return any(bound.input == "file" for bound in self)

    def __getitem__(self, name: str) -> BoundField:
        return self._fields[name]

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[BoundField]:
        return iter(self._fields.values())

    def _bind(
        self, attr: str, declared: fields.Field[Any], choices: Mapping[str, Choices], prefix: str
    ) -> BoundField:
        name = declared.data_key or attr
        meta = declared.metadata
        offered = choices.get(name) or meta.get("choices") or _choices(declared)
        kind = meta.get("input") or ("select" if offered else _input(declared))
        return BoundField(
            name=name,
            id=f"{prefix}-{name}",
            label=text(meta.get("label") or name.replace("_", " ").capitalize()),
            help=text(meta.get("help") or ""),
            input=kind,
            required=declared.required,
            value=self._shown(name, attr, declared, kind),
            choices=[(str(key), text(str(label))) for key, label in offered],
            multiple=isinstance(declared, fields.List),
            attrs=_attrs(declared, kind),
        )

    def _shown(self, name: str, attr: str, declared: fields.Field[Any], kind: str) -> Any:
        """A refused form shows what was typed, a first display what is stored."""
        if kind in {"password", "file"}:
            return None
        if self._form is not None:
            return _typed(self._form, name, declared)
        value = self._values.get(attr, self._values.get(name))
        if value is None and declared.load_default is not missing:
            default = declared.load_default
            value = default() if callable(default) else default
        return _text(value, declared)

    def _raw(self) -> dict[str, Any]:
        raw: dict[str, Any] = {}
        for attr, declared in self.schema.load_fields.items():
            bound = self._fields[declared.data_key or attr]
            if bound.input == "file":
                sent = [one for one in (self._files or MultiDict()).getlist(bound.name) if one]
                value: Any = sent if bound.multiple else (sent[0] if sent else None)
            else:
                value = _typed(self._form or MultiDict(), bound.name, declared)
            if isinstance(value, str):
                value = _readable(value, declared)
            if value not in (None, ""):
                raw[bound.name] = value
            elif declared.allow_none:
                raw[bound.name] = None
        return raw


def _input(declared: fields.Field[Any]) -> str:
    return next((kind for cls, kind in _INPUTS if isinstance(declared, cls)), "text")


def _choices(declared: fields.Field[Any]) -> Choices:
    inner = declared.inner if isinstance(declared, fields.List) else declared
    for rule in [*declared.validators, *inner.validators]:
        if isinstance(rule, validate.OneOf):
            labels = list(rule.labels) or [str(one) for one in rule.choices]
            return list(zip((str(one) for one in rule.choices), labels, strict=False))
    if isinstance(inner, fields.Enum):
        return [(member.name, str(member.value)) for member in inner.enum]
    return ()


def _attrs(declared: fields.Field[Any], kind: str) -> dict[str, Any]:
    meta = declared.metadata
    attrs = {
        name: meta[name]
        for name in ("autocomplete", "rows", "accept", "suffix", "min", "max", "step", "autofocus")
        if name in meta
    }
    if meta.get("placeholder"):
        attrs["placeholder"] = text(meta["placeholder"])
    for rule in declared.validators:
        if isinstance(rule, validate.Length) and kind in {"text", "textarea", "email", "url"}:
            attrs.setdefault("maxlength", rule.equal or rule.max)
        elif isinstance(rule, validate.Range) and kind == "number":
            attrs.setdefault("min", rule.min)
            attrs.setdefault("max", rule.max)
    if isinstance(declared, MoneyField) and declared.currency:
        attrs.setdefault("suffix", declared.currency)
    return attrs


def _typed(form: MultiDict[str, str], name: str, declared: fields.Field[Any]) -> Any:
    """No keyboard types a NUL, and the database holds none: it goes."""
    if isinstance(declared, fields.List):
        return [one.replace("\0", "") for one in form.getlist(name) if one]
    if isinstance(declared, fields.Boolean):
        return name in form and form[name] not in {"", "0", "false", "off"}
    typed = form.get(name)
    return typed.replace("\0", "") if typed else typed


def _readable(value: str, declared: fields.Field[Any]) -> str:
    """People write decimals with a comma, and the browser sends local times without a zone."""
    with suppress(ValueError):
        if isinstance(declared, fields.Decimal | fields.Float):
            return plain_number(value, places=3)
        if isinstance(declared, fields.AwareDateTime) and value:
            moment = datetime.fromisoformat(value)
            return (
                moment.isoformat() if moment.tzinfo else moment.replace(tzinfo=zone()).isoformat()
            )
    return value


def _text(value: Any, declared: fields.Field[Any]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(declared, MoneyField) and not isinstance(value, str):
        shown = declared.show(value)
        return shown if language() == "en" else shown.replace(".", ",")
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return f"{value.astimezone(zone()) if value.tzinfo else value:%Y-%m-%dT%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set):
        return [str(one) for one in value]
    return str(value)
