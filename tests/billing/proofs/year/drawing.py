"""Who joins when, what they use, pay late, change and leave: drawn from a seed, known before anything
runs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(days=1)
PLANS = ("essential", "standard", "extended")
# Whole days after the turn of a month until somebody pays what the card did not.
LATE = (2, 5, 9, 16)
METERS = ("operator_minutes", "statement_lines", "payslips", "invoices_issued", "orders_handled",
          "deliveries")  # fmt: skip
MOST = {"operator_minutes": 240, "statement_lines": 900, "payslips": 12, "invoices_issued": 60,
        "orders_handled": 80, "deliveries": 70}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """`at` is the noon on which it is recorded; it happened in the hours before, or in the month
    before where it is `late`."""

    at: datetime
    meter: str
    quantity: int
    hours: int
    late: bool = False


@dataclass
class Firm:
    """`joins` at a noon; `late` are turns of months and after how many days they are paid; `plans`
    the plan from each turn on; `leaves` the noon on which they say so."""

    number: int
    country: str
    by_trial: bool
    joins: datetime
    plans: dict[datetime, str] = field(default_factory=dict)
    late: dict[datetime, int] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    leaves: datetime | None = None

    @property
    def trial_ends(self) -> datetime | None:
        return turn_after(self.joins + 14 * DAY) if self.by_trial else None

    @property
    def ends(self) -> datetime | None:
        return turn_after(self.leaves) if self.leaves else None


@dataclass(frozen=True)
class Script:
    begins: datetime
    days: int
    firms: list[Firm]

    @property
    def noons(self) -> list[datetime]:
        return [self.begins + n * DAY for n in range(self.days)]


def turn_after(moment: datetime) -> datetime:
    """The first of the next month, 00:00 UTC."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + 32 * DAY).replace(day=1)


def draw(seed: int, *, begins: datetime, firms: int, months: int, busy: float) -> Script:
    """`begins` is a noon on the second of a month, `months` are whole ones after it; `busy` is how
    probable it is that a meter is used on a day."""
    dice = random.Random(seed)
    end = begins
    for _ in range(months):
        end = turn_after(end)
    days = (end - begins).days + 3
    script = Script(begins, days, [_firm(dice, n, begins, end, busy) for n in range(firms)])
    # Something of each at least, also where few are drawn.
    first = script.firms[0]
    first.late = {turn_after(first.trial_ends or first.joins): 16}
    first.leaves = None
    return script


def _firm(dice: random.Random, number: int, begins: datetime, end: datetime, busy: float) -> Firm:
    span = max(1, (end - begins).days // 2)
    joins = begins + dice.randrange(min(span, 24) if number % 3 else 4) * DAY
    firm = Firm(number, dice.choice(["FR", "DE"]), number % 3 == 1, joins)
    plan, turn = dice.choice(PLANS), joins
    firm.plans[joins] = plan
    paid_from = firm.trial_ends or joins
    if number % 3 == 2 or dice.random() < 0.2:
        month = dice.randrange(2)
        turn = paid_from
        for _ in range(month):
            turn = turn_after(turn)
        firm.leaves = turn.replace(hour=12) + dice.randrange(3, 20) * DAY
        if firm.leaves >= end:
            firm.leaves = None
    turn = turn_after(paid_from)
    while turn < end and turn < (firm.ends or end):
        if dice.random() < 0.25:
            firm.late[turn] = dice.choice(LATE)
        elif dice.random() < 0.3:
            plan = dice.choice([one for one in PLANS if one != plan])
            firm.plans[turn] = plan
        turn = turn_after(turn)
    _use(dice, firm, end, busy)
    return firm


def _use(dice: random.Random, firm: Firm, end: datetime, busy: float) -> None:
    noon = firm.joins + DAY
    while noon < min(end, firm.ends or end):
        for meter in METERS:
            if dice.random() < busy:
                late = noon.day == 3 and noon - 5 * DAY > (firm.trial_ends or firm.joins)
                quantity = dice.randint(1, MOST[meter])
                firm.uses.append(Use(noon, meter, quantity, dice.randrange(5), late))
        noon += DAY
