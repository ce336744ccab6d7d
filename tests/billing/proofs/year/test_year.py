"""A year of fifty companies (three months of six in the short form): they join, try, pay late, change
plans and leave; Stripe, our mirror and a ledger that counts by itself agree to the unit and the
cent."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.billing.proofs.year.conftest import Played
from tests.billing.proofs.year.play import Facts
from tests.billing.proofs.year.reckoning import reckon


def test_ledger_stripe_and_mirror_agree(played: Played) -> None:
    found = reckon(played.script, played.facts)
    assert not found, "\n".join(found[:40])
    assert played.house.failed == []


def test_the_year_had_something_of_each(played: Played) -> None:
    seen = {state for one in played.facts.values() for state, _ in one.access.values()}
    assert {"active", "trialing", "grace", "suspended", "cancelled"} <= seen
    told = {name for one in played.facts.values() for name in one.mails}
    assert {"trial_ends", "payment_late_0", "payment_late_12", "suspended", "resumed"} <= told


def _hour(facts: Facts, factor: int) -> None:
    key = next(iter(facts.at_stripe))
    facts.at_stripe[key] *= factor


def _moved(facts: Facts) -> None:
    facts.begins[0] += timedelta(days=1)


def _dearer(facts: Facts) -> None:
    """A tenth of a cent more for each unit, on the line with most of them."""
    place, name = max(
        ((place, name) for place, one in enumerate(facts.invoices) for name in one.lines),
        key=lambda at: facts.invoices[at[0]].lines[at[1]][0],
    )
    one = facts.invoices[place]
    units, amount = one.lines[name]
    lines = one.lines | {name: (units, amount + round(units / 10))}
    facts.invoices[place] = replace(one, lines=lines)


def _again(facts: Facts) -> None:
    facts.letters += 1


def _second(facts: Facts) -> None:
    facts.live += 1


def _invoice_twice(facts: Facts) -> None:
    facts.mirror.append(facts.mirror[-1])


def _unpaid(facts: Facts) -> None:
    facts.invoices[-1] = replace(facts.invoices[-1], status="open")


def _open_door(facts: Facts) -> None:
    noon = next(noon for noon, (state, _) in facts.access.items() if state == "suspended")
    facts.access[noon] = ("grace", False)


SABOTAGES: dict[str, tuple[Callable[[Facts], None], str]] = {
    "an hour twice": (lambda facts: _hour(facts, 2), "Stripe holds"),
    "an hour lost": (lambda facts: _hour(facts, 0), "Stripe holds 0"),
    "a moved anchor": (_moved, "a period begins on"),
    "a tenth of a cent": (_dearer, "charges"),
    "a mail twice": (_again, "mails, not"),
    "a second subscription": (_second, "2 live subscriptions"),
    "an invoice twice": (_invoice_twice, "the mirror has"),
    "a payment lost": (_unpaid, "is open"),
    "a day too long": (_open_door, "it was ('grace', False)"),
}


@pytest.mark.parametrize("what", SABOTAGES)
def test_what_is_wrong_is_seen(played: Played, what: str) -> None:
    spoil, words = SABOTAGES[what]
    facts = copy.deepcopy(played.facts)
    spoil(facts[0])
    found = reckon(played.script, facts)
    assert any(words in one for one in found), found
