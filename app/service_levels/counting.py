"""A month as it counts now, from the ledgers or from what was signed."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from app.service_levels.agreed import Agreements
from app.service_levels.judging import BREACHED, Outcome, Run, judge
from app.service_levels.models import SlaOutcome
from app.service_levels.months import Month
from app.service_levels.queries import counted_before, list_cases


class Judged(Protocol):
    @property
    def outcome(self) -> str: ...
    @property
    def severity(self) -> str: ...


class Revised(Protocol):
    @property
    def revision(self) -> int: ...


Row = TypeVar("Row", bound=Revised)


def count(
    span: Month, agreements: Agreements, *, lines: Collection[str] | None = None
) -> list[Outcome]:
    counted = counted_before(month=span.first)
    cases = list_cases(start=span.start, end=span.end)
    found = (
        one
        for case in cases
        for one in judge(case, span, agreements.at, counted)
        if lines is None or one.line in lines
    )
    return sorted(found, key=lambda one: (one.line, one.number, one.clock, one.run))


def severities(outcomes: Iterable[Judged]) -> list[str]:
    """One for each missed clock."""
    return [one.severity for one in outcomes if one.outcome == BREACHED]


def holding(rows: Iterable[SlaOutcome]) -> list[SlaOutcome]:
    """Of each run of a month the highest revision."""
    found: dict[tuple[object, Run], SlaOutcome] = {}
    for row in sorted(rows, key=lambda one: one.revision):
        found[row.month, row.key] = row
    return list(found.values())
