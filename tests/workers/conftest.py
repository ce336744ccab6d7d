from collections.abc import Iterator

import pytest

from tests.workers.house import House, open_house


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Engines of this module's own; start processes with `spawn`."""
    name = request.module.__name__.rpartition(".")[2]
    with open_house(name, tmp_path_factory.mktemp(name)) as house:
        yield house


@pytest.fixture(scope="module")
def running(house: House) -> House:
    house.spawn("dispatcher")
    house.spawn("worker")
    return house
