"""What an operation of the JSON API takes and answers, said beside its view. The edge reads it: it
checks what comes in, writes what goes out, and documents both (app/web/api, app/api)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from marshmallow import Schema

from tenants.endpoints import api

View = Callable[..., Any]

ATTRIBUTE: Final = "coulisse_operation"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers beyond the plain data: the version of what was changed or shown, and the
    address of what was made."""

    data: Any
    version: int | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """`body` and `query` are loaded and passed to the view under these names. `answer` is of one
    thing, of a list, or of a `page`; without it the view answers a file or nothing. `upload`: the
    body is a file, and what the query says beside its `name` is passed too. `versioned`: If-Match is heard and passed as `expected_version`. `refusals` are
    the statuses that it may answer beside those of every operation. `row` writes one row of a long
    list plainly, as `answer` would and at a fraction of its price: `answer` then only documents it.
    """

    summary: str
    tag: str
    scope: str | None
    permission: str | None
    description: str = ""
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    answer: type[Schema] | None = None
    form: Literal["one", "list", "page", "file", "none"] = "one"
    status: int = 200
    upload: bool = False
    versioned: bool = False
    refusals: tuple[int, ...] = ()
    example: dict[str, Any] | None = None
    row: Callable[[Any], dict[str, Any]] | None = None


def operation(
    summary: str, *, tag: str, permission: str | None, scope: str | None, **more: Any
) -> Callable[[View], View]:
    declared = Operation(summary=summary, tag=tag, permission=permission, scope=scope, **more)

    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, declared)
        return api(permission, scope)(view)

    return mark


def operation_of(view: Callable[..., Any]) -> Operation | None:
    found = getattr(view, ATTRIBUTE, None)
    return found if isinstance(found, Operation) else None
