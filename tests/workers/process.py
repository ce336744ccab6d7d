"""`python -m tests.workers.process worker|dispatcher`: the real processes with the sample jobs.
`SAMPLE_TASKS=1` gives them the sample schedule, else they have none."""

import base64
import os

from flask import Flask

from tenants import keys
from tenants.core import clock
from tenants.core.db import db
from tests.workers.sample_tasks import TASKS
from workers.__main__ import main

MASTER_KEY = base64.b64encode(bytes(32)).decode()


def create_app(url: str | None = None) -> Flask:
    app = Flask("sample")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url or os.environ["DATABASE_URL"],
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 3, "max_overflow": 0},
    )
    db.init_app(app)
    if url is None:
        clock.follow_environment()
    return app


if __name__ == "__main__":
    keys.use(os.environ["COULISSE_MASTER_KEY"])
    main(
        create_app=create_app,
        jobs_package="tests.workers.jobs",
        tasks=TASKS if os.environ.get("SAMPLE_TASKS") else (),
    )
