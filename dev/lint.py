"""`make lint`: every check runs, also after one has failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TYPED = ("app", "billing", "tenants", "workers", "dev", "migrations", "bench", "tests")
# lint-imports has no module form
LAYERS = "from importlinter.cli import lint_imports_command as run; run(['--no-logo'])"


def checks() -> dict[str, list[str]]:
    typed = [name for name in TYPED if any((PROJECT / name).rglob("*.py"))]
    return {
        "style": ["-m", "ruff", "check", "--quiet", "."],
        "format": ["-m", "ruff", "format", "--check", "--quiet", "."],
        "types": ["-m", "mypy", *typed],
        "layers": ["-c", LAYERS],
        "translations": ["-m", "dev.translations", "check"],
        "locks": ["-m", "dev.locks", "check"],
    }


def main() -> int:
    failed = []
    for name, arguments in checks().items():
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            failed.append(name)
            print(f"--- {name}\n{done.stdout.rstrip()}", flush=True)
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: nothing to say")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
