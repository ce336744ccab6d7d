"""A script drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from tests.quarter.days import DAY
from tests.quarter.due import due_days
from tests.quarter.script import (
    GATED,
    ITEM,
    LINES,
    Absence,
    Asked,
    Change,
    Firm,
    Grant,
    Hand,
    Letter,
    Order,
    Repeat,
    Script,
    at,
)

PLACES = (
    ("FR", "", "Europe/Paris"), ("DE", "BY", "Europe/Berlin"), ("FR", "974", "Indian/Reunion"),
    ("DE", "SN", "Europe/Berlin"), ("FR", "971", "America/Guadeloupe"),
    ("FR", "67", "Europe/Paris"), ("DE", "BB", "Europe/Berlin"),
)  # fmt: skip
GOOD = ("reply", "colleague", "signed")
BAD = (
    "unproven", "foreign_results", "dmarc_failed", "stranger", "automatic", "loop", "bounce",
    "bad_token", "other_sender", "no_line",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """`letters` and `asked` are for each company and week."""

    firms: int
    hands: int
    first: date
    weeks: int
    letters: int
    asked: int
    repeats: int

    @property
    def last(self) -> date:
        return self.first + self.weeks * 7 * DAY - DAY


# All of the night in which Europe's clocks change, of a month's end and of holidays in both.
SHORT = Size(firms=4, hands=7, first=date(2026, 10, 12), weeks=5, letters=2, asked=1, repeats=4)
QUARTER = Size(firms=20, hands=10, first=date(2026, 9, 28), weeks=13, letters=3, asked=2, repeats=6)
SMALL = Size(firms=2, hands=6, first=date(2026, 10, 19), weeks=2, letters=6, asked=2, repeats=3)


def draw(seed: int, size: Size) -> Script:
    script = Script(seed=seed, first=size.first, last=size.last)
    dice = random.Random(f"{seed}-quarter")
    _people(script, size, dice)
    for place in range(size.firms):
        _firm(script, size, place, random.Random(f"{seed}-firm-{place}"))
    _weather(script, dice)
    _away(script, dice)
    return script


def _people(script: Script, size: Size, dice: random.Random) -> None:
    """An administrator, two supervisors, then those who work; one of these leaves."""
    leaver = size.hands - 1
    middle = size.first + (size.weeks * 7 // 2 + dice.randint(0, 4)) * DAY
    for place in range(size.hands):
        role = "operator" if place > 2 else "supervisor" if place else "provider_admin"
        leaves = middle if place == leaver else None
        script.hands.append(Hand(place, role, skilled=place % 2 == 0, leaves=leaves))


def _firm(script: Script, size: Size, place: int, dice: random.Random) -> None:
    country, region, zone = PLACES[place % len(PLACES)]
    late = place == size.firms - 1
    joins = size.first + (size.weeks * 7 * 2 // 5) * DAY if late else size.first
    closed = {size.first + dice.randint(3, size.weeks * 7 - 2) * DAY for _ in range(2)}
    firm = Firm(place, country, region, zone, frozenset(closed), place % 5 == 3, joins)
    script.firms.append(firm)
    _access(script, size, firm, dice)
    for key in range(size.repeats):
        _repeat(script, firm, key, dice)
    if late:
        _backfilled(script, firm)
    weeks = range((script.last - joins).days // 7 + 1)
    for week in weeks:
        for _ in range(size.letters):
            _letter(script, firm, joins + week * 7 * DAY, dice)
        for _ in range(size.asked):
            day = min(joins + (week * 7 + dice.randint(0, 6)) * DAY, script.last)
            item = dice.choice((*ITEM.values(), GATED))
            script.asked.append(Asked(place, day, item))


def _access(script: Script, size: Size, firm: Firm, dice: random.Random) -> None:
    workers = [one.place for one in script.hands if one.role == "operator"]
    team = dice.sample(workers, min(4, len(workers)))
    for boss in (one.place for one in script.hands if one.role == "supervisor"):
        script.grants += [Grant(firm.place, boss, line, "review", firm.joins) for line in LINES]
    changes = firm.joins + dice.randint(8, 11) * DAY
    for line in LINES:
        first, second, third, *_ = dice.sample(team, len(team))
        ends = changes if line == "finance" and firm.place % 3 == 0 else None
        script.grants.append(Grant(firm.place, first, line, "work", firm.joins, ends))
        script.grants.append(Grant(firm.place, second, line, "work", firm.joins))
        script.grants.append(Grant(firm.place, third, line, "work", ends or firm.joins + DAY))
        if line == "finance":
            script.orders.append(Order(firm.place, line, operator=first, deputy=second))
        elif line == "sales":
            able = any(script.hands[one].skilled for one in (first, second))
            skill = "quotes" if firm.place % 2 and able else ""
            script.orders.append(Order(firm.place, line, by_load=True, skill=skill))


def _rules(firm: Firm, key: int, dice: random.Random) -> dict[str, Any]:
    code = "fr.dsn_15" if firm.country == "FR" else "de.ustva_month"
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "week_day", "nth": dice.randint(1, 7),
         "shift": dice.choice(("before", "after", "skip", "none"))},
        {"kind": "business_day", "unit": "month", "nth": dice.choice((1, 3, 10, -1, -2))},
        {"kind": "deadline", "code": code, "shift": "before", "offset": dice.choice((-3, -1, 2))},
        {"kind": "rrule", "text": dice.choice((
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;INTERVAL=10",
        )), "shift": dice.choice(("none", "after"))},
        {"kind": "month_day", "unit": "month", "nth": dice.choice((1, 15, 25, 31)),
         "shift": dice.choice(("before", "after"))},
        {"kind": "week_day", "nth": dice.randint(1, 5), "shift": "skip"},
    )  # fmt: skip
    return kinds[(key + firm.place) % len(kinds)]


def _repeat(script: Script, firm: Firm, key: int, dice: random.Random) -> None:
    begun = firm.joins + (0 if key < 2 else dice.randint(0, 9)) * DAY
    line = LINES[(key + firm.place) % 3]
    rule = _rules(firm, key, dice)
    workers = [one.hand for one in script.grants
               if (one.firm, one.line, one.level) == (firm.place, line, "work")
               and one.since <= begun]  # fmt: skip
    ends = begun + dice.randint(10, 30) * DAY if dice.random() < 0.15 else None
    repeat = Repeat(
        firm.place, f"R{key} of {firm.place}", line, rule, begun,
        starts_on=begun - dice.choice((0, 40)) * DAY if rule["kind"] != "rrule" else begun,
        ends_on=ends, lead=dice.choice((0, 0, 2, 5)),
        assignee=workers[0] if workers and dice.random() < 0.4 else None,
        asks=dice.random() < 0.3, twins=2 if key == 1 and firm.place % 4 == 0 else 1,
    )  # fmt: skip
    if ends and not due_days(repeat, firm, begun, ends):
        repeat = replace(repeat, ends_on=None)
    script.repeats.append(_changed(script, firm, repeat, dice) if repeat.twins == 1 else repeat)


def _changed(script: Script, firm: Firm, repeat: Repeat, dice: random.Random) -> Repeat:
    due = due_days(repeat, firm, repeat.begun + 2 * DAY, repeat.ends_on or script.last)
    fate = dice.choice(("", "", "pause", "pause_until", "skip", "end"))
    if not due or not fate:
        return repeat
    if fate == "skip":
        one = due[len(due) // 2]
        changes = [Change("skip", max(repeat.begun, one - 14 * DAY), first=one)]
    elif fate == "end":
        changes = [Change("end", due[len(due) // 2] + DAY)]
    else:
        first = due[0] - DAY
        if fate == "pause":
            changes = [Change("pause", first, first), Change("go_on", first + 9 * DAY)]
        else:
            changes = [Change("pause", first, first, first + 12 * DAY)]
    # What is raised days ahead of a pause could be read in two ways.
    lead = 0 if changes[0].kind == "pause" else repeat.lead
    return replace(repeat, lead=lead, changes=tuple(changes))


def _backfilled(script: Script, firm: Firm) -> None:
    """Whoever joins late has the weeks before made up for."""
    back = firm.joins - 28 * DAY
    script.repeats.append(
        Repeat(firm.place, "Backfilled", "finance", {"kind": "week_day", "nth": 2}, firm.joins, back,
               changes=(Change("backfill", firm.joins + DAY, back, firm.joins - DAY),))
    )  # fmt: skip


def _letter(script: Script, firm: Firm, week: date, dice: random.Random) -> None:
    day = min(week + dice.randint(0, 6) * DAY, script.last)
    moment = at(day, time(10)) + timedelta(minutes=dice.randint(0, 290))
    kind = dice.choice(GOOD) if dice.random() < 0.5 else dice.choice(BAD)
    twice = dice.choice(("", "", "same", "received"))
    number = len(script.letters) + 1
    script.letters.append(Letter(number, firm.place, moment, kind, dice.choice(LINES), twice))


def _weather(script: Script, dice: random.Random) -> None:
    """Never without anybody for longer than three days, and not on the last two."""
    days = script.days[2:-4]
    for day in dice.sample(days, max(1, len(days) // 30)):
        script.dark |= {day + n * DAY for n in range(dice.randint(1, 3))}
    script.early = {day for day in script.days if dice.random() < 0.4}
    script.twin = {day for day in script.days if dice.random() < 0.25} - script.dark
    script.cut_off = set(dice.sample(script.days, max(1, len(days) // 10)))


def _away(script: Script, dice: random.Random) -> None:
    weeks = (script.last - script.first).days // 7
    for hand in script.hands:
        if hand.role != "operator":
            continue
        day = script.first + dice.randint(2, 10) * DAY
        for _ in range(max(1, weeks // 5)):
            last = day + dice.choice((0, 1, 4, 9)) * DAY
            halves = (dice.random() < 0.3, dice.random() < 0.3 and last > day)
            entered = max(script.first, day - dice.choice((0, 3)) * DAY)
            script.absences.append(Absence(hand.place, entered, day, last, *halves))
            day = last + dice.randint(8, 30) * DAY
            if day > script.last:
                break
