"""Rates and draws as pure rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.lines import LINES
from app.service_requests.checking.drawing import (
    DEFAULTS,
    REASONS,
    SLIPS,
    is_drawn,
    rate_of,
    slip_of,
)
from app.service_requests.checking.kinds import KINDS, MARKS, SEVERITIES, kinds_of
from tenants.core.crypto import KeyRing

percents = st.integers(0, 100)
slips = st.integers(0, SLIPS - 1)


@given(slips)
def test_nothing_is_drawn_at_zero_and_everything_at_a_hundred(slip: int) -> None:
    assert not is_drawn(slip, 0)
    assert is_drawn(slip, 100)


@given(slips, percents, percents)
def test_a_higher_rate_draws_whatever_a_lower_one_draws(slip: int, one: int, two: int) -> None:
    low, high = sorted((one, two))
    assert is_drawn(slip, high) or not is_drawn(slip, low)


@given(percents)
def test_the_share_of_slips_is_the_rate(percent: int) -> None:
    assert sum(is_drawn(slip, percent) for slip in range(SLIPS)) == percent * SLIPS // 100


def test_slips_are_spread_evenly_and_the_same_every_time() -> None:
    ring = KeyRing([b"0" * 32])
    macs = [ring.mac(f"request {number}:1", "draws") for number in range(4000)]
    drawn = sum(is_drawn(slip_of(one), 20) for one in macs)
    assert 700 < drawn < 900
    assert [slip_of(one) for one in macs] == [
        slip_of(ring.mac(f"request {number}:1", "draws")) for number in range(4000)
    ]
    other = KeyRing([b"1" * 32])
    assert slip_of(other.mac("request 1:1", "draws")) != slip_of(macs[1])


@given(
    st.sampled_from(sorted(DEFAULTS)), st.none() | percents, st.none() | percents,
    st.integers(0, 9), st.booleans(),
)  # fmt: skip
def test_the_rate_that_holds(
    policy: str, item: int | None, operator: int | None, left: int, findings: bool
) -> None:
    rate = rate_of(
        policy, for_item=item, for_operator=operator, checks_left=left, findings_open=findings
    )
    assert rate.because in REASONS
    if policy == "always" or findings:
        assert rate.percent == 100
        return
    agreed = next(one for one in (operator, item, DEFAULTS[policy]) if one is not None)
    # An error raises what is checked by sample, never what is not checked at all.
    assert rate.percent == (100 if left and agreed else agreed)
    assert (rate.because == "raised") == bool(left and agreed)


def test_every_line_has_its_kinds_and_every_severity_its_mark() -> None:
    for line in (*LINES, "marketing"):
        found = kinds_of(line)
        assert {"missing", "wrong_fact", "other"} <= set(found)
        assert len(found) <= 10
        assert set(found) <= set(KINDS)
    assert set(MARKS) == set(SEVERITIES)
