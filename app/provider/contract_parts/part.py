"""One part of a contract as a flat form: from the stored document and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields

Document = Mapping[str, Any]
SEEN = {"revision": fields.Integer(load_default=None, allow_none=True,
                                   metadata={"input": "hidden"})}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """`show` gives the form's values, `read` the document's parts out of loaded data and what the
    document says so far."""

    name: str
    title: str
    icon: str
    intro: str
    form: Callable[[], type[Schema]]
    show: Callable[[Document], Mapping[str, Any]]
    read: Callable[[Mapping[str, Any], Document], Mapping[str, Any]]
