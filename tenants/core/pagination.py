import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from tenants.core.errors import Invalid
from tenants.core.text import _m

PAGE_SIZE = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_cursor: str | None


def page_of(rows: Sequence[T], *, limit: int, place: Callable[[T], tuple[Any, ...]]) -> Page[T]:
    """Of up to `limit` + 1 rows: one too many says that more follow after the `place` of the last."""
    items = rows[:limit]
    return Page(items, encode_cursor(*place(items[-1])) if len(rows) > limit else None)


def encode_cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: Callable[[str], Any]) -> list[Any]:
    """The keys of a page link, each made by its kind (`int`, `UUID`, `date.fromisoformat`, …).

    Raises Invalid for a link that we didn't write.
    """
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        pairs = zip(kinds, keys if isinstance(keys, list) else [], strict=True)
        return [kind(_writable(str(key))) for kind, key in pairs]
    except (ValueError, RecursionError, binascii.Error) as error:
        raise Invalid(_m("This page link is not valid any more. Open the list again.")) from error


def _writable(text: str) -> str:
    """Half a surrogate pair is no text that a database takes."""
    return text.encode().decode()


def small_int(text: str) -> int:
    """An int that fits the database's integer."""
    number = int(text)
    if abs(number) >= 2**31:
        raise ValueError(text)
    return number


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found
