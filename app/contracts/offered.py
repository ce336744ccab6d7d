"""What a contract can speak of. The catalogue stands above this package and lists its items here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PRIORITIES = ("urgent", "high", "normal", "low")


@dataclass(frozen=True, slots=True)
class OfferedItem:
    code: str
    line: str
    title: str
    working_days: int
    has_period: bool = False


_items: dict[str, OfferedItem] = {}
_lines: dict[str, str] = {}


def offer(items: Iterable[OfferedItem], lines: Mapping[str, str]) -> None:
    """`lines` are the titles of service lines; those without items are left out."""
    found = {item.code: item for item in items}
    _items.update(found)
    _lines.update({code: title for code, title in lines.items()
                   if any(item.line == code for item in found.values())})  # fmt: skip


def offered_items() -> Mapping[str, OfferedItem]:
    return _items


def offered_lines() -> Mapping[str, str]:
    return _lines


def working_days(item: str) -> int:
    found = _items.get(item)
    return found.working_days if found else 2
