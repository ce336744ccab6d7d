"""Parameters held against the types of the SDK: names, places, kinds of value, known words."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

from billing.sim.errors import ApiError, bad_request, missing_param
from billing.sim.params import Params
from billing.sim.sdk import call_for, classes, is_required

PLAIN = {
    "int": re.compile(r"-?\d+"),
    "float": re.compile(r"-?\d+(\.\d+)?"),
    "Decimal": re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?"),
    "bool": re.compile(r"true|false"),
    "str": re.compile(r"(?s).+"),
}
WRAPPERS = ("NotRequired", "Optional", "Required")
MAPPINGS = ("Dict", "UntypedStripeObject")


def check(verb: str, template: str, params: Params) -> None:
    """`template` is a path with any word in the place of its ids."""
    call = call_for(verb, template)
    _fields(call.file, call.kind, params, "")


def _fields(file: Path, kind: str, given: Params, at: str) -> None:
    fields = classes(file)[kind]
    for name, value in given.items():
        place = f"{at}[{name}]" if at else name
        if name not in fields:
            raise bad_request(
                f"Received unknown parameter: {place}", param=place, code="parameter_unknown"
            )
        problem = _problem(file, fields[name], value, place)
        if problem is not None:
            raise problem
    for name, annotation in fields.items():
        if is_required(annotation) and name not in given:
            raise missing_param(f"{at}[{name}]" if at else name)


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _options(node: ast.expr) -> list[ast.expr]:
    """A type as the list of what it may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _options(_parsed(node.value))
    if isinstance(node, ast.BinOp):
        return _options(node.left) + _options(node.right)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        if node.value.id in WRAPPERS:
            return _options(node.slice)
        if node.value.id == "Union" and isinstance(node.slice, ast.Tuple):
            return [one for inner in node.slice.elts for one in _options(inner)]
    return [node]


def _head(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _words(options: list[ast.expr]) -> list[str]:
    found: list[str] = []
    for node in options:
        if isinstance(node, ast.Subscript) and _head(node) == "Literal":
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            found += [str(ast.literal_eval(one)) for one in inner]
    return found


def _problem(file: Path, node: ast.expr, value: Any, at: str) -> ApiError | None:
    options = _options(node)
    if isinstance(value, str):
        return _problem_of_text(options, value, at)
    if isinstance(value, list):
        inner = next((one for one in options if _head(one) in ("List", "Sequence")), None)
        if not isinstance(inner, ast.Subscript):
            return bad_request("Invalid object", param=at)
        for number, one in enumerate(value):
            if problem := _problem(file, inner.slice, one, f"{at}[{number}]"):
                return problem
        return None
    if any(_head(one) in MAPPINGS for one in options):
        return None
    kind = next((_head(one) for one in options if _head(one) in classes(file)), None)
    if kind is None:
        return bad_request("Invalid value: an object", param=at)
    _fields(file, kind, value, at)
    return None


def _problem_of_text(options: list[ast.expr], value: str, at: str) -> ApiError | None:
    """Stripe's words are open in the SDK's types, `Literal[…] | str`; here they are not."""
    words, kinds = _words(options), {_head(one) for one in options}
    if value in words:
        return None
    if value == "":
        return bad_request(f"You passed an empty string for '{at}'.", param=at)
    known = [word for word in words if word]
    if known:
        kinds.discard("str")
    if any(kind in PLAIN and PLAIN[kind].fullmatch(value) for kind in kinds):
        return None
    wanted = f"must be one of {', '.join(known)}" if known else "of another type"
    code = None if known else "parameter_invalid"
    return bad_request(f"Invalid {at}: {wanted}", param=at, code=code)
