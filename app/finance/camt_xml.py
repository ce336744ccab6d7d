"""Reading by local name: the versions of a message differ in their namespace, hardly in shape."""

from collections.abc import Iterator
from datetime import date

from lxml import etree

from app.spreadsheets.plain_text import clean


def local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def children(element: etree._Element, name: str | None = None) -> Iterator[etree._Element]:
    yield from element.iterchildren(f"{{*}}{name}" if name else None)


def child(element: etree._Element, name: str) -> etree._Element | None:
    return next(element.iterchildren(f"{{*}}{name}"), None)


def find(element: etree._Element | None, *path: str) -> etree._Element | None:
    for name in path:
        if element is None:
            return None
        element = child(element, name)
    return element


def text(element: etree._Element | None, *path: str, limit: int = 70) -> str:
    found = find(element, *path)
    return clean(found.text or "", limit) if found is not None else ""


def day(moment: str) -> date | None:
    """The calendar day as the bank wrote it, whatever its zone."""
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None
