"""What is ordered and what goes wrong, in which order: all of it follows from the seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from tests.faults import points

TENANTS = 3
# with the share of each
GOOD = {"act": 48, "walk": 18, "split": 6, "stumble": 12, "charge": 9, "announce": 7}
POISON = ("raises", "loops", "hangs", "allocates", "dies", "talks")
FAULTS = (
    "kill_worker", "kill_worker", "kill_supervisor", "kill_leader", "kill_other_dispatcher",
    "kill_entry", "freeze_worker", "freeze_leader", "stop_worker", "flush_valkey", "valkey_away",
    "kill_valkey", "crash_postgres", "drop_connections", "mail_away", "mail_confused",
    "stripe_away", "stripe_confused",
    "hour_ahead", "hour_ahead", "hour_back", "forge",
    *(f"point:{name}" for name in points.ALL),
)  # fmt: skip


@dataclass(frozen=True)
class Order:
    number: int
    tenant: int
    verb: str
    args: dict[str, Any]
    max_attempts: int = 30

    @property
    def tag(self) -> str:
        return f"order-{self.number}"

    @property
    def poison(self) -> bool:
        return self.verb in POISON

    @property
    def effects(self) -> list[str]:
        if self.poison:
            return []
        return [self.tag, *(f"{self.tag}/{part}" for part in range(self.args.get("parts", 0)))]

    @property
    def mails(self) -> list[str]:
        if self.verb in ("charge", "announce"):
            return []
        return self.effects if self.verb == "split" else self.effects[:1]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "tag": self.tag}


@dataclass(frozen=True)
class Fault:
    """After `pause` seconds; `which` chooses among what there is, `seconds` is how long it lasts."""

    kind: str
    pause: float
    which: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    orders: tuple[Order, ...]
    faults: tuple[Fault, ...]


def make_plan(*, seed: int, jobs: int, seconds: float, faults: Sequence[str] = FAULTS) -> Plan:
    chance = Random(seed)
    return Plan(tuple(_orders(chance, jobs)), tuple(_faults(chance, seconds, faults)))


def _orders(chance: Random, count: int) -> list[Order]:
    """Parts of a divided job count as jobs; each kind of poison comes at least once."""
    poison = list(POISON) * max(1, count // 250)
    verbs, left = [], count - len(poison)
    while left > 0:
        verb = chance.choices(list(GOOD), list(GOOD.values()))[0]
        verb = verb if left > 4 else "act"
        verbs.append(verb)
        left -= 4 if verb == "split" else 1
    verbs += poison
    chance.shuffle(verbs)
    parts = {"walk": 5, "split": 3}
    return [
        Order(
            number, chance.randrange(TENANTS), verb, {"parts": parts[verb]} if verb in parts else {},
            max_attempts=2 if verb in POISON else 30,
        )
        for number, verb in enumerate(verbs)
    ]  # fmt: skip


def _faults(chance: Random, seconds: float, kinds: Sequence[str]) -> list[Fault]:
    """Every kind comes before any comes again as often as it stands in the table."""
    found: list[Fault] = []
    spent = 0.0
    deck: list[str] = []
    while spent < seconds:
        if not deck:
            deck = list(kinds)
            chance.shuffle(deck)
        pause = round(chance.uniform(0.2, 2.4), 2)
        lasts = round(chance.uniform(0.5, 2.5), 2)
        found.append(Fault(deck.pop(), pause, chance.randrange(1000), lasts))
        spent += pause
    return found


def counted(orders: tuple[Order, ...]) -> Counter[str]:
    return Counter(order.verb for order in orders)
