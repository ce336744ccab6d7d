"""The dated figures: data/fr_parameters.json, each with its validity, legal reference and source."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "fr_parameters.json"


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: Any
    valid_from: date
    valid_until: date
    reference: str
    source: str
    confirmed_by: tuple[str, ...]
    note: str = ""

    @property
    def confirmed(self) -> bool:
        return bool(self.confirmed_by)


@dataclass(frozen=True, slots=True)
class Parameters:
    params_id: str
    valid_from: date
    valid_until: date
    figures: Mapping[str, tuple[Figure, ...]]

    def figure(self, name: str, on: date) -> Figure:
        for one in self.figures[name]:
            if one.valid_from <= on <= one.valid_until:
                return one
        raise KeyError(f"{name} has no value on {on}")

    def values(self, on: date) -> dict[str, Any]:
        return {name: self.figure(name, on).value for name in self.figures}

    def unconfirmed(self) -> Iterator[Figure]:
        return (one for versions in self.figures.values() for one in versions if not one.confirmed)


@cache
def french() -> Parameters:
    content = FILE.read_bytes()
    data = json.loads(content)
    figures = {
        name: tuple(_figure(name, one) for one in versions)
        for name, versions in data["values"].items()
    }
    return Parameters(
        params_id=f"{data['country']}-{data['version']}-{hashlib.sha256(content).hexdigest()[:12]}",
        valid_from=date.fromisoformat(data["valid_from"]),
        valid_until=date.fromisoformat(data["valid_until"]),
        figures=figures,
    )


def _figure(name: str, data: Mapping[str, Any]) -> Figure:
    return Figure(
        name=name,
        value=_value(data["value"]),
        valid_from=date.fromisoformat(data["valid_from"]),
        valid_until=date.fromisoformat(data["valid_until"]),
        reference=data["reference"],
        source=data["source"],
        confirmed_by=tuple(data["confirmed_by"]),
        note=data.get("note", ""),
    )


def _value(given: Any) -> Any:
    if isinstance(given, list):
        return tuple(tuple(Decimal(cell) for cell in row) for row in given)
    return Decimal(given)
