"""The formula of a credit: its bounds, its rounding, and that order doesn't matter."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contracts.terms import CreditRules
from app.service_levels.credits import credit_of, half_up
from app.service_levels.figures import ranked

PRIORITIES = ("urgent", "high", "normal", "low")
RATES = st.dictionaries(st.sampled_from(PRIORITIES), st.integers(0, 10_000))
RULES = st.builds(CreditRules, st.integers(0, 10_000), RATES)
BREACHES = st.lists(st.sampled_from(PRIORITIES), max_size=40)
BASES = st.integers(0, 10**12)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(BREACHES, BASES, RULES)
def test_it_is_never_above_the_cap_and_never_below_nothing(breaches, base, rules):
    credit = credit_of(breaches, base=base, rules=rules)
    assert 0 <= credit.amount <= half_up(base * rules.cap, 10_000) <= base
    assert credit.breaches == len(breaches)


@unhurried
@given(BREACHES, st.sampled_from(PRIORITIES), BASES, RULES)
def test_another_breach_never_takes_away(breaches, more, base, rules):
    before = credit_of(breaches, base=base, rules=rules).amount
    assert credit_of([*breaches, more], base=base, rules=rules).amount >= before


@unhurried
@given(BREACHES.flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))), BASES, RULES)
def test_the_order_of_breaches_does_not_matter(both, base, rules):
    one, other = both
    assert credit_of(one, base=base, rules=rules) == credit_of(other, base=base, rules=rules)


@unhurried
@given(BREACHES, BASES, RULES)
def test_it_is_what_decimals_give_rounded_half_up(breaches, base, rules):
    share = min(Decimal(rules.cap), sum((Decimal(rules.rates.get(b, 0)) for b in breaches),
                                        Decimal(0)))  # fmt: skip
    wanted = (Decimal(base) * share / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    assert credit_of(breaches, base=base, rules=rules).amount == int(wanted)


@unhurried
@given(st.lists(st.integers(0, 1000), min_size=1), st.integers(1, 100))
def test_a_rank_is_a_value_that_so_many_do_not_exceed(values, percent):
    found = ranked(sorted(values), percent)
    assert sum(one <= found for one in values) * 100 >= percent * len(values)
    assert sum(one < found for one in values) * 100 < percent * len(values)
