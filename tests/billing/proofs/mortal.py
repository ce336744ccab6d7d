"""`python -m tests.billing.proofs.mortal`: each line `TENANT JOB ATTEMPT MILLISECONDS` is a job that a
process of its own runs, which dies by `kill -9` when its time is over; -1 lets it live."""

from __future__ import annotations

import os
import signal
import sys
import time

from app.factory import create_app
from workers.execution import Runner
from workers.jobs import billing, outbox
from workers.timing import Timing

IMPORTED = (billing, outbox)


def main() -> None:
    app = create_app()
    say("ready")
    for line in sys.stdin:
        tenant, job, attempt, milliseconds = line.split()
        child = os.fork()
        if not child:
            Runner(app, timing=Timing()).execute(tenant, job, int(attempt))
            os._exit(0)
        say("killed" if _ended_by_us(child, int(milliseconds)) else "ended")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _ended_by_us(child: int, milliseconds: int) -> bool:
    if milliseconds >= 0:
        time.sleep(milliseconds / 1000)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


if __name__ == "__main__":
    main()
