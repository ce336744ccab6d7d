"""What the installed SDK says about the parameters of the API, read from its source.

Each service method names its verb, its path and the type of its parameters; those types are
generated from Stripe's specification. The source is read, never imported: what the simulator
refuses by it does not depend on how the client behaves.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

_SPEC = find_spec("stripe")
SOURCE = Path((_SPEC and _SPEC.origin) or "").parent
FOLDERS = (".", "billing", "billing_portal", "checkout", "v2/core")


class Call(NamedTuple):
    verb: str
    path: str
    file: Path
    kind: str

    def matches(self, verb: str, path: str) -> bool:
        return verb == self.verb and re.fullmatch(_pattern(self.path), path) is not None

    @property
    def fields(self) -> dict[str, ast.expr]:
        return classes(self.file)[self.kind]

    @property
    def params(self) -> frozenset[str]:
        return frozenset(self.fields)

    @property
    def required(self) -> frozenset[str]:
        return frozenset(name for name, kind in self.fields.items() if is_required(kind))


def _pattern(path: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "[^/]+", path)


def is_required(kind: ast.expr) -> bool:
    return not ast.unparse(kind).startswith("NotRequired")


@cache
def classes(file: Path) -> dict[str, dict[str, ast.expr]]:
    """The typed dictionaries of a file of parameters, each with its fields."""
    return {
        node.name: {
            inner.target.id: inner.annotation
            for inner in node.body
            if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name)
        }
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    }


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


def _params_file(service: Path, kind: str) -> Path:
    """`SubscriptionCreateParams` stands in `_subscription_create_params.py`."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    return SOURCE / "params" / service.parent.relative_to(SOURCE) / f"_{name}.py"


@cache
def _calls_of(service: Path) -> tuple[Call, ...]:
    found: list[Call] = []
    for method in ast.walk(ast.parse(service.read_text("utf-8"))):
        if not isinstance(method, ast.FunctionDef):
            continue
        kind = _params_type(method)
        for call in ast.walk(method):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "self._request"):
                continue
            path, verb = _literal(call.args[1]), str(ast.literal_eval(call.args[0])).upper()
            if path and kind:
                found.append(Call(verb, path, _params_file(service, kind), kind))
    return tuple(found)


def _services() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((SOURCE / folder).glob("_*_service.py"))


@cache
def _texts() -> dict[Path, str]:
    return {service: service.read_text("utf-8") for service in _services()}


def calls() -> list[Call]:
    return [call for service in _services() for call in _calls_of(service)]


@cache
def call_for(verb: str, path: str) -> Call:
    """Only the services that name the beginning of the path are read closely."""
    version, *parts = path.strip("/").split("/")
    start = f'"/{version}/{parts[0]}'
    fitting = [
        call
        for service, text in _texts().items()
        if start in text
        for call in _calls_of(service)
        if call.matches(verb, path)
    ]
    exact = [call for call in fitting if "{" not in call.path]
    return (exact or fitting)[0]
