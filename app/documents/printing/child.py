"""`python -m app.documents.printing.child 768 20`: one document from the data on its input."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from app.documents.typesetting import compiled
from tenants.core.limited import limit_self

PIXELS_PER_INCH = 88


def main(args: list[str]) -> int:
    memory_mb, cpu_seconds = args
    limit_self(int(memory_mb), int(cpu_seconds))
    asked: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    template, dated = Path(asked["template"]), datetime.fromisoformat(asked["dated"])
    made = compiled(
        template, asked["data"], dated=dated, lang=asked["lang"], form=asked["form"],
        ppi=PIXELS_PER_INCH,
    )  # fmt: skip
    out = sys.stdout.buffer
    if asked["form"] == "pdf":
        out.write(b"".join(made))
    else:
        for page in made[: asked["most"]]:
            out.write(f"{len(page)}\n".encode() + page)
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
