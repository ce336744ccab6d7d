"""Stripe's bracketed form encoding, and reading typed values out of it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from billing.sim.errors import bad_request, missing_param

Params = dict[str, Any]


def _path(name: str) -> list[str]:
    head, *rest = name.split("[")
    return [head, *(part.rstrip("]") for part in rest)]


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def decode(pairs: Iterable[tuple[str, str]]) -> Params:
    root: dict[str, Any] = {}
    for name, value in pairs:
        path = _path(name)
        place = root
        for part in path[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise bad_request(f"Invalid parameter: {name}", param=name)
        place[path[-1] or str(len(place))] = value
    return {key: _listed(value) for key, value in root.items()}


def required(params: Params, name: str) -> str:
    value = params.get(name)
    if value in (None, "") or not isinstance(value, str):
        raise missing_param(name)
    return value


def text(params: Params, name: str) -> str | None:
    value = params.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise bad_request(f"Invalid string: {name}", param=name)
    return value


def integer(params: Params, name: str) -> int | None:
    value = text(params, name)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        raise bad_request(
            f"Invalid integer: {value}", param=name, code="parameter_invalid_integer"
        ) from None


def decimal(params: Params, name: str) -> Decimal | None:
    value = text(params, name)
    if value is None:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or -int(number.as_tuple().exponent) > 12:
        raise bad_request(f"Invalid decimal: {value}", param=name)
    return number


def boolean(params: Params, name: str, *, default: bool = False) -> bool:
    value = text(params, name)
    if value is None:
        return default
    if value not in ("true", "false"):
        raise bad_request(f"Invalid boolean: {value}", param=name)
    return value == "true"


def mapping(params: Params, name: str) -> Params:
    value = params.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise bad_request("Invalid object", param=name)
    return value


def sequence(params: Params, name: str) -> list[Any]:
    value = params.get(name)
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise bad_request("Invalid array", param=name)
    return value


def merged_metadata(old: dict[str, str], params: Params) -> dict[str, str]:
    if "metadata" not in params:
        return old
    if params["metadata"] == "":
        return {}
    merged = old | mapping(params, "metadata")
    return {key: value for key, value in merged.items() if value != ""}


def within(condition: Any, value: int) -> bool:
    if condition is None:
        return True
    if isinstance(condition, str):
        return value == int(condition)
    tests = {
        "gt": value.__gt__,
        "gte": value.__ge__,
        "lt": value.__lt__,
        "lte": value.__le__,
    }
    return all(tests[name](int(bound)) for name, bound in condition.items())
