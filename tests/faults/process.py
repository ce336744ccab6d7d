"""`python -m tests.faults.process worker|dispatcher`: the real processes, with the jobs and the
schedule of the fault tests, and points at which they may be killed."""

import os
import sys

from app.webhooks import sending
from billing import connection
from billing.gateway import StripeGateway
from tenants import keys
from tests.faults import points
from tests.faults.storm import sabotage
from tests.faults.tasks import TASKS
from tests.workers.process import create_app
from workers.__main__ import main

if __name__ == "__main__":
    sabotage.apply(os.environ.get("STORM_SABOTAGE", ""), sys.argv[1])
    points.install(sys.argv[1])
    keys.use(os.environ["COULISSE_MASTER_KEY"])
    if base := os.environ.get("STRIPE_API_BASE"):
        connection.use(StripeGateway(os.environ["STRIPE_SECRET_KEY"], base, []))
    sending.use(local=True)
    main(
        create_app=create_app,
        jobs_package="tests.faults.jobs",
        tasks=TASKS if os.environ.get("SAMPLE_TASKS") else (),
    )
