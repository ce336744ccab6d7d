"""What must be there in the end, worked out from the script alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tests.quarter.days import DAY
from tests.quarter.due import due_days, wall_of
from tests.quarter.script import Change, Firm, Repeat, Script

# What becomes of each kind of mail: on a request, as a new one, or waiting with a reason.
LANDS = {"reply": "message", "colleague": "message", "signed": "request"}
WAITS: Mapping[str, str] = {
    "unproven": "not_proven", "foreign_results": "not_proven", "dmarc_failed": "forged",
    "stranger": "unknown_sender", "automatic": "automatic", "loop": "loop", "bounce": "bounce",
    "bad_token": "bad_token", "other_sender": "other_sender", "no_line": "no_line",
}  # fmt: skip
# After one with findings so many more of the same person and kind are all checked.
ALL_CHECKED = 5
RATES = {"always": 100, "sampled": 20, "never": 0}


@dataclass(frozen=True)
class Expected:
    """`raised` None: either will do, somebody changed it on that very day. `by_hand` has no day."""

    due: date
    raised: bool | None
    on: date | None = None


def expected_of(script: Script, repeat: Repeat) -> list[Expected]:
    firm = script.firms[repeat.firm]
    last = script.last + 40 * DAY
    found = [
        _expected(script, firm, repeat, due)
        for due in due_days(repeat, firm, max(repeat.begun, repeat.starts_on), last)
        if repeat.ends_on is None or due <= repeat.ends_on
    ]
    return [one for one in found if one.on and one.on <= script.last] + _made_up(repeat, firm)


def _expected(script: Script, firm: Firm, repeat: Repeat, due: date) -> Expected:
    wanted = wall_of(firm).step(due, -repeat.lead) if repeat.lead else due
    on = _lit(script, max(wanted, repeat.begun))
    raised: bool | None = True
    for change in repeat.changes:
        raised = _after(change, repeat, due, on, raised)
    return Expected(due, raised, on)


def _lit(script: Script, day: date) -> date:
    """The first day from this one on which somebody dispatches."""
    while day in script.dark:
        day += DAY
    return day


def _after(
    change: Change, repeat: Repeat, due: date, on: date, raised: bool | None
) -> bool | None:  # fmt: skip
    if change.kind == "skip":
        return False if due == change.first else raised
    if change.kind == "end":
        return None if on == change.on else raised and on < change.on
    if change.kind == "pause":
        assert change.first is not None
        last = change.last or _gone_on(repeat)
        if due == last and change.last is None:
            return None
        return False if change.first <= due <= last else raised
    return raised


def _gone_on(repeat: Repeat) -> date:
    return next(one.on for one in repeat.changes if one.kind == "go_on")


def _made_up(repeat: Repeat, firm: Firm) -> list[Expected]:
    """Every second one of the time that was asked for."""
    found = []
    for change in repeat.changes:
        if change.kind == "backfill":
            assert change.first is not None
            assert change.last is not None
            days = sorted(due_days(repeat, firm, change.first, change.last))
            found += [Expected(day, True, change.on) for day in days[::2]]
    return found


@dataclass
class Rates:
    """How much of whose work of which kind is checked, as it follows from what was found."""

    left: dict[tuple[int, str], int]
    found: set[tuple[int, int]]
    open: set[tuple[int, int]]

    @classmethod
    def begin(cls) -> Rates:
        return cls({}, set(), set())

    def now(self, hand: int, item: str, policy: str, request: tuple[int, int]) -> tuple[int, str]:
        if policy == "always":
            return 100, "always"
        if request in self.open:
            return 100, "returned"
        if self.left.get((hand, item)) and RATES[policy]:
            return 100, "raised"
        return RATES[policy], "kind"

    def returned(self, hand: int, item: str, request: tuple[int, int]) -> None:
        self.left[hand, item] = ALL_CHECKED
        self.found.add(request)
        self.open.add(request)

    def passed(self, hand: int, item: str, request: tuple[int, int]) -> None:
        self.open.discard(request)
        left = self.left.get((hand, item), 0)
        if left and request not in self.found:
            self.left[hand, item] = left - 1
