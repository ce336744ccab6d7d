"""`python -m app.catalogue.check [PATH…]`: are these items sound? Without paths, all that ship."""

import sys
from collections.abc import Sequence
from pathlib import Path

from app.catalogue.building import build
from app.catalogue.files import BadItem, list_files, read_file


def check(paths: Sequence[Path]) -> list[str]:
    found, codes = [], set[str]()
    for path in paths:
        try:
            document = read_file(path)
        except (BadItem, OSError) as error:
            found.append(str(error))
            continue
        if document["code"] in codes:
            found.append(f"{path}: code: another file has it already")
        codes.add(document["code"])
        build(document, 1).schema()
    return found


def main() -> int:
    paths = [Path(one).resolve() for one in sys.argv[1:]] or list_files()
    files = [
        file for one in paths for file in (sorted(one.rglob("*.toml")) if one.is_dir() else [one])
    ]
    wrong = check(files)
    sys.stdout.write("\n".join([*wrong, f"{len(files)} items, {len(wrong)} wrong"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
