"""No lock names a host: whoever installs uses the registries that their machine is set to.

`python -m dev.locks check` (in `make lint`) and `strip` (after `make lock`).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "package-lock.json")


def naming_hosts(folder: Path) -> list[str]:
    return [
        f"{name}:{number}: names a host: {line.strip()}"
        for name in LOCKS
        for number, line in enumerate((folder / name).read_text().splitlines(), start=1)
        if "://" in line
    ]


def strip(lock: Path) -> None:
    content = json.loads(lock.read_text())
    for package in content["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def main() -> int:
    if sys.argv[1:] == ["strip"]:
        strip(PROJECT / "package-lock.json")
    found = naming_hosts(PROJECT)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
