"""The objects of the API, held against the classes of the installed SDK."""

from __future__ import annotations

import inspect
from typing import Any

from stripe._object_classes import get_object_class


def _hints(kind: Any) -> dict[str, str]:
    own = inspect.get_annotations(kind)
    return {key: str(hint) for key, hint in own.items() if "ClassVar" not in str(hint)}


def differences(obj: dict[str, Any], kind: Any = None, at: str = "") -> list[str]:
    """Fields that Stripe's object does not have, and fields that it never leaves out or null."""
    kind = kind or get_object_class("V1", obj["object"])
    at = at or str(obj["object"])
    hints = _hints(kind)
    found = [f"{at}.{key} is unknown" for key in obj if key not in hints]
    for key, hint in hints.items():
        nullable = "Optional" in hint or "NoneType" in hint
        if not nullable and obj.get(key) is None:
            found.append(f"{at}.{key} is missing")
    inner = getattr(kind, "_inner_class_types", {})
    for key, value in obj.items():
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                found += _inside(row, inner.get(key), f"{at}.{key}")
    return found


def _inside(row: dict[str, Any], kind: Any, at: str) -> list[str]:
    if row.get("object") == "list":
        return [line for one in row["data"] for line in differences(one)]
    if isinstance(row.get("object"), str):
        return differences(row)
    return differences(row, kind, at) if kind else []
