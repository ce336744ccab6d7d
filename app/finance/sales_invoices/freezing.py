"""Dataclasses as JSON and back: a draft's content, and the invoice that was validated."""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from hashlib import sha256
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")
_PLAIN = (str, int, bool, type(None))


def as_json(value: Any) -> Any:
    """What equals its default is left out."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if is_dataclass(kind):
        return {
            name: as_json(one)
            for name, default in _defaults(kind)
            if (one := getattr(value, name)) is not default and default != one
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
    readers = _readers(kind)  # type: ignore[arg-type]
    return kind(
        **{
            name: one if one is None or readers[name] is None else readers[name](one)
            for name, one in data.items()
            if name in readers
        }
    )


def digest(data: Any) -> str:
    """Of the canonical form: keys in order, no blanks."""
    written = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(written.encode()).hexdigest()


@cache
def _defaults(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, one.default) for one in fields(kind))


@cache
def _readers(kind: type[Any]) -> dict[str, Any]:
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items()}


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """What makes a value of this kind of anything but null; None where JSON's own value is it."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _reader(next(one for one in get_args(kind) if one is not type(None)))
    if origin is tuple:
        inner = _reader(get_args(kind)[0])
        if inner is None:
            return tuple
        return lambda found: tuple(None if one is None else inner(one) for one in found)
    if is_dataclass(kind):
        return partial(from_json, kind)  # type: ignore[arg-type]
    if kind in (Decimal, UUID):
        return kind  # type: ignore[no-any-return]
    return date.fromisoformat if kind is date else None
