"""First-pass yield, rework and findings: counted in one cube, added up by whatever is asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """`first_pass` are those of `delivered` without a finding, a refusal or a reopening; `checked`
    those that a second person looked at. Minutes are of all time, whoever's."""

    delivered: int = 0
    first_pass: int = 0
    checked: int = 0
    minutes: int = 0
    rework: int = 0
    findings: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)

    @property
    def corrected(self) -> int:
        return self.delivered - self.first_pass

    @property
    def first_pass_yield(self) -> float | None:
        return self.first_pass / self.delivered if self.delivered else None

    @property
    def checked_share(self) -> float | None:
        return self.checked / self.delivered if self.delivered else None

    @property
    def rework_share(self) -> float | None:
        return self.rework / self.minutes if self.minutes > 0 else None


@dataclass(frozen=True, slots=True)
class Cube:
    """Rows with `tenant_id`, `line` and `user_id`, each with its own counts."""

    delivered: Iterable[Any]
    time: Iterable[Any]
    findings: Iterable[Any]


COLUMN = {"operator": "user_id", "line": "line", "client": "tenant_id"}


def add_up(cube: Cube, *, by: str) -> tuple[Tally, Mapping[Any, Tally]]:
    """The whole, and its parts by what a column of the rows says."""
    total, parts = Tally(), defaultdict[Any, Tally](Tally)
    column = COLUMN[by]
    for row in cube.delivered:
        for one in (total, parts[getattr(row, column)]):
            one.delivered += row.delivered
            one.first_pass += row.first_pass
            one.checked += row.checked
    for row in cube.time:
        for one in (total, parts[getattr(row, column)]):
            one.minutes += row.minutes
            one.rework += row.rework
    for row in cube.findings:
        for one in (total, parts[getattr(row, column)]):
            one.findings += row.findings
            one.kinds[row.kind] += row.findings
            one.severities[row.severity] += row.findings
    return total, dict(parts)
