"""Three months in which workers are killed at any moment: of a set whose every third job dies on its
way nobody could tell in the end that it did."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.billing.conftest import KEY, SECRET
from tests.billing.proofs.house import House
from tests.billing.proofs.lives import KINDS, Life
from tests.billing.proofs.test_storm import Storm, assert_equal, assert_fates
from tests.effort import PROVE

# How long one may live that is to die: most jobs take less than the longest.
LONGEST = 400
ONE_IN = 3


class Undertaker:
    """Hands the jobs of some companies to processes and kills one in three."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.dice, self.killed, self.ran = house, random.Random(seed), 0, 0
        self.mortal: set[Any] = set()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.billing.proofs.mortal"],
            env=os.environ | {"STRIPE_API_BASE": house.sim.base, "STRIPE_SECRET_KEY": KEY,
                              "STRIPE_WEBHOOK_SECRET": SECRET},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self.said() == "ready"

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __call__(self, row: Any) -> bool:
        if row.tenant_id not in self.mortal:
            return False
        dies = self.dice.randrange(ONE_IN) == 0
        after = self.dice.randrange(LONGEST) if dies else -1
        assert self.process.stdin is not None
        self.process.stdin.write(f"{row.tenant_id} {row.id} {row.attempt} {after}\n")
        self.process.stdin.flush()
        said, self.ran = self.said(), self.ran + 1
        assert said in ("ended", "killed")
        if said == "killed":
            self.killed += 1
            # As the dispatcher does it once the lease has run out.
            self.house.stage.run(
                "UPDATE jobs SET state = 'queued' WHERE id = :i AND state IN"
                " ('dispatched', 'running')", i=row.id,
            )  # fmt: skip
        return True

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def undertaker(house: House) -> Iterator[Undertaker]:
    made = Undertaker(house, 7)
    yield made
    made.close()


@pytest.mark.skipif(not PROVE, reason="one kill of each kind is in flow/test_killed.py")
def test_workers_killed_at_any_moment(house: House, undertaker: Undertaker) -> None:
    sets: dict[str, list[Life]] = {
        name: [Life(house, house.open_company(kind), kind) for kind in KINDS]
        for name in ("in order", "killed")
    } | {"silent": [], "caught up": []}
    house.push_catalogue(sets["in order"][0].company)
    storm = Storm(house, random.Random(7), sets)
    undertaker.mortal = {life.company.id for life in sets["killed"]}
    house.execute = undertaker
    storm.run()
    assert_equal(storm, but="account")
    storm.rest()
    assert_equal(storm)
    assert_fates(storm)
    assert undertaker.killed > undertaker.ran // 10
    assert house.failed == []
