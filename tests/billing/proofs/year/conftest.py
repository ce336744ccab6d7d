from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.billing.proofs.house import House, first_of_next, open_house
from tests.billing.proofs.year.drawing import Script, draw
from tests.billing.proofs.year.play import Facts, Play
from tests.effort import PROVE
from tests.factories import Stage

FIRMS, MONTHS, BUSY = (50, 12, 0.05) if PROVE else (4, 2, 0.05)
# To look at a part of it: firms and months.
if "COULISSE_YEAR" in os.environ:
    FIRMS, MONTHS = map(int, os.environ["COULISSE_YEAR"].split(","))


@dataclass
class Played:
    house: House
    script: Script
    facts: dict[int, Facts]


@pytest.fixture(scope="module")
def played(stage: Stage, environment: dict[str, str]) -> Iterator[Played]:
    with open_house(stage, Path(environment["COULISSE_LOCAL"]) / "clock-offset") as house:
        begins = first_of_next(house.now, 1).replace(hour=12)
        script = draw(4, begins=begins, firms=FIRMS, months=MONTHS, busy=BUSY)
        play = Play(house, script)
        play.run()
        yield Played(house, script, play.facts)
