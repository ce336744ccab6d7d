from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from dev import database
from dev.engines import Engines, Urls


@pytest.fixture(scope="module")
def scratch() -> Iterator[Urls]:
    """A migrated database of this module's own, for rows that no product code would make."""
    engines = Engines(Path(__file__).parents[2] / ".local" / "test", fsync=False)
    engines.up()
    name = f"scratch_{uuid4().hex[:12]}"
    yield database.clone(engines, database.template_database(engines), name)
    database.drop(engines, name)
    engines.stop()
