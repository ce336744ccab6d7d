from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenants.core import clock
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


@pytest.fixture
def time_is(tmp_path: Path) -> Iterator[Callable[[datetime], None]]:
    """Sets the schedule's clock of this process; it goes on from there."""
    file = tmp_path / "clock-offset"

    def move(moment: datetime) -> None:
        file.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        clock.follow_offset_file(file)

    yield move
    clock.follow_offset_file(None)


@pytest.fixture
def ahead(time_is: Callable[[datetime], None]) -> Callable[..., None]:
    """Minutes after the next whole hour."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return lambda *, minute: time_is(hour + timedelta(minutes=minute))
