"""`python -m dev.translations check | update | compile`, over app/translations/{fr,de}."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parent.parent
LANGUAGES = ("fr", "de")
SOURCES = ("app", "billing", "tenants", "workers")
METHODS = [
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
    ("**/templates/**.xml", "jinja2"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("**.py", "python"),
]
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "_m": None,
    "_n": (1, 2),
    "_c": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|(?<!\{)\{(\w*)[^{}]*\}(?!\})")
# a form for exactly one thing may leave the number out: "One request"
COUNT = frozenset({"num", "n", "count", "number"})


def source_texts(project: Path) -> Catalog:
    catalog = Catalog(charset="utf-8")
    for name in SOURCES:
        folder = project / name
        if not folder.is_dir():
            continue
        found = extract_from_dir(folder, METHODS, keywords=KEYWORDS, strip_comment_tags=True)
        for file, _line, text, comments, context in found:
            place = [(f"{name}/{file}", 0)]
            catalog.add(text, None, place, auto_comments=comments, context=context)
    return catalog


def po_file(project: Path, language: str) -> Path:
    return project / "app" / "translations" / language / "LC_MESSAGES" / "messages.po"


def read(file: Path, language: str) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def texts(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (tuple, list)) else (message.id,)


def forms(message: Message) -> tuple[str, ...]:
    string = message.string
    return tuple(string) if isinstance(string, (tuple, list)) else (string or "",)


def placeholders(text: str) -> frozenset[str]:
    return frozenset(named or braced for named, braced in PLACEHOLDER.findall(text))


def problems(project: Path) -> list[str]:
    wanted = source_texts(project)
    found = []
    for language in LANGUAGES:
        file = po_file(project, language)
        if not file.exists():
            if len(wanted):
                found.append(f"{file.relative_to(project)}: missing; run make translations")
            continue
        where = file.relative_to(project)
        found += [f"{where}: {line}" for line in catalog_problems(wanted, read(file, language))]
    return found


def catalog_problems(wanted: Catalog, translated: Catalog) -> Iterator[str]:
    for message in wanted:
        if not message.id:
            continue
        known = translated.get(message.id, message.context)
        label = repr(texts(message)[0])
        if known is None:
            yield f"missing: {label}"
        elif "fuzzy" in known.flags:
            yield f"fuzzy: {label}"
        else:
            yield from (f"{said}: {label}" for said in message_problems(known, translated))
    for known in translated:
        if known.id and wanted.get(known.id, known.context) is None:
            yield f"obsolete: {texts(known)[0]!r}"
    for old in translated.obsolete.values():
        yield f"obsolete: {texts(old)[0]!r}"


def message_problems(message: Message, catalog: Catalog) -> Iterator[str]:
    sources, translations = texts(message), forms(message)
    if not any(translations):
        yield "untranslated"
        return
    if len(sources) > 1 and len(translations) != catalog.num_plurals:
        yield f"{len(translations)} plural forms instead of {catalog.num_plurals}"
    if not all(translations):
        yield "empty plural form"
        return
    allowed = frozenset().union(*map(placeholders, sources))
    for index, translation in enumerate(translations):
        used = placeholders(translation)
        needed = placeholders(sources[0 if index == 0 else -1])
        if index == 0 and len(sources) > 1:
            needed -= COUNT
        if unknown := used - allowed:
            yield f"unknown placeholder {', '.join(sorted(unknown))}"
        if left_out := needed - used:
            yield f"placeholder left out {', '.join(sorted(left_out))}"


def update(project: Path) -> None:
    wanted = source_texts(project)
    for language in LANGUAGES:
        file = po_file(project, language)
        catalog = read(file, language) if file.exists() else Catalog(locale=language)
        catalog.update(wanted, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.fuzzy = False
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        with fresh.open("wb") as out:
            write_po(
                out, catalog, width=100, omit_header=False, sort_by_file=True, include_lineno=False
            )
        fresh.replace(file)


def compile_all(project: Path) -> None:
    for language in LANGUAGES:
        file = po_file(project, language)
        compiled = file.with_suffix(".mo")
        if not file.exists():
            continue
        if compiled.exists() and compiled.stat().st_mtime >= file.stat().st_mtime:
            continue
        fresh = compiled.with_suffix(".new")
        with fresh.open("wb") as out:
            write_mo(out, read(file, language))
        fresh.replace(compiled)


def main(arguments: list[str], project: Path = PROJECT) -> int:
    match arguments:
        case ["check"]:
            found = problems(project)
            for line in found:
                print(line)
            return 1 if found else 0
        case ["update"]:
            update(project)
        case ["compile"]:
            compile_all(project)
        case _:
            print("usage: python -m dev.translations check | update | compile")
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
