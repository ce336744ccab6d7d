"""Unshared memory of a web worker and of a job worker, each after its first work."""

import subprocess
import sys
from pathlib import Path

from bench.measure import Result

WEB = "from app.factory import create_app; c = create_app().test_client(); c.get('/sign-in')"
WORKER = (
    "from app.factory import create_app; import workers.jobs.billing, workers.jobs.finance,"
    " workers.jobs.outbox, workers.worker; create_app()"
)
TELL = "; print(open('/proc/self/smaps_rollup').read())"


def measure() -> list[Result]:
    return [
        Result("memory of a web worker (USS)", _uss(WEB), 120, 90, unit="MB"),
        Result("memory of a job worker (USS)", _uss(WORKER), 200, 150, unit="MB"),
    ]


def _uss(program: str) -> float:
    told = subprocess.run(
        [sys.executable, "-c", program + TELL], cwd=Path(__file__).parents[1], check=True,
        capture_output=True, text=True,
    ).stdout  # fmt: skip
    private = [line.split() for line in told.splitlines() if line.startswith("Private_")]
    return sum(int(found[1]) for found in private) / 1024
