"""`python -m tests.isolation.mutate`: take one protection away at a time; the tests of this folder
must go red each time. `--sample 30 --seed 7` tries some, `--only WORD` those with it in their name.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from dev import database
from tests.isolation.mutation.equivalent import EQUIVALENT
from tests.isolation.mutation.mutant import UNCHANGED, Mutant
from tests.isolation.mutation.of_application import of_application
from tests.isolation.mutation.of_functions import of_functions
from tests.isolation.mutation.of_server import of_server
from tests.isolation.mutation.of_tables import of_tables
from tests.isolation.mutation.running import ROOT, Outcome, Pool, pool

RESULTS = ROOT / "test-artifacts" / "mutation.jsonl"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.isolation.mutate")
    parser.add_argument("--sample", type=int, help="as many mutants, of every kind some")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="mutants whose name this pattern finds")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    parser.add_argument("--likely", action="store_true", help="run the likely tests only: a draft")
    parser.add_argument("--resume", action="store_true", help="leave out what was killed before")
    return parser.parse_args()


def all_mutants(proof: Pool) -> list[Mutant]:
    name = f"mutant_list_{os.getpid()}"
    clone = database.clone(proof.engines, proof.template, name)
    try:
        with database.connected(clone.superuser) as connection:
            found = [*of_tables(connection), *of_functions(connection)]
    finally:
        database.drop(proof.engines, name)
    found += [*of_application(), *of_server()]
    names = [mutant.name for mutant in found]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, twice
    return found


def sampled(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Of every kind in turn, so that a few mutants touch all of them."""
    dice = random.Random(seed)
    kinds: dict[str, list[Mutant]] = {}
    for mutant in dice.sample(mutants, len(mutants)):
        kinds.setdefault(mutant.kind, []).append(mutant)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(kinds.values()):
        chosen += [group.pop() for group in kinds.values() if group]
    return chosen[:count]


def sources() -> str:
    """What results of an earlier run hold for."""
    digest = hashlib.sha256()
    for folder in ("app", "billing", "migrations", "tenants", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def decided_before(state: str) -> set[str]:
    """The mutants that were killed, and the unchanged one where it was green."""
    if not RESULTS.exists():
        return set()
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    return {row["name"] for row in rows if row["killed"] and row["sources"] == state}


def write(out: Any, outcome: Outcome, state: str) -> None:
    row = {
        "name": outcome.mutant.name, "killed": outcome.killed, "by": outcome.killer,
        "seconds": round(outcome.seconds, 1), "sources": state,
    }  # fmt: skip
    out.write(json.dumps(row) + "\n")
    out.flush()


def prove(proof: Pool, chosen: list[Mutant], *, resume: bool, whole: bool) -> int:
    """A sample comes after the tests themselves, so it needn't begin with them."""
    state = sources()
    done = decided_before(state) if resume else set()
    left = [mutant for mutant in chosen if mutant.name not in done]
    if whole and UNCHANGED.name not in done:
        left = [UNCHANGED, *left]
    survivors, started = [], time.monotonic()
    Path(RESULTS).parent.mkdir(exist_ok=True)
    with RESULTS.open("a" if resume else "w") as out:
        for number, outcome in enumerate(proof.run(left)):
            if outcome.mutant is UNCHANGED:
                if outcome.killer:
                    print(f"The tests are red with nothing taken away: {outcome.killer}")
                    return 2
                outcome = replace(outcome, killed=True)
            write(out, outcome, state)
            if not outcome.killed:
                survivors.append(outcome)
                print(f"SURVIVED {outcome.mutant.name} {outcome.killer}", flush=True)
            if number % 50 == 0:
                print(f"  {number} of {len(left)}, {time.monotonic() - started:.0f} s", flush=True)
    print(f"killed {len(chosen) - len(survivors)}/{len(chosen)}"
          f" in {time.monotonic() - started:.0f} s; {len(EQUIVALENT)} equivalent by reason")  # fmt: skip
    return 1 if survivors else 0


def main() -> int:
    wanted = options()
    # imported once, for all children
    import app.factory
    import workers.execution
    from tests.factories import people
    from tests.isolation import examples

    for used in (app.factory, workers.execution, examples):
        assert used.__name__
    people._password_hash()
    with pool(wanted.jobs) as proof:
        found = all_mutants(proof)
        names = {mutant.name for mutant in found}
        if gone := set(EQUIVALENT) - names:
            print("No such mutant any more, take it from equivalent.py:", *sorted(gone), sep="\n  ")
            return 2
        chosen = [m for m in found if re.search(wanted.only, m.name) and m.name not in EQUIVALENT]
        if wanted.sample:
            chosen = sampled(chosen, wanted.sample, wanted.seed)
        if wanted.list:
            print(*(mutant.name for mutant in chosen), sep="\n")
            return 0
        proof.likely = wanted.likely
        return prove(proof, chosen, resume=wanted.resume, whole=not wanted.sample)


if __name__ == "__main__":
    sys.exit(main())
