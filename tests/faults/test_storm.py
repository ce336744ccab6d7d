"""The storm itself runs in `make prove`, and seeded in `.ci/run`. Here: that one seed is one storm,
and that its reckoning sees what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.faults.storm.plan import FAULTS, POISON, make_plan
from tests.faults.storm.reckoning import Effect, Facts, Job, Promise, broken

OWNERS = ["ada", "bea", "cid"]
BEGAN = datetime(2027, 3, 28, 0, 20, tzinfo=UTC)
ENDED = datetime(2027, 3, 28, 2, 5, tzinfo=UTC)


def kept() -> Facts:
    """Everything as promised."""
    plan = make_plan(seed=5, jobs=60, seconds=10)
    periods = ["hour 2027-03-28T01:00:00Z", "night 2027-03-28", "hour 2027-03-28T02:00:00Z"]
    jobs, effects, promises, mails = [], [], [], []
    for order in plan.orders:
        owner = OWNERS[order.tenant]
        state, error = ("quarantined", "No.") if order.poison else ("succeeded", "")
        jobs.append(Job(owner, f"storm.{order.verb}", order.tag, state, error))
        effects += [Effect(owner, owner, tag) for tag in order.effects]
        for tag in order.mails:
            promises.append(Promise(owner, f"id-{tag}", f"storm:{tag}", "done"))
            mails.append((f"{owner}@client.example", tag, f"<id-{tag}@coulisse.example>"))
    charged = [(OWNERS[o.tenant], o.tag) for o in plan.orders if o.verb == "charge"]
    told = [(OWNERS[o.tenant], o.tag, f"evt-{o.tag}") for o in plan.orders if o.verb == "announce"]
    for owner in OWNERS:
        jobs.append(Job(owner, "storm.tick", "schedule:ticks:1", "succeeded", ""))
        effects += [Effect(owner, "", tag) for tag in (*periods, "tick")]
    return Facts(
        owners=OWNERS, orders=plan.orders, jobs=jobs, effects=effects, promises=promises,
        mails=mails, charged=charged, told=told, began=BEGAN, now=ENDED,
    )  # fmt: skip


def test_nothing_is_broken_where_all_is_kept() -> None:
    facts = kept()
    facts.mails.append(facts.mails[0])
    facts.told.append(facts.told[0])

    assert broken(facts) == []


def _elsewhere(facts: Facts) -> None:
    one = facts.effects[0]
    facts.effects[0] = replace(one, tenant=next(o for o in OWNERS if o != one.tenant))


def _to_another(facts: Facts) -> None:
    _, subject, number = facts.mails[0]
    facts.mails[0] = ("eve@client.example", subject, number)


def _by_another_number(facts: Facts) -> None:
    to, subject, _ = facts.mails[0]
    facts.mails.append((to, subject, "<another@coulisse.example>"))


def _state(place: int, state: str) -> Callable[[Facts], None]:
    def change(facts: Facts) -> None:
        facts.jobs[place] = replace(facts.jobs[place], state=state)

    return change


def _first(kind: str, facts: Facts) -> int:
    return next(n for n, one in enumerate(facts.orders) if (one.verb in POISON) == (kind == "bad"))


WRONG: dict[str, Callable[[Facts], Any]] = {
    "never added": lambda facts: facts.jobs.pop(0),
    "an effect twice": lambda facts: facts.effects.append(facts.effects[0]),
    "an effect lost": lambda facts: facts.effects.pop(0),
    "in another company": _elsewhere,
    "left behind": lambda facts: _state(_first("good", facts), "running")(facts),
    "quarantined": lambda facts: _state(_first("good", facts), "quarantined")(facts),
    "poison got through": lambda facts: _state(_first("bad", facts), "succeeded")(facts),
    "a tick left behind": _state(-1, "retrying"),
    "a mail never came": lambda facts: facts.mails.pop(0),
    "a mail to another": _to_another,
    "a repeat under another number": _by_another_number,
    "charged twice": lambda facts: facts.charged.append(facts.charged[0]),
    "never charged": lambda facts: facts.charged.pop(),
    "charged to another": lambda facts: facts.charged.append(("eve", facts.charged.pop()[1])),
    "told under another number": lambda facts: facts.told.append((*facts.told[0][:2], "evt-x")),
    "never told": lambda facts: facts.told.pop(),
    "a promise open": lambda facts: facts.promises.append(
        replace(facts.promises.pop(), state="sending")
    ),
    "an hour twice": lambda facts: facts.effects.append(
        Effect("bea", "", "hour 2027-03-28T02:00:00Z")
    ),
    "the night never": lambda facts: facts.effects.remove(
        Effect("bea", "", "night 2027-03-28")
    ),
    "a tick twice": lambda facts: facts.effects.append(Effect("cid", "", "tick")),
    "left in Valkey": lambda facts: setattr(facts, "waiting_in_valkey", 1),
    "did not settle": lambda facts: facts.wrong.append("it did not settle"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_seen(name: str) -> None:
    facts = kept()
    WRONG[name](facts)

    assert broken(facts)


def test_a_seed_is_one_storm() -> None:
    first, again, other = (make_plan(seed=seed, jobs=300, seconds=60) for seed in (7, 7, 8))

    assert first == again
    assert first.faults != other.faults


def test_the_short_form_meets_every_fault_and_poison() -> None:
    plan = make_plan(seed=2, jobs=150, seconds=54)

    assert {fault.kind for fault in plan.faults} == set(FAULTS)
    assert {order.verb for order in plan.orders if order.poison} == set(POISON)
