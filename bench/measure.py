"""A prepared system, interleaved timing, and a result with its floor."""

import base64
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from dev import database
from dev.engines import Engines


@dataclass(frozen=True)
class Result:
    """`value` and `floor` in milliseconds of CPU of this process, medians; `ratio` is what counts."""

    name: str
    value: float
    floor: float
    must: float
    goal: float

    @property
    def ratio(self) -> float:
        return self.value / self.floor

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "unit": "ms", "ratio": round(self.ratio, 2)}

    def line(self) -> str:
        return (
            f"{self.name:48} {self.value:7.2f} ms  floor {self.floor:6.2f}"
            f"  ratio {self.ratio:5.2f}  must {self.must}  goal {self.goal}"
        )


@dataclass(frozen=True)
class Stage:
    app: Flask
    superuser: Engine
    app_url: str


@contextmanager
def prepared(root: Path, files: str) -> Iterator[Stage]:
    engines = Engines(root)
    engines.up()
    urls = database.clone(engines, database.template_database(engines), "bench")
    os.environ.update(
        DATABASE_URL=urls.app,
        DATABASE_OWNER_URL=urls.owner,
        DATABASE_DISPATCHER_URL=urls.dispatcher,
        REDIS_URL=urls.redis,
        FILES_URL=f"file://{files}",
        SMTP_URL="smtp://127.0.0.1:1",
        STRIPE_API_BASE="http://127.0.0.1:1",
        STRIPE_SECRET_KEY="sk_test_bench",
        STRIPE_WEBHOOK_SECRET="whsec_bench",
        COULISSE_MASTER_KEY=base64.b64encode(bytes(32)).decode(),
        COULISSE_BASE_URL="http://localhost",
        COULISSE_RATE_LIMITS="0",
        COULISSE_LOG_LEVEL="ERROR",
    )
    from app.factory import create_app

    superuser = create_engine(urls.superuser, poolclass=NullPool)
    try:
        yield Stage(create_app(), superuser, urls.app)
    finally:
        superuser.dispose()
        engines.stop()


def interleaved(*acts: Callable[[], object], rounds: int = 60, warm: int = 8) -> list[float]:
    """Median milliseconds of each act, run in turns so that a busy moment hits all alike."""
    taken: list[list[float]] = [[] for _ in acts]
    for number in range(rounds + warm):
        for place, act in enumerate(acts):
            began = time.perf_counter()
            act()
            if number >= warm:
                taken[place].append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]
