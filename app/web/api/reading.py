"""What came with a request of the JSON API, checked; refusals name the place."""

import json
import re
from dataclasses import dataclass
from typing import Any

from flask import request
from marshmallow import RAISE, Schema, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from app.web import messages
from tenants.core.errors import Conflict, CoulisseError, Invalid, TooLarge
from tenants.core.text import _m
from tenants.files import MAX_BYTES, safe_name

LARGEST_JSON = 2 * 1024 * 1024
_UNREADABLE = re.compile("[\0\ud800-\udfff]")


class BadJson(CoulisseError):
    status = 400
    code = "bad_json"
    message = _m("The body is not readable JSON in UTF-8.")


class BadHeader(CoulisseError):
    status = 400
    code = "bad_header"
    message = _m("The header %(name)s is not written as documented.")


class OtherVersion(Conflict):
    status = 412
    code = "other_version"
    message = _m("This has version %(version)s by now.")


@dataclass(frozen=True, slots=True)
class SentFile:
    name: str
    content_type: str
    content: bytes
    slot: str = ""


def load(schema: type[Schema], data: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema().load(data, unknown=RAISE)
    except ValidationError as error:
        raise Invalid(field_errors=messages.by_field(error)) from error
    return loaded


def read_query(schema: type[Schema] | None) -> dict[str, Any]:
    args = request.args
    twice = [name for name in args if len(args.getlist(name)) > 1]
    if twice:
        raise Invalid(field_errors={name: [_m("Send this once.")] for name in twice})
    found = args.to_dict()
    for name, value in found.items():
        if _UNREADABLE.search(value) or "\ufffd" in value:
            raise Invalid(field_errors={name: [_m("This value is not valid.")]})
    return load(schema or Schema, found)


def read_json(schema: type[Schema] | None) -> dict[str, Any]:
    """An operation without a body takes an empty one, or an empty object."""
    # What comes in chunks has no length before it is read.
    raw = b"" if (request.content_length or 0) > LARGEST_JSON else request.get_data(cache=True)
    if (request.content_length or len(raw)) > LARGEST_JSON:
        raise TooLarge(_m("The body is larger than %(limit)s MB."), limit=LARGEST_JSON // 1024**2)
    if not raw and schema is None:
        return {}
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
        # Deep nesting is found by the walk below at the latest.
        problem = unreadable_at(data)
    except (ValueError, RecursionError) as error:
        raise BadJson from error
    if problem is not None:
        raise Invalid(
            field_errors={problem: [_m("This text holds characters that can't be stored.")]}
        )
    return load(schema or Schema, data)


def _refuse(name: str) -> None:
    raise ValueError(name)


def unreadable_at(data: Any, place: str = "") -> str | None:
    """Where a NUL or half a surrogate pair stands, which no database takes."""
    if isinstance(data, str):
        return (place or "_schema") if _UNREADABLE.search(data) else None
    pairs: Any = ()
    if isinstance(data, dict):
        pairs = data.items()
    elif isinstance(data, list):
        pairs = enumerate(data)
    for name, value in pairs:
        if isinstance(name, str) and _UNREADABLE.search(name):
            return place or "_schema"
        found = unreadable_at(value, f"{place}.{name}" if place else str(name))
        if found is not None:
            return found
    return None


def read_file(query: dict[str, Any]) -> SentFile:
    """A form with the input `file`, or the bare bytes with `?name=`."""
    if request.mimetype == "multipart/form-data":
        sent = request.files.get("file")
        extra = {*request.files, *request.form} - {"file"}
        if extra:
            raise Invalid(field_errors={name: [_m("This field does not exist.")] for name in extra})
        if sent is None:
            raise Invalid(field_errors={"file": [_m("Please choose a file.")]})
        name, content = sent.filename or query.get("name") or "file", sent.read()
        # Whoever compares this request with an earlier one reads it again.
        sent.seek(0)
    elif request.mimetype == "application/octet-stream":
        name, content = query.get("name") or "file", request.get_data(cache=True)
    else:
        raise UnsupportedMediaType
    if not content:
        raise Invalid(field_errors={"file": [_m("This file is empty.")]})
    if len(content) > MAX_BYTES:
        raise TooLarge(_m("This file is larger than %(limit)s MB."), limit=MAX_BYTES // 1024**2)
    name = safe_name(_UNREADABLE.sub("", name))
    return SentFile(name, type_by_name(name), content)


def type_by_name(name: str) -> str:
    import mimetypes

    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def read_version() -> int | None:
    """If-Match: `"7"` for a version, `*` for any."""
    sent = request.headers.get("If-Match")
    if sent is None or sent.strip() == "*":
        return None
    found = re.fullmatch(r'\s*(?:W/)?"(\d{1,9})"\s*', sent, re.ASCII)
    if found is None:
        raise BadHeader(name="If-Match")
    return int(found[1])


def require_version(held: int, expected: int | None) -> None:
    """`expected` is what If-Match said."""
    if expected is not None and held != expected:
        raise OtherVersion(version=held)
