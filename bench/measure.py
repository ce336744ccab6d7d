"""A prepared system, and a result beside its floor."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from bench.cpu import Meter, postgres
from dev import database
from dev.engines import Engines, Urls


@dataclass(frozen=True)
class Result:
    """`ratio` is what counts: of `value` to `floor`, measured in the same run. Without a floor, or
    `by_value`, `must` and `goal` are values themselves. `better` says which side is the good one."""

    name: str
    value: float
    must: float
    goal: float
    floor: float | None = None
    unit: str = "ms CPU"
    better: str = "low"
    note: str = ""
    by_value: bool = False

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        found = self.value if self.ratio is None or self.by_value else self.ratio
        sign = 1 if self.better == "low" else -1
        if found * sign <= self.goal * sign:
            return "goal"
        return "must" if found * sign <= self.must * sign else "MISSED"

    def as_dict(self) -> dict[str, Any]:
        rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}
        ratio = None if self.ratio is None else round(self.ratio, 3)
        return {**rounded, "ratio": ratio, "verdict": self.verdict}

    def line(self) -> str:
        floor = f"{self.floor:9.2f}" if self.floor is not None else " " * 9
        ratio = f"{self.ratio:6.2f}" if self.ratio is not None else " " * 6
        return (
            f"{self.name:58}{self.value:10.2f} {self.unit:10}{floor}{ratio}"
            f"  {self.must:>7g} {self.goal:>7g}  {self.verdict}"
        )


HEAD = f"{'what':58}{'value':>10} {'unit':10}{'floor':>9}{'ratio':>6}  {'must':>7} {'goal':>7}"


@dataclass(frozen=True)
class Stage:
    app: Flask
    superuser: Engine
    urls: Urls
    meter: Meter
    root: Path


@contextmanager
def prepared(root: Path, files: str) -> Iterator[Stage]:
    engines = Engines(root, fsync=False)
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
        yield Stage(create_app(), superuser, urls, Meter(postgres(root / "pg")), root)
    finally:
        superuser.dispose()
        engines.stop()
