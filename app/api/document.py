"""The OpenAPI 3.1 document, made from what the views declare."""

import re
from typing import Any

from flask import Flask, current_app
from werkzeug.routing import Rule

from app.api.problems import REFUSALS, SENTENCES, refusals_of
from app.catalogue.memory import ITEMS
from app.web.api.json_schema import new_spec
from app.web.api.repeating import HEADER, PATTERN
from tenants.operations import Operation, operation_of

PREFIX = "/api/v1"
JSON, PROBLEM = "application/json", "application/problem+json"
INTRO = (
    "Raise and follow requests, exchange messages and files, file documents, keep customers and "
    "suppliers, issue sales invoices, read payment controls, usage and invoices. A token belongs to one person in one company and never may more than they do. "
    "Approving is not offered: it takes a person with a second factor, on the request's page."
)
UUID_PARAMETER = {"type": "string", "format": "uuid"}
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "number": (
        {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, "The request's number.",
    ),
    "month": (
        {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"}, "Like `2026-10`.",
    ),
    "invoice_number": ({"type": "string", "minLength": 1}, "The invoice's number."),
}  # fmt: skip


def document(app: Flask | None = None) -> dict[str, Any]:
    app = app or current_app
    spec, converter = new_spec(
        "Coulisse", "1", info={"description": INTRO}, servers=[{"url": "/"}],
        security=[{"token": []}], tags=[],
    )  # fmt: skip
    spec.components.security_scheme(
        "token",
        {"type": "http", "scheme": "bearer", "description": "A token of your company's page "
         "“Tokens”: `Authorization: Bearer coulisse_…`."},
    )  # fmt: skip
    spec.components.schema("Problem", PROBLEM_SCHEMA)
    for rule, declared, method in sorted(
        operations(app), key=lambda one: (one[1].tag, one[0].rule)
    ):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        spec.path(path, operations={method.lower(): _operation(rule, declared, method, converter)})
    found: dict[str, Any] = spec.to_dict()
    _bodies_of_items(found, converter)
    _close(found)
    found["tags"] = [{"name": tag} for tag in sorted({one.tag for _, one, _ in operations(app)})]
    return found


def operations(app: Flask) -> list[tuple[Rule, Operation, str]]:
    return [
        (rule, declared, "POST" if "POST" in (rule.methods or ()) else "GET")
        for rule in app.url_map.iter_rules()
        if (declared := operation_of(app.view_functions[rule.endpoint])) is not None
    ]


def _operation(rule: Rule, declared: Operation, method: str, converter: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": rule.endpoint.partition(".")[2],
        "summary": declared.summary,
        "tags": [declared.tag],
        "parameters": _parameters(rule, declared, method, converter),
        "responses": _responses(rule, declared, method),
        "description": _description(declared),
    }
    if declared.upload:
        found["requestBody"] = FILE_BODY
    elif declared.body is not None:
        media: dict[str, Any] = {"schema": declared.body}
        if declared.example is not None:
            media["example"] = declared.example
        found["requestBody"] = {"required": True, "content": {JSON: media}}
    return found


def _description(declared: Operation) -> str:
    needed = f"Scope: `{declared.scope}`." if declared.scope else "Any token may."
    return f"{declared.description} {needed}".strip()


def _parameters(
    rule: Rule, declared: Operation, method: str, converter: Any
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule):
        schema, said = PARAMETERS.get(name, (UUID_PARAMETER, "An id from one of the lists."))
        found.append(
            {"name": name, "in": "path", "required": True, "schema": schema, "description": said}
        )
    if declared.query is not None:
        found += converter.schema2parameters(declared.query(), location="query")
    if method == "POST":
        found.append({
            "name": HEADER, "in": "header", "required": False,
            "schema": {"type": "string", "pattern": PATTERN},
            "description": "Of your choice and new for each act; a repeat gets the first answer.",
        })  # fmt: skip
    if declared.versioned:
        found.append({
            "name": "If-Match", "in": "header", "required": False,
            "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,9}")$'},
            "description": "The version that you read, like `\"7\"`: 412 when it changed since.",
        })  # fmt: skip
    return found


def _responses(rule: Rule, declared: Operation, method: str) -> dict[str, Any]:
    found: dict[str, Any] = {str(declared.status): _success(declared, method)}
    for status in refusals_of(rule, declared, method):
        found[str(status)] = {
            "description": SENTENCES[status],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": REFUSALS[status]} if status in REFUSALS else {}),
        }
    return found


def _success(declared: Operation, method: str) -> dict[str, Any]:
    if declared.form == "file":
        return {
            "description": "The file.",
            "headers": {"Content-Digest": {"schema": {"type": "string"}, "required": True,
                                           "description": "`sha-256=:…:` (RFC 9530)."}},
            "content": {"application/octet-stream": {"schema": {}}},
        }  # fmt: skip
    schema: Any = declared.answer
    if declared.form in ("list", "page"):
        properties: dict[str, Any] = {"items": {"type": "array", "items": schema}}
        if declared.form == "page":
            properties["next"] = {
                "type": ["string", "null"], "description": "The next page, or null on the last.",
            }  # fmt: skip
        schema = {"type": "object", "properties": properties, "required": list(properties)}
    headers = {}
    if method == "POST":
        headers["Idempotency-Replayed"] = {
            "schema": {"type": "string", "enum": ["true"]},
            "description": "This is the answer of an earlier request with the same key.",
        }
    return {
        "description": "Made." if declared.status == 201 else "Done.",
        "content": {JSON: {"schema": schema}},
        **({"headers": headers} if headers else {}),
    }


def _bodies_of_items(found: dict[str, Any], converter: Any) -> None:
    """What `form` and `files` hold depends on the item: one shape each."""
    shapes = []
    for item in ITEMS.values():
        slots = {slot.name: {**UUID_PARAMETER, "description": slot.label} for slot in item.files}
        needed = [slot.name for slot in item.files if slot.required]
        form = converter.schema2jsonschema(item.schema())
        shapes.append({
            "type": "object", "title": item.title,
            "properties": {
                "item": {"type": "string", "const": item.code},
                "form": {**form, "additionalProperties": False},
                "files": {"type": "object", "properties": slots, "required": needed,
                          "additionalProperties": False},
            },
            "required": ["item", "form", *(["files"] if needed else [])],
            "additionalProperties": False,
        })  # fmt: skip
    found["components"]["schemas"]["NewRequest"] = {"oneOf": shapes}


def _close(found: dict[str, Any]) -> None:
    """Bodies take no fields beside the documented ones; answers may get new ones, and their texts
    are what they are."""
    schemas = found["components"]["schemas"]
    bodies = {
        media["schema"]["$ref"].rpartition("/")[2]
        for path in found["paths"].values()
        for operation in path.values()
        for media in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in media["schema"]
    }
    for name, schema in schemas.items():
        if name not in bodies:
            schema.pop("additionalProperties", None)
            for one in schema["properties"].values():
                one.pop("pattern", None)
        elif "oneOf" not in schema:
            schema["additionalProperties"] = False


FILE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object", "required": ["file"], "additionalProperties": False,
                "properties": {"file": {"type": "string", "format": "binary", "minLength": 1}},
            }
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary",
                                                "minLength": 1}},
    },
}  # fmt: skip
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `detail` is for people, in the token holder's language; `code` is "
    "stable.",
    "properties": {
        "type": {"type": "string", "description": "Where this problem is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string", "description": "For your questions to us."},
        "errors": {
            "type": "object", "description": "Messages by field, like `form.period`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "pointers": {
            "type": "array", "description": "The same by JSON Pointer.",
            "items": {
                "type": "object", "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
}  # fmt: skip
