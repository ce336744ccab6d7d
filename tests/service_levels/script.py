"""A month of several companies as a script of what people do, drawn from a seed; nobody looks at
the product here, so that the reference can read the same script."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.calendars.holidays import closed_days
from tests.service_levels.reference import PRIORITIES, Agreement, Step, Wish, utc

# October has the night in which Europe's clocks go back.
MONTH = date(2026, 10, 1)
SIGNED_AT = utc(2026, 11, 20, 12)
LAST_STEP = utc(2026, 11, 12)
USUAL = ((540, 750), (810, 1050))
WEEKS = (
    (*(USUAL,) * 5, (), ()),
    (*(((480, 720), (780, 1020)),) * 4, ((480, 780),), (), ()),
    # Open through the night in which the hour comes twice.
    (*(((0, 300), (600, 1200)),) * 5, (), ((60, 240),)),
    (*(((420, 690), (750, 930)),) * 6, ()),
)
PLACES = (
    ("FR", "67", "Europe/Paris"), ("FR", "", "Europe/Paris"), ("DE", "BY", "Europe/Berlin"),
    ("DE", "BB", "Europe/Berlin"), ("FR", "974", "Indian/Reunion"),
    ("FR", "971", "America/Guadeloupe"),
)  # fmt: skip
WORK, SINGLE = "finance", "hr"


@dataclass(frozen=True)
class Script:
    agreement: Agreement
    wishes: tuple[Wish, ...]

    def merged_into(self, place: int) -> list[datetime]:
        return [
            one.raised_at for one in self.wishes
            for step in one.steps if step.verb == "merge" and step.number == place
        ]  # fmt: skip


def write_scripts(seed: int, companies: int, wishes: int) -> list[Script]:
    return [_Writer(random.Random(f"{seed}-{n}"), n).write(wishes) for n in range(companies)]


class _Writer:
    def __init__(self, dice: random.Random, place: int) -> None:
        self.dice = dice
        country, region, zone = PLACES[place % len(PLACES)]
        targets = {}
        for priority in PRIORITIES:
            targets[priority] = (dice.randint(20, 480), dice.randint(60, 3_000))
        self.agreement = Agreement(
            zone=zone, country=country, region=region, week=WEEKS[place % len(WEEKS)],
            half_days={date(2026, 10, dice.randint(1, 31)): ((540, 720),) for _ in range(2)},
            closed=closed_days(country, region, 2026, 2026) | {date(2026, 10, dice.randint(1, 31))},
            targets=targets, third_party_pauses=dice.random() < 0.5,
            rates={one: dice.randint(100, 900) for one in PRIORITIES}, cap=dice.randint(800, 2_500),
            bases={WORK: dice.randint(10_000, 999_999), SINGLE: dice.randint(10_000, 99_999)},
        )  # fmt: skip

    def write(self, count: int) -> Script:
        dice = self.dice
        began = datetime(2026, 10, 1, 0, 1, tzinfo=ZoneInfo(self.agreement.zone))
        starts = sorted(
            began.astimezone(utc(2026, 1, 1).tzinfo) + timedelta(minutes=n)
            for n in dice.sample(range(27 * 24 * 60), count)
        )
        wishes = [Wish(place, SINGLE if dice.random() < 0.2 else WORK, at)
                  for place, at in enumerate(starts)]  # fmt: skip
        joined = self._join(wishes)
        for wish in wishes:
            if wish.place not in joined:
                self._walk(wish, wishes)
        return Script(self.agreement, tuple(wishes))

    def _join(self, wishes: list[Wish]) -> set[int]:
        """Perhaps one that goes on in a later one, before anybody answered there."""
        work = [one for one in wishes if one.line == WORK]
        if len(work) < 2 or self.dice.random() < 0.5:
            return set()
        first, second = work[0], work[1]
        at = second.raised_at + timedelta(minutes=self.dice.randint(3, 20))
        first.steps.append(Step(at, "merge", number=second.place))
        return {first.place}

    def _gap(self) -> timedelta:
        return timedelta(minutes=self.dice.choice((
            self.dice.randint(25, 300), self.dice.randint(25, 300), self.dice.randint(300, 3_600),
        )))  # fmt: skip

    def _walk(self, wish: Wish, wishes: list[Wish]) -> None:
        at, state = wish.raised_at, "scoped" if wish.line == SINGLE else "new"
        paused = delivered = 0
        while state != "end":
            at += self._gap()
            if at > LAST_STEP:
                return
            verb, state, step = self._next(wish, wishes, state, at, bool(paused), bool(delivered))
            paused += verb == "answer"
            delivered += verb == "deliver"
            if verb:
                wish.steps.append(step)
            if verb == "void":
                paused = -1_000

    def _next(self, wish, wishes, state, at, paused, delivered):
        verb, after = self.dice.choice({
            "scoped": [("offer", "offered")],
            "offered": [("accept", "accepted")],
            "accepted": [("take", "work")],
            "new": [("take", "work")] * 4 + [("ask", "asked"), ("write", "written"),
                    ("cancel_client", "end"), ("reject", "end"), ("duplicate", "end")],
            "written": [("take", "work")] * 4 + [("reject", "end"), ("cancel_client", "end")],
            "work": [("deliver", "done")] * 4 + [("ask", "asked")] * 2 + [("wait", "held"),
                     ("hold", "held"), ("late", "work"), ("prio", "work"), ("void", "work"),
                     ("cancel_provider", "end")],
            "asked": [("answer", "work")],
            "held": [("resume", "work")],
            "done": [("reopen", "again"), ("", "end"), ("", "end")],
            "again": [("take", "work")],
        }[state])  # fmt: skip
        others = [
            one.place for one in wishes
            if one.place < wish.place and one.line == wish.line and not self._dropped(one)
        ]  # fmt: skip
        number = self.dice.choice(others) if others and verb == "duplicate" else None
        if verb == "duplicate" and number is None:
            return "", state, None
        if verb in ("prio", "late") and delivered:
            return "", state, None
        if verb == "void" and (not paused or wish.line == SINGLE):
            return "", state, None
        if verb == "reopen" and delivered and self._reopened(wish):
            return "", "end", None
        cut_off = max(wish.raised_at, at - timedelta(minutes=self.dice.randint(30, 2_000)))
        return verb, after, Step(
            at, verb, number=number, until=cut_off if verb == "late" else None,
            priority=self.dice.choice(PRIORITIES) if verb == "prio" else "",
        )  # fmt: skip

    @staticmethod
    def _reopened(wish: Wish) -> bool:
        return any(one.verb == "reopen" for one in wish.steps)

    @staticmethod
    def _dropped(wish: Wish) -> bool:
        """Nothing can be a duplicate of what ended without a result."""
        ended = ("reject", "cancel_client", "cancel_provider", "merge", "duplicate")
        return any(one.verb in ended for one in wish.steps)
