"""JSON Schema of marshmallow schemas, by apispec, told what apispec doesn't know of our fields."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from app.web.fields import TrimmedString
from tenants.core.schema import Moment, WholeNumber

OPENAPI = "3.1.0"
# Neither NUL nor blanks alone; neither NUL.
_WORDS = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
_TEXT = r"^[^\u0000]*$"


def new_spec(title: str = "", version: str = "", **more: Any) -> tuple[APISpec, Any]:
    """An empty document, and apispec's converter, which is without types."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(title, version, OPENAPI, plugins=[plugin], **more)
    converter: Any = plugin.converter
    converter.field_mapping[Moment] = ("string", "date-time")
    converter.field_mapping[WholeNumber] = ("integer", None)
    converter.add_attribute_function(_writable)
    converter.add_attribute_function(_named)
    return spec, converter


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__)


def _writable(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """What the database can't hold is refused; say so."""
    if not isinstance(field, fields.String) or isinstance(field, fields.UUID):
        return {}
    if any(hasattr(rule, "regex") or hasattr(rule, "choices") for rule in field.validators):
        return {}
    needs_words = isinstance(field, TrimmedString) and field.required
    return {"pattern": _WORDS if needs_words else _TEXT}


def _named(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """A form's label tells people what a field is; programs read it as the description."""
    label, given = field.metadata.get("label"), field.metadata.get("description")
    return {"description": str(label)} if label and not given else {}


def schema_of(schema: type[Schema]) -> dict[str, Any]:
    """Complete in itself, for use outside the API's own document."""
    _spec, converter = new_spec()
    found: dict[str, Any] = converter.schema2jsonschema(schema())
    return found | {"additionalProperties": False}
