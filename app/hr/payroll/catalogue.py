"""The lines a French payslip can have: data/fr_lines.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of line. `kind` says which total it enters: earning, contribution, deduction, tax or
    payment. `rule` is the file that computes it, `parameters` the figures it uses; `expense` and
    `liability` are accounts, `body` is who collects."""

    code: str
    kind: str
    group: str
    rule: str
    label: Mapping[str, str]
    expense: str
    liability: str
    body: str
    # where it stands on the payslip
    place: int
    parameters: tuple[str, ...] = ()


@cache
def kinds() -> Mapping[str, Kind]:
    order = list(groups())
    lines = sorted(_read()["lines"], key=lambda one: order.index(one["group"]))
    made = (
        Kind(**{**one, "place": place, "parameters": tuple(one.get("parameters", ()))})
        for place, one in enumerate(lines)
    )
    return {one.code: one for one in made}


@cache
def groups() -> Mapping[str, Mapping[str, str]]:
    """The groups of the payslip model of 2027 in its order, with their labels."""
    return {one["code"]: one["label"] for one in _read()["groups"]}


def _read() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((DATA / "fr_lines.json").read_text())
    return found
