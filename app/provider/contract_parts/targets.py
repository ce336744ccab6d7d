"""First answer and result, by line or item and by priority, in business hours."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from marshmallow import Schema, fields

from app.contracts.document import LONGEST_TARGET
from app.contracts.offered import PRIORITIES, offered_items, offered_lines
from app.contracts.words import PRIORITY_NAMES
from app.provider.contract_parts.part import SEEN, Document, Part
from tenants.core.text import _m

_TIME = re.compile(r"(?:(?P<h>\d{1,4})\s*(?:h|:|$))?\s*(?:(?P<m>\d{1,4})\s*(?:min)?)?", re.ASCII)


class Duration(fields.Field[int | None]):
    """“4”, “4 h”, “4:30”, “30 min”; empty is nothing of its own."""

    default_error_messages = {  # noqa: RUF012  marshmallow declares it so
        "invalid": _m("Write hours or minutes, like 4 h, 4:30 or 30 min."),
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int | None:
        written = str(value or "").strip().lower()
        if not written:
            return None
        found = _TIME.fullmatch(written)
        if found is None:
            raise self.make_error("invalid")
        minutes = int(found["h"] or 0) * 60 + int(found["m"] or 0)
        if not 0 < minutes <= LONGEST_TARGET:
            raise self.make_error("invalid")
        return minutes


def written(minutes: int | None) -> str:
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def rows() -> Iterator[tuple[str, str | None, str]]:
    """(line, item, title): each line, and the items of lines that have several."""
    items = list(offered_items().values())
    for line, title in offered_lines().items():
        yield line, None, title
        own = [item for item in items if item.line == line]
        if len(own) > 1:
            yield from ((line, item.code, item.title) for item in own)


def key(line: str, item: str | None, priority: str) -> str:
    return f"{item or line}_{priority}" if item else f"line_{line}_{priority}"


def _form() -> type[Schema]:
    return _form_of(tuple((line, item) for line, item, _title in rows()))


@lru_cache(maxsize=4)
def _form_of(shown: tuple[tuple[str, str | None], ...]) -> type[Schema]:
    made: dict[str, fields.Field[Any]] = {}
    for line, item in shown:
        for priority in PRIORITIES:
            name = key(line, item, priority)
            label = PRIORITY_NAMES[priority]
            made[f"first_{name}"] = Duration(
                load_default=None, metadata={"label": label, "input": "text"}
            )
            made[f"result_{name}"] = Duration(
                load_default=None, metadata={"label": label, "input": "text"}
            )
    return Schema.from_dict({**SEEN, **made}, name="ContractTargets")


def _show(document: Document) -> dict[str, Any]:
    values = {}
    for one in document["targets"]:
        name = key(one["line"], one["item"], one["priority"])
        values[f"first_{name}"] = written(one["first_response"])
        values[f"result_{name}"] = written(one["resolution"])
    return values


def _read(data: Mapping[str, Any], _before: Document) -> dict[str, Any]:
    targets = []
    for line, item, _title in rows():
        for priority in PRIORITIES:
            name = key(line, item, priority)
            first, result = data[f"first_{name}"], data[f"result_{name}"]
            if first is not None or result is not None:
                targets.append(
                    {"line": line, "item": item, "priority": priority, "first_response": first,
                     "resolution": result}
                )  # fmt: skip
    return {"targets": targets}


TARGETS = Part(
    "targets", _m("Targets"), "target",
    _m("First answer and result, in business hours. What stays empty on both sides is as usual; one "
       "side alone means that nothing is promised for the other."),
    _form, _show, _read,
)  # fmt: skip
