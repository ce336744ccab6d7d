"""Frozen dataclasses to JSON and back, for what crosses the border of a subprocess."""

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar, cast

T = TypeVar("T")
Convert = Callable[[Any], Any]


def dump(value: Any) -> bytes:
    return json.dumps(value, default=_plain, ensure_ascii=False).encode()


def load(kind: type[T], data: bytes) -> T:
    value, convert = json.loads(data), _converter(cast(Any, kind))
    return cast(T, value if value is None or convert is None else convert(value))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        kind: Any = type(value)
        return {name: getattr(value, name) for name in _names(kind)}
    raise TypeError(type(value).__name__)


@functools.cache
def _converter(kind: Any) -> Convert | None:
    """None where the value stays as JSON has it."""
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        return _converter(next(a for a in typing.get_args(kind) if a is not type(None)))
    if origin is tuple:
        return functools.partial(_tuple, _converter(typing.get_args(kind)[0]))
    if kind is date:
        return date.fromisoformat
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return functools.partial(_built, kind)
    return None


def _tuple(convert: Convert | None, value: Any) -> tuple[Any, ...]:
    if convert is None:
        return tuple(value)
    return tuple(None if item is None else convert(item) for item in value)


def _built(kind: Any, value: Any) -> Any:
    for name, convert in _conversions(kind):
        if value.get(name) is not None:
            value[name] = convert(value[name])
    return kind(**value)


@functools.cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@functools.cache
def _conversions(kind: type) -> tuple[tuple[str, Convert], ...]:
    found = ((name, _converter(hint)) for name, hint in typing.get_type_hints(kind).items())
    return tuple((name, convert) for name, convert in found if convert is not None)
