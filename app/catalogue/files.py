"""The items that ship with the product: one file each, in the folder of its line."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from app.catalogue.document import ItemDocument
from app.web import messages

FOLDER = Path(__file__).with_name("items")

messages.install()


class BadItem(ValueError):
    """Says the file and every wrong place in it, a line each."""


def read_file(path: Path) -> dict[str, Any]:
    """The document of one file; BadItem when it is none."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadItem(f"{path}: {error}") from error
    try:
        found: dict[str, Any] = ItemDocument().load(raw)
    except ValidationError as error:
        raise BadItem("\n".join(f"{path}: {one}" for one in places(error.messages))) from error
    if path.stem != found["code"]:
        raise BadItem(f"{path}: code: the file is named after it, {found['code']}.toml")
    if path.parent.name != found["line"]:
        raise BadItem(f"{path}: line: the file stands in the folder of its line, {found['line']}")
    return found


def places(errors: Any, above: str = "") -> Iterator[str]:
    """`fields.2.label.fr: This field is required.`"""
    if isinstance(errors, Mapping):
        for name, below in errors.items():
            place = "" if name == "_schema" else f".{name}"
            yield from places(below, f"{above}{place}")
    elif isinstance(errors, list | tuple):
        for one in errors:
            yield from places(one, above)
    else:
        yield f"{above.removeprefix('.')}: {errors}"


def list_files() -> list[Path]:
    return sorted(FOLDER.glob("*/*.toml"))


@cache
def shipped_codes() -> frozenset[str]:
    """As the files are named after them, which takes no reading."""
    return frozenset(path.stem for path in list_files())


@cache
def shipped() -> Mapping[str, dict[str, Any]]:
    """The documents by their codes."""
    found: dict[str, dict[str, Any]] = {}
    for path in list_files():
        document = read_file(path)
        if document["code"] in found:
            raise BadItem(f"{path}: code: another file has it already")
        found[document["code"]] = document
    return found
