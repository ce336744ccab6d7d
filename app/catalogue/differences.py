"""What is different between two versions of an item, place by place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tenants.core.text import _m

# What the rows of a list are told apart by.
KEYS: Mapping[str, str] = {"fields": "name", "files": "name", "results": "code", "choices": "value"}
NAMES: Mapping[str, str] = {
    "note": _m("Note"), "code": _m("Code"), "line": _m("Service line"), "title": _m("Title"), "summary": _m("Summary"), "icon": _m("Icon"),
    "working_days": _m("Working days"), "gated": _m("The client approves"),
    "approvals": _m("Approvals needed"), "code_asked": _m("A code at approval"),
    "review": _m("Quality check"), "meters": _m("Counted for billing"),
    "countries": _m("Countries"), "restricted": _m("Limited by law"), "cut_off": _m("Cut-off"),
    "fields": _m("Form"), "files": _m("Files"), "steps": _m("Checklist"),
    "results": _m("Results"), "order": _m("Order"), "label": _m("Label"), "help": _m("Help"),
    "kind": _m("Kind"), "required": _m("Required"), "mandatory": _m("Mandatory"),
    "needs": _m("Needs"), "accept": _m("Endings"), "choices": _m("Choices"),
}  # fmt: skip
_LEFT_OUT = ("code", "version", "line", "job")
Place = tuple[str, ...]


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[Place, Any, Any]]:
    old, new = dict(_flat(before)), dict(_flat(after))
    return [
        (place, old.get(place), new.get(place))
        for place in dict.fromkeys((*new, *old))
        if old.get(place) != new.get(place)
    ]


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    for name, value in document.items():
        if name not in _LEFT_OUT:
            yield from _below((name,), value)


def _below(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _below((*place, name), below)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        yield from _rows(place, value)
    elif isinstance(value, list):
        yield place, ", ".join(map(str, value))
    elif value not in (None, ""):
        yield place, value


def _rows(place: Place, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Place, Any]]:
    key = KEYS.get(place[-1])
    names = [str(row[key]) if key else str(number) for number, row in enumerate(rows, start=1)]
    if key:
        yield (*place, "order"), ", ".join(names)
    for name, row in zip(names, rows, strict=True):
        for part, value in row.items():
            if part != key:
                yield from _below((*place, name, part), value)
