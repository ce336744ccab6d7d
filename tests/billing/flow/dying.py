"""`python -m tests.billing.flow.dying TENANT JOB ATTEMPT VERB`: a worker's process that runs this job and
dies by `kill -9` when Stripe has answered, before that is noted."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from app.factory import create_app
from billing.gateway import StripeGateway
from workers.execution import Runner
from workers.timing import Timing


def main(tenant: str, job: str, attempt: str, verb: str) -> None:
    real: Any = getattr(StripeGateway, verb)

    def answered(self: StripeGateway, *given: Any, **more: Any) -> None:
        real(self, *given, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(StripeGateway, verb, answered)
    Runner(create_app(), timing=Timing()).execute(tenant, job, int(attempt))


if __name__ == "__main__":
    main(*sys.argv[1:])
