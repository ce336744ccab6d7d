"""Looks for scripts in a PDF, in a limited child: `python -m app.documents.active_content 512 10`."""

import re
import sys
from io import BytesIO

from tenants.core.limited import Limits, limit_self, run_module

LIMITS = Limits(memory_mb=512, cpu_seconds=10, wall_seconds=15)
_HEAD = 1024
# Where a script can be, or be hidden: packed objects, encryption, names in another spelling.
_SUSPECT = re.compile(rb"/(?:JS|JavaScript|Launch|ObjStm|Encrypt)\b|/[A-Za-z]*#[0-9A-Fa-f]{2}")
_SCRIPTS = ("/JavaScript", "/Launch")


def holds_scripts(content: bytes) -> bool:
    """Of a PDF that can't be read nothing is known: it is kept as it is, and never opened here."""
    if b"%PDF" not in content[:_HEAD] or not _SUSPECT.search(content):
        return False
    found = run_module("app.documents.active_content", [], content, LIMITS)
    return found.code == 0 and found.output.strip() == b"script"


def _looks(content: bytes) -> bool:
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        return any(_acts(one) for one in pdf.objects)


def _acts(found: object) -> bool:
    """An object may hold others that have no number of their own."""
    import pikepdf

    waiting = [(found, 0)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, pikepdf.Stream | pikepdf.Dictionary):
            if str(one.get("/S", "")) in _SCRIPTS or "/JS" in one:
                return True
            parts = [value for _, value in one.items()]
        elif isinstance(one, pikepdf.Array):
            parts = list(one)
        else:
            continue
        waiting += [(p, depth + 1) for p in parts if depth < 8 and not _numbered(p)]
    return False


def _numbered(part: object) -> bool:
    return bool(getattr(part, "is_indirect", False))


def main(memory_mb: str, cpu_seconds: str) -> None:
    limit_self(int(memory_mb), int(cpu_seconds))
    sys.stdout.write("script" if _looks(sys.stdin.buffer.read()) else "none")


if __name__ == "__main__":
    main(*sys.argv[1:3])
