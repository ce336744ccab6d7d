"""`make bench`: what things cost, beside their own floor in the same run. Nothing in the tests
asserts a time. Results go to bench/results/latest.json; bench/README.md says how to read them.
`python -m bench NAME …` measures only these parts and replaces only their rows."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import (
    api,
    desk,
    enqueuing,
    fairness,
    imports,
    invoicing,
    jobs,
    matching,
    memory,
    paper,
    payroll,
    portal,
    tenancy,
    worker_kinds,
    writing,
)
from bench.measure import HEAD, Result, Stage, prepared

ROOT = Path(__file__).parents[1]
OUT = ROOT / "bench" / "results" / "latest.json"
PARTS: dict[str, Callable[[Stage], list[Result]]] = {
    part.__name__.rpartition(".")[2]: part.measure
    for part in (
        portal,
        api,
        tenancy,
        desk,
        paper,
        matching,
        imports,
        writing,
        invoicing,
        enqueuing,
        jobs,
        fairness,
        worker_kinds,
        payroll,
    )
} | {"memory": lambda _: memory.measure()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*", metavar="NAME", help=", ".join(PARTS))
    asked = parser.parse_args().parts or list(PARTS)
    if strange := set(asked) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(strange))}")
    results: list[Result] = []
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as files,
        prepared(ROOT / ".local" / "bench", files) as stage,
    ):
        print(HEAD, flush=True)
        for name in asked:
            found = PARTS[name](stage)
            for result in found:
                print(result.line(), flush=True)
            results += found
    _write(results, whole=len(asked) == len(PARTS))
    print(f"{time.monotonic() - began:.0f} s")


def _write(results: list[Result], *, whole: bool) -> None:
    fresh = {result.name: result.as_dict() for result in results}
    OUT.parent.mkdir(exist_ok=True)
    if not whole and OUT.exists():
        kept = {row["name"]: row for row in json.loads(OUT.read_text())}
        fresh = kept | fresh
    OUT.write_text(json.dumps(list(fresh.values()), indent=2) + os.linesep)


if __name__ == "__main__":
    main()
