"""`make bench`: what things cost, beside their own floor in the same run. Nothing in the tests
asserts a time. Results go to bench/results/latest.json; bench/README.md says how to read them."""

import json
import os
import tempfile
import time
from pathlib import Path

from bench import api, desk, matching, memory, paper, portal, tenancy
from bench.measure import HEAD, Result, prepared

ROOT = Path(__file__).parents[1]


def main() -> None:
    results: list[Result] = []
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as files,
        prepared(ROOT / ".local" / "bench", files) as stage,
    ):
        print(HEAD, flush=True)
        for part in (portal, api, tenancy, desk, paper, matching):
            _tell(results, part.measure(stage))
        _tell(results, memory.measure())
    out = ROOT / "bench" / "results" / "latest.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([result.as_dict() for result in results], indent=2) + os.linesep)
    print(f"{time.monotonic() - began:.0f} s")


def _tell(results: list[Result], found: list[Result]) -> None:
    for result in found:
        print(result.line(), flush=True)
    results += found


if __name__ == "__main__":
    main()
