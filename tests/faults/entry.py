"""`python -m tests.faults.entry ORDERS DONE SECONDS`: adds the orders one by one, each in a
transaction of its own, as requests do. After its death it comes again and repeats what it has no
answer for, with the same key."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.exc import DBAPIError

from tenants import keys
from tenants.core.db import db, unit_of_work
from tenants.jobs import enqueue
from tenants.scoping import Scope, enter
from tests.faults import points
from tests.faults.storm import sabotage
from tests.workers.process import create_app


def main(orders: Path, done: Path, seconds: float) -> None:
    sabotage.apply(os.environ.get("STORM_SABOTAGE", ""), "entry")
    points.install("web")
    keys.use(os.environ["COULISSE_MASTER_KEY"])
    app, wanted = create_app(), json.loads(orders.read_text())
    pause = seconds / max(1, len(wanted))
    for number in range(int(done.read_text()), len(wanted)):
        while not _added(app, wanted[number]):
            time.sleep(0.1)
        fresh = done.with_suffix(".part")
        fresh.write_text(str(number + 1))
        fresh.rename(done)
        time.sleep(pause)


def _added(app: Flask, order: dict[str, Any]) -> bool:
    try:
        with app.app_context():
            enter(Scope(tenant_id=UUID(order["tenant_id"]), side="provider"))
            with unit_of_work():
                enqueue(
                    f"storm.{order['verb']}", key=order["tag"], max_attempts=order["max_attempts"],
                    owner=order["owner"], tag=order["tag"], **order["args"],
                )  # fmt: skip
    except DBAPIError:
        with app.app_context():
            db.engine.dispose()
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
