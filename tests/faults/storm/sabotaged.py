"""`python -m tests.faults.storm.sabotaged [NAME …]`: the storm has to see each way in which the engine
was broken on purpose. Each in a short form with the faults that concern it; once without sabotage
and with all of those faults, which has to be green."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.faults.storm.sabotage import ALL

# at most; it is over when all is done
FORM = ("--seed", "3", "--jobs", "50", "--minutes", "1.2", "--patience", "60")
BROKEN = "BROKEN      "


def storm(faults: list[str], sabotage: str = "") -> tuple[int, list[str]]:
    """Its answer, and the promises that it found broken."""
    command = [
        sys.executable, "-m", "tests.faults.storm", *FORM, "--faults", ",".join(faults),
        "--sabotage", sabotage,
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode not in (0, 1):
        print(ended.stdout[-2000:], ended.stderr[-2000:])
    lines = ended.stdout.splitlines()
    return ended.returncode, [one[len(BROKEN) :] for one in lines if one.startswith(BROKEN)]


def main(names: list[str]) -> int:
    wrong = 0
    for name in names or ["", *ALL]:
        one, began = ALL.get(name), time.monotonic()
        faults = list(one.faults) if one else sorted({f for o in ALL.values() for f in o.faults})
        code, broken = storm(faults, name)
        wanted = int(one is not None)
        as_wanted = code == wanted and bool(broken) == bool(wanted)
        wrong += not as_wanted
        print(
            f"{'as it has to be' if as_wanted else 'NOT SEEN' if wanted else 'RED':<16}"
            f"{name or '(nothing broken)':<18}{time.monotonic() - began:5.0f} s "
            f" {len(broken)} broken: {broken[0] if broken else '-'}",
            flush=True,
        )
    print("every sabotage was seen" if not wrong else f"{wrong} not as they have to be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
