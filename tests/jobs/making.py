"""Jobs as they stand in the table, without a dispatcher."""

import json
from typing import Any
from uuid import UUID

from tenants.core.ids import uuid7
from tests.factories.stage import Stage

DEFAULTS: dict[str, Any] = {
    "name": "finance.write_report", "queue": "default", "args": "{}", "state": "queued",
}  # fmt: skip


def make_job(stage: Stage, tenant_id: UUID, **columns: Any) -> UUID:
    """Columns whose value ends in `()` or begins with `now()` are SQL."""
    job_id = uuid7()
    values = {"tenant_id": tenant_id, "id": job_id} | DEFAULTS | columns
    values = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in values.items()}
    raw = {k: v for k, v in values.items() if isinstance(v, str) and v.startswith("now()")}
    places = [f"{raw[k]}" if k in raw else f":{k}" for k in values]
    stage.run(
        f"INSERT INTO jobs ({', '.join(values)}) VALUES ({', '.join(places)})",
        **{k: v for k, v in values.items() if k not in raw},
    )
    return job_id


def state_of(stage: Stage, job_id: UUID) -> str:
    return str(stage.value("SELECT state FROM jobs WHERE id = :j", j=job_id))
