from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

pytest.register_assert_rewrite(
    *(
        f"tests.journeys.{name}"
        for name in (
            "story",
            "visits",
            "hands",
            "case",
            "raising",
            "offering",
            "desking",
            "administering",
            "supervising",
            "reporting",
        )
    )
)

from tests.journeys.system import System, running
from tests.journeys.visits import People

# Two cores may be busy with the other half of the tests.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def system(chromium: Any) -> Iterator[System]:
    with running("journeys") as found:
        yield found


@pytest.fixture(scope="session")
def people(system: System, chromium: Any) -> People:
    return People(system, chromium)
