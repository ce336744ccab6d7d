"""Jobs whose cost is the system's own: one query or many, or some time without work."""

import time
from typing import Any

from sqlalchemy import text

from tenants.core.db import db
from workers.registry import job

QUERY = "SELECT count(*) FROM counters WHERE tenant_id = :t"


@job()
def query(*, tenant: str, items: int, **_: Any) -> None:
    for _number in range(items):
        db.session.execute(text(QUERY), {"t": tenant})


@job(kind="heavy")
def heavy(*, tenant: str, **_: Any) -> None:
    db.session.execute(text(QUERY), {"t": tenant})


@job()
def wait(*, seconds: float, **_: Any) -> None:
    time.sleep(seconds)
