"""The reference for a month: it reads the script of what people did, not the ledger, and looks at
every minute. Obviously right, slow, and without a line of the clock's own code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
PRIORITIES = ("urgent", "high", "normal", "low")


@dataclass(frozen=True)
class Step:
    """What somebody did; `number` is the place of another request where two are concerned."""

    at: datetime
    verb: str
    number: int | None = None
    until: datetime | None = None
    priority: str = ""


@dataclass
class Wish:
    """A request: when it was raised, and what became of it, in the order of time."""

    place: int
    line: str
    raised_at: datetime
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Agreement:
    """A contract in plain words: hours per weekday in minutes of the day, and so on."""

    zone: str
    country: str
    region: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    half_days: dict[date, tuple[tuple[int, int], ...]]
    closed: frozenset[date]
    targets: dict[str, tuple[int, int]]
    third_party_pauses: bool
    rates: dict[str, int]
    cap: int
    bases: dict[str, int]


@dataclass(frozen=True)
class Judged:
    place: int
    line: str
    clock: str
    run: int
    outcome: str
    reason: str
    severity: str
    minutes: int
    waited: int
    due_at: datetime | None


@dataclass
class Run:
    """Stretches of time, each of a kind: 'counts', 'client', 'others' or 'off'."""

    stretches: list[list[Any]]
    late: list[tuple[datetime, datetime]] = field(default_factory=list)


class Minutes:
    """Which minutes of some months a company is open."""

    def __init__(self, agreement: Agreement, start: datetime, end: datetime) -> None:
        self.start = start
        zone = ZoneInfo(agreement.zone)
        count = (end - start) // MINUTE
        self.open = bytearray(
            _is_open(agreement, (start + MINUTE * n).astimezone(zone)) for n in range(count)
        )

    def __call__(self, at: datetime) -> int:
        return self.open[(at - self.start) // MINUTE]


def _is_open(agreement: Agreement, local: datetime) -> bool:
    day = local.date()
    if day in agreement.closed:
        return False
    periods = agreement.half_days.get(day, agreement.week[day.weekday()])
    return any(begin <= local.hour * 60 + local.minute < end for begin, end in periods)


def judge_wish(
    wish: Wish, merged: list[datetime], agreement: Agreement, minutes: Minutes, month: Any
) -> list[Judged]:
    """`merged` are the starts of requests that were merged into this one."""
    found = [
        *_first_responses(wish, merged, agreement, minutes, month),
        *_resolutions(wish, merged, agreement, minutes, month),
    ]
    return [
        Judged(wish.place, wish.line, clock, run, outcome, reason, priority, used, waited, due)
        for clock, run, outcome, reason, priority, used, waited, due in found
    ]


def _priority(wish, end):
    """What it was when this step ended a clock."""
    before = wish.steps[: wish.steps.index(end) + 1]
    return next((one.priority for one in reversed(before) if one.priority), "normal")


ANSWERS = ("write", "take", "ask", "offer", "reject")
ENDS = {"cancel_client": "cancelled_by_client", "duplicate": "duplicate", "merge": "merged"}


def _first_responses(wish, merged, agreement, minutes, month):
    start, run = min([wish.raised_at, *merged]), 1
    for step in wish.steps:
        if step.verb == "reopen":
            start, run = step.at, run + 1
        if start is None or step.verb not in (*ANSWERS, *ENDS):
            continue
        if month[0] <= step.at < month[1]:
            priority = _priority(wish, step)
            target, _ = agreement.targets[priority]
            used, due, missed = _walk([(start, step.at, "counts")], target, [], minutes)
            if step.verb in ENDS:
                yield "first_response", run, "excluded", ENDS[step.verb], priority, used, 0, due
            else:
                outcome = "breached" if missed else "met"
                yield "first_response", run, outcome, "", priority, used, 0, due
        start = None


KINDS = {"ask": "client", "answer": "counts", "wait": "others", "resume": "counts",
         "hold": "counts", "offer": "off", "reopen": "counts"}  # fmt: skip
STOPS = {"deliver": "", "cancel_provider": "cancelled_by_provider", "reject": "rejected", **ENDS}
OURS = ("cancel_provider", "reject")


class _Tale:
    """The resolution clock of one wish, told step by step."""

    def __init__(self, start, agreement, month):
        self.agreement, self.month = agreement, month
        self.run, self.found = 1, {}
        self.stretches = [[start, None, "counts"]]
        self.late, self.voided = [], []

    def tell(self, step):
        if step.verb == "accept":
            self.stretches[-1][1] = step.at
            self.note(step, "out_of_scope")
            self.stretches, self.late, self.run = [[step.at, None, "counts"]], [], self.run + 1
        elif step.verb in KINDS:
            self.turn(step)
        elif step.verb == "late":
            self.late.append((step.until, step.at))
        elif step.verb == "void":
            pauses = [one for one in self.stretches if one[2] == "client"]
            self.voided.append(pauses[-1][:2])
        elif step.verb in STOPS:
            self.stretches[-1][1] = step.at
            self.note(step, STOPS[step.verb], ours=step.verb in OURS)

    def turn(self, step):
        if self.stretches[-1][1] is None:
            self.stretches[-1][1] = step.at
        kind = KINDS[step.verb]
        if kind == "others" and not self.agreement.third_party_pauses:
            kind = "counts"
        self.stretches.append([step.at, None, kind])

    def note(self, step, reason, ours=False):
        if self.month[0] <= step.at < self.month[1]:
            parts = [list(one) for one in self.stretches]
            self.found[self.run] = (parts, list(self.late), reason, ours, step)


def _resolutions(wish, merged, agreement, minutes, month):
    """Of each run the last end in the month; a run whose offer was accepted began anew."""
    tale = _Tale(min([wish.raised_at, *merged]), agreement, month)
    for step in wish.steps:
        tale.tell(step)
    for run, (parts, late, reason, ours, end) in sorted(tale.found.items()):
        priority = _priority(wish, end)
        _, target = agreement.targets[priority]
        counted = [(a, b, "counts" if [a, b] in tale.voided else kind) for a, b, kind in parts]
        used, due, missed = _walk(counted, target, late, minutes)
        waited = sum(_open_minutes(a, b, minutes) for a, b, kind in counted
                     if kind in ("client", "off"))  # fmt: skip
        if reason and not (missed and ours):
            outcome = "excluded"
        else:
            outcome = "breached" if missed else "met"
        yield "resolution", run, outcome, reason, priority, used, waited, due


def _open_minutes(start, end, minutes):
    count, at = 0, start
    while at < end:
        count += minutes(at)
        at += MINUTE
    return count


def _walk(stretches, target, late, minutes):
    """Minutes used, when the clock showed its target, whether it ran on after that. An input that
    came late gives as many minutes more as the clock ran while it was missing."""
    wanted = target + sum(
        minutes(at)
        for cut_off, came_at in late
        for at in _counting(stretches)
        if cut_off <= at < came_at
    )
    used, due, missed = 0, None, False
    for at in _counting(stretches):
        if due is not None:
            missed = True
        used += minutes(at)
        if due is None and used == wanted:
            due = at + MINUTE
    return used, due, missed


def _counting(stretches):
    for start, end, kind in stretches:
        at = start
        while kind == "counts" and at < end:
            yield at
            at += MINUTE


def credit(judged: list[Judged], agreement: Agreement, line: str) -> int:
    share = Decimal(0)
    for one in judged:
        if one.line == line and one.outcome == "breached":
            share += Decimal(agreement.rates.get(one.severity, 0)) / 10_000
    share = min(share, Decimal(agreement.cap) / 10_000)
    return int((agreement.bases[line] * share).quantize(Decimal(1), ROUND_HALF_UP))


def rank(values: list[int], share: Decimal) -> int | None:
    ascending = sorted(values)
    for one in ascending:
        if Decimal(sum(two <= one for two in ascending)) >= share * len(ascending):
            return one
    return None


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
