"""The OpenAPI document as rows for people."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

METHODS = ("get", "post")


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or field; `depth` is how far inside it stands."""

    name: str
    kind: str
    required: bool
    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: list[Row]
    bodies: list[tuple[str, list[Row]]]
    answers: list[tuple[str, str, list[Row]]]
    refusals: list[tuple[str, str]]
    example: str


@dataclass(slots=True)
class Group:
    name: str
    operations: list[Shown] = field(default_factory=list)


def grouped(document: Mapping[str, Any], base_url: str) -> list[Group]:
    groups = {tag["name"]: Group(tag["name"]) for tag in document["tags"]}
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                shown = _operation(path, method, methods[method], schemas, base_url)
                groups[methods[method]["tags"][0]].operations.append(shown)
    return list(groups.values())


def _operation(
    path: str, method: str, found: Mapping[str, Any], schemas: Mapping[str, Any], base_url: str
) -> Shown:
    answers, refusals = [], []
    for status, answer in found["responses"].items():
        if int(status) < 400:
            answers.append((status, answer["description"], _content(answer, schemas)))
        else:
            refusals.append((status, answer["description"]))
    return Shown(
        id=found["operationId"],
        method=method.upper(),
        path=path,
        summary=found["summary"],
        text=found["description"],
        parameters=[
            Row(one["name"], _kind(one["schema"], schemas), one["required"],
                one.get("description", ""))
            for one in found["parameters"]
        ],
        bodies=_bodies(found, schemas),
        answers=answers,
        refusals=refusals,
        example=_curl(path, method, found, base_url),
    )  # fmt: skip


def _bodies(found: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[tuple[str, list[Row]]]:
    content = found.get("requestBody", {}).get("content", {})
    shown = []
    for media, one in content.items():
        schema = _resolved(one["schema"], schemas)
        for shape in schema.get("oneOf", [schema]):
            title = " · ".join(part for part in (media, shape.get("title")) if part)
            shown.append((title, list(_rows(shape, schemas))))
    return shown


def _content(answer: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Row]:
    one = answer.get("content", {}).get("application/json")
    return list(_rows(one["schema"], schemas)) if one else []


def _rows(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Iterator[Row]:
    schema = _resolved(schema, schemas)
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        text = one.get("description", "")
        yield Row(name, _kind(one, schemas), name in required, text, depth)
        inner = _resolved(one.get("items", one), schemas)
        if "properties" in inner and depth < 4:
            yield from _rows(inner, schemas, depth + 1)


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        return _resolved(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return _resolved(one, schemas)
    return schema


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    found = _resolved(schema, schemas)
    if "const" in found:
        return f"“{found['const']}”"
    if "enum" in found:
        return " | ".join(str(one) for one in found["enum"])
    kinds = found.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if {"type": "null"} in schema.get("anyOf", ()):
        kinds = [*kinds, "null"]
    text = " or ".join(kinds)
    if "items" in found:
        return f"list of {_kind(found['items'], schemas)}"
    limits = [f"{name} {found[key]}" for name, key in _LIMITS if key in found]
    parts = [found["format"]] if "format" in found else []
    return ", ".join([text, *parts, *limits])


_LIMITS = (("at least", "minimum"), ("at most", "maximum"), ("length up to", "maxLength"),
           ("up to", "maxItems"))  # fmt: skip


def _curl(path: str, method: str, found: Mapping[str, Any], base_url: str) -> str:
    url = path.replace("{number}", "1042").replace("{invoice_number}", "F-2026-0007")
    lines = [f"curl {base_url}{url}", "-H 'Authorization: Bearer coulisse_…'"]
    if method == "post":
        lines.append("-H 'Idempotency-Key: 5f0c…'")
    content = found.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        lines.append("-F file=@statement.xml")
    elif "application/json" in content:
        example = content["application/json"].get("example", {})
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(example, ensure_ascii=False)}'")
    elif method == "post":
        lines.append("-X POST")
    return " \\\n  ".join(lines)


def marked(text: str) -> Markup:
    """Words between back quotes are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
