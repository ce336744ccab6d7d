"""What the installed SDK says about the API, read from its own source.

Each service method names its path, its verb and the type of its parameters; those types are
generated from Stripe's specification.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import stripe
from stripe._object_classes import get_object_class

SOURCE = Path(stripe.__file__).parent
SERVICES = [
    file
    for folder in (".", "billing", "billing_portal", "checkout", "v2/core")
    for file in sorted((SOURCE / folder).glob("_*_service.py"))
]


class Call(NamedTuple):
    verb: str
    path: str
    params: frozenset[str]
    required: frozenset[str]

    def matches(self, verb: str, path: str) -> bool:
        return verb == self.verb and re.fullmatch(_pattern(self.path), path) is not None


def _pattern(path: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "[^/]+", path)


def _literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _params_type(method: ast.FunctionDef) -> str | None:
    for argument in method.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            found = re.search(r"(\w+Params)", ast.unparse(argument.annotation))
            return found[1] if found else None
    return None


def _fields(module: str, name: str) -> tuple[frozenset[str], frozenset[str]]:
    package = importlib.import_module(f"stripe.params{module}")
    own = ast.parse(
        Path(importlib.import_module(getattr(package, name).__module__).__file__ or "").read_text(
            "utf-8"
        )
    )
    body = next(
        node for node in own.body if isinstance(node, ast.ClassDef) and node.name == name
    ).body
    fields = {
        node.target.id: ast.unparse(node.annotation)
        for node in body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    required = {key for key, kind in fields.items() if not kind.startswith("NotRequired")}
    return frozenset(fields), frozenset(required)


@cache
def calls() -> list[Call]:
    found: list[Call] = []
    for file in SERVICES:
        module = "".join(f".{part}" for part in file.parent.relative_to(SOURCE).parts)
        for method in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(method, ast.FunctionDef):
                continue
            kind = _params_type(method)
            for call in ast.walk(method):
                if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "self._request"):
                    continue
                path = _literal(call.args[1])
                verb = ast.literal_eval(call.args[0])
                if path and kind:
                    params, required = _fields(module, kind)
                    found.append(Call(verb.upper(), path, params, required))
    return found


def call_for(verb: str, path: str) -> Call:
    fitting = [call for call in calls() if call.matches(verb, path)]
    exact = [call for call in fitting if "{" not in call.path]
    return (exact or fitting)[0]


def template(path: str) -> str:
    return re.sub(r"\{[a-z]+\}", "x", path)


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
