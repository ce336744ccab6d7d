"""`python -m tests.workers.process worker|dispatcher`: the real processes with the sample jobs."""

import base64
import os

from flask import Flask

from tenants import keys
from tenants.core.db import db
from workers.__main__ import main

MASTER_KEY = base64.b64encode(bytes(32)).decode()


def create_app(url: str | None = None) -> Flask:
    app = Flask("sample")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url or os.environ["DATABASE_URL"],
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 3, "max_overflow": 0},
    )
    db.init_app(app)
    return app


if __name__ == "__main__":
    keys.use(os.environ["COULISSE_MASTER_KEY"])
    main(create_app=create_app, jobs_package="tests.workers.jobs")
