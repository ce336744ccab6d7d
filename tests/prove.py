"""`make prove`: every proof that is too long for `make test`, one after the other, with one table at
the end. What was green for the same sources is not run again: after a stop, call it again.

`python -m tests.prove [NAME …]` runs some; `--again` forgets what was green; `--short` is the
seeded form that every change passes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.isolation.mutate import sources

ROOT = Path(__file__).parents[1]
STATE = ROOT / "test-artifacts" / "prove.json"
PYTEST = ("pytest", "-q", "-p", "no:valkey")


@dataclass(frozen=True)
class Proof:
    """`command` is what Python's `-m` gets; `short` is its seeded form, if it has one."""

    name: str
    command: tuple[str, ...]
    short: tuple[str, ...] = ()


@dataclass
class Result:
    sources: str
    green: bool
    seconds: float
    words: str


PROOFS = (
    Proof("isolation", (*PYTEST, "-n", "2", "tests/isolation", "tests/structure")),
    Proof(
        "mutants", ("tests.isolation.mutate", "--resume"),
        (
            "tests.isolation.mutate", "--likely", "--sample", "10",
            "--only", "^(scope|row security|rights|policy: .*[.]one_tenant)",
        ),
    ),
    Proof("faults", (*PYTEST, "tests/faults", "tests/workers")),
    Proof(
        "storm", ("tests.faults.storm", "--seed", "1", "--jobs", "1000", "--minutes", "6"),
        ("tests.faults.storm", "--seed", "2", "--jobs", "150", "--minutes", "0.9"),
    ),
    Proof(
        "sabotage", ("tests.faults.storm.sabotaged",),
        ("tests.faults.storm.sabotaged", "mail-numbers"),
    ),
    Proof("quarter", (*PYTEST, "tests/quarter")),
    Proof("billing", (*PYTEST, "tests/billing/proofs")),
    Proof("properties", (*PYTEST, "-n", "2", "tests/tenants", "tests/finance",
                         "tests/service_requests", "tests/billing")),
    Proof("api", (*PYTEST, "tests/api")),
    Proof("pages", (*PYTEST, "tests/browser")),
    Proof("journeys", (*PYTEST, "tests/journeys")),
)  # fmt: skip


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove")
    names = ", ".join(proof.name for proof in PROOFS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    parser.add_argument("--again", action="store_true", help="also what was green before")
    parser.add_argument("--short", action="store_true", help="the seeded form")
    return parser.parse_args()


def before() -> dict[str, Result]:
    if not STATE.exists():
        return {}
    return {name: Result(**row) for name, row in json.loads(STATE.read_text()).items()}


def run(proof: Proof, *, short: bool) -> Result:
    print(f"--- {proof.name}", flush=True)
    environment = os.environ | ({} if short else {"COULISSE_PROVE": "1"})
    started, last = time.monotonic(), ""
    process = subprocess.Popen(
        [sys.executable, "-m", *(proof.short if short else proof.command)], cwd=ROOT,
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    for line in process.stdout or ():
        print(line, end="", flush=True)
        last = line.strip() or last
    seconds = round(time.monotonic() - started, 1)
    return Result(sources(), process.wait() == 0, seconds, last[:70])


def main() -> int:
    wanted = options()
    chosen = [p for p in PROOFS if p.name in (wanted.names or [p.name for p in PROOFS])]
    if wanted.short:
        return 0 if all(run(proof, short=True).green for proof in chosen if proof.short) else 1
    state, results = sources(), {} if wanted.again else before()
    for proof in chosen:
        known = results.get(proof.name)
        if known and known.green and known.sources == state:
            continue
        results[proof.name] = run(proof, short=False)
        STATE.parent.mkdir(exist_ok=True)
        STATE.write_text(json.dumps({n: asdict(r) for n, r in results.items()}, indent=2))
    print(f"\n{'proof':<12} {'':<6} {'seconds':>8}  last words")
    for proof in chosen:
        result = results[proof.name]
        said = "green" if result.green else "RED"
        print(f"{proof.name:<12} {said:<6} {result.seconds:>8.1f}  {result.words}")
    return 0 if all(results[proof.name].green for proof in chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
