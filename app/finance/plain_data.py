"""Frozen dataclasses to JSON and back, for what crosses the border of a subprocess."""

import dataclasses
import functools
import json
import types
import typing
from datetime import date
from typing import Any, TypeVar, cast

T = TypeVar("T")


def dump(value: Any) -> bytes:
    return json.dumps(value, default=_plain, ensure_ascii=False).encode()


def load(kind: type[T], data: bytes) -> T:
    return cast(T, _typed(kind, json.loads(data)))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        kind: Any = type(value)
        return {name: getattr(value, name) for name in _names(kind)}
    raise TypeError(type(value).__name__)


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        return _typed(next(a for a in typing.get_args(kind) if a is not type(None)), value)
    if origin is tuple:
        inner = typing.get_args(kind)[0]
        return tuple(_typed(inner, item) for item in value)
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _typed(hints[name], item) for name, item in value.items()})
    return value


@functools.cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
