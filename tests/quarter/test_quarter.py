"""A quarter of a provider with ten people and twenty clients (five weeks and four of them in the
short form): nothing is missed, nothing done twice, nothing where it doesn't belong."""

from __future__ import annotations

from tests.effort import PROVE
from tests.quarter.drawing import QUARTER, SHORT
from tests.quarter.reckoning import reckon


def test_nothing_is_missed_and_nothing_doubled(played):
    play = played(7, QUARTER if PROVE else SHORT)
    found = reckon(play)
    assert not found, "\n".join(f"{one.kind}: {one.words}" for one in found)
