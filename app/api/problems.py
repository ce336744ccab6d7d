"""Every problem that the API may answer, with its stable code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule

from tenants.core.errors import CoulisseError
from tenants.core.text import _m
from tenants.operations import Operation
from tenants.uploads import PROGRAM

SENTENCES: dict[int, str] = {
    400: "The request can't be read.",
    401: "No token, or one that doesn't work (any more).",
    403: "The token lacks a scope, or its holder the right.",
    404: "It doesn't exist, or not for this token.",
    409: "It no longer fits what is stored.",
    412: "It has another version by now.",
    428: "Say in If-Match which version you mean.",
    413: "It is too large.",
    415: "This kind of content is not read here.",
    422: "Fields are missing, unknown or wrong.",
    429: "Too many requests of this company in a minute.",
}
_STRING = {"schema": {"type": "string"}}
REFUSALS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {**_STRING, "required": True}},
    429: {"Retry-After": {"schema": {"type": "integer"}, "required": True}},
}


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    status: int
    sentence: str


def refusals_of(rule: Rule, declared: Operation, method: str) -> list[int]:
    """422 stands everywhere: an unknown query parameter is refused too."""
    found = {400, 401, 403, 422, 429, *declared.refusals}
    if rule.arguments:
        found.add(404)
    if method == "POST":
        found |= {413, 415}
    return sorted(found)


# Of errors that a module names on the spot, with their sentences there.
ON_THE_SPOT: tuple[Problem, ...] = (
    Problem("method_not_allowed", 405, _m("This address takes other methods: see Allow.")),
    Problem("unsupported_media_type", 415, _m("Send the kind of content that is documented.")),
    Problem("bad_request", 400, _m("The request can't be read.")),
    Problem("not_ready", 409, _m("The statement isn't taken yet.")),
    Problem(
        "no_fit", 409, _m("Line and open item don't go together: check currency and sign.")
    ),
    Problem(
        "credit_instead", 409,
        _m("Of a paid or credited invoice only a credit note takes something back."),
    ),
    Problem("no_deposit", 409, _m("Only a validated deposit invoice is deducted.")),
    Problem("empty_file", 422, _m("This file is empty.")),
    Problem("unwanted_file", 422, PROGRAM),
    Problem(
        "broken_file", 409,
        _m("This file was changed outside Coulisse and can't be trusted."),
    ),
)  # fmt: skip
# Raised on pages only.
_ELSEWHERE = ("other_client", "counts_differ", "proposals_left", "proposals_changed")


def list_problems() -> list[Problem]:
    """By status and code; what the product raises is found by its classes."""
    found = {one.code: one for one in ON_THE_SPOT}
    for kind in _kinds(CoulisseError):
        if kind.code not in _ELSEWHERE:
            found.setdefault(kind.code, Problem(kind.code, kind.status, _plain(kind.message)))
    return sorted(found.values(), key=lambda one: (one.status, one.code))


def _kinds(kind: type[CoulisseError]) -> Iterator[type[CoulisseError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _plain(message: str) -> str:
    """What a problem names in its sentence is not known here."""
    return re.sub(r"%\(\w+\)s", "…", message)
