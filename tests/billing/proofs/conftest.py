from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.billing.flow.conftest import company, flow, usage_sink
from tests.billing.proofs.house import House, open_house
from tests.factories import Stage

__all__ = ["company", "flow", "usage_sink"]


@pytest.fixture
def house(stage: Stage, environment: dict[str, str]) -> Iterator[House]:
    with open_house(stage, Path(environment["COULISSE_LOCAL"]) / "clock-offset") as opened:
        yield opened
