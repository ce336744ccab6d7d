from collections.abc import Iterator
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.journeys.story", "tests.journeys.visits")

from tests.journeys.system import System, running
from tests.journeys.visits import People


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One system, so one worker."""
    for item in items:
        if "tests/journeys/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="session")
def system(chromium: Any) -> Iterator[System]:
    with running("journeys") as found:
        yield found


@pytest.fixture(scope="session")
def people(system: System, chromium: Any) -> People:
    return People(system, chromium)
