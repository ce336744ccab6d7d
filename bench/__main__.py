"""`make bench`: what a page costs, beside its own floor in the same run, as ratios.

Wall time on a shared machine moves; ratios of interleaved runs move little. Nothing in the tests
asserts them. Results go to bench/results/latest.json.
"""

import json
import os
import tempfile
from pathlib import Path

from bench import desk, portal
from bench.measure import Result, prepared

ROOT = Path(__file__).parents[1]


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as files,
        prepared(ROOT / ".local" / "bench", files) as stage,
    ):
        results: list[Result] = [*portal.measure(stage), *desk.measure(stage)]
    out = ROOT / "bench" / "results" / "latest.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([result.as_dict() for result in results], indent=2) + os.linesep)
    for result in results:
        print(result.line())


if __name__ == "__main__":
    main()
