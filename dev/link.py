"""Makes the project importable in its environment and gives it the `coulisse` command.

By relative paths and without a build, so that it works offline and the folder may move.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
COMMAND = """\
#!/bin/sh
here=$(cd "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")" && pwd)
exec "$here/python" -m app.cli "$@"
"""


def main() -> None:
    packages = Path(sysconfig.get_path("purelib"))
    up = os.path.relpath(PROJECT, packages)
    (packages / "coulisse.pth").write_text(f"{up}\n")
    command = Path(sys.prefix) / "bin" / "coulisse"
    command.write_text(COMMAND)
    command.chmod(0o755)


if __name__ == "__main__":
    main()
