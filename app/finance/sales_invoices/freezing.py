"""Dataclasses as JSON and back: a draft's content, and the invoice that was validated."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")


def as_json(value: Any) -> Any:
    """What equals its default is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: as_json(getattr(value, one.name))
            for one in fields(value)
            if one.default != getattr(value, one.name)
        }
    if isinstance(value, tuple | list):
        return [as_json(one) for one in value]
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        raise TypeError("bytes are kept as files")
    return value


def from_json(kind: type[T], data: dict[str, Any]) -> T:
    hints = _hints(kind)  # type: ignore[arg-type]
    return kind(**{name: _read(hints[name], one) for name, one in data.items() if name in hints})


def digest(data: Any) -> str:
    """Of the canonical form: keys in order, no blanks."""
    written = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(written.encode()).hexdigest()


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read(next(one for one in get_args(kind) if one is not type(None)), value)
    if origin is tuple:
        inner = get_args(kind)[0]
        return tuple(_read(inner, one) for one in value)
    if is_dataclass(kind):
        return from_json(kind, value)  # type: ignore[arg-type]
    if kind in (Decimal, UUID):
        return kind(value)
    if kind is date:
        return date.fromisoformat(value)
    return value
