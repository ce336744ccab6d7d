"""Numbers that people read: no gap and no duplicate, whoever asks at once and whoever gives up."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tenants.core.errors import Conflict
from tenants.numbers import next_number
from tests.factories import acting


def test_fifty_at_once_leave_no_gap_and_no_duplicate(stage: Any, world: Any) -> None:
    def draw(turn: int) -> int | None:
        try:
            with acting(stage, world.a.scope):
                number = next_number("proof")
                if turn % 5 == 0:
                    raise Conflict
                return number
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        drawn = [number for number in pool.map(draw, range(50)) if number is not None]
    assert sorted(drawn) == list(range(1, 41))


def test_each_company_counts_for_itself(stage: Any, world: Any) -> None:
    for company in (world.a, world.b):
        with acting(stage, company.scope):
            assert [next_number("proof") for _ in range(3)] == [1, 2, 3]
