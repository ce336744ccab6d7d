"""A template's text and its fields' values become the data of a document; what is missing or can't
be printed is named with its place, before anything leaves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.documents.printing.glyphs import unprintable_in
from app.documents.templating.fields import FIELDS, LONGEST_VALUE, fields_of
from app.documents.templating.markup import Block, Line, Parsed, Problem, Span, parse
from tenants.core.text import _c, _m

PARTS = {
    "subject": _m("Subject"),
    "body": _m("Text"),
    "closing": _c("letter", "Closing"),
}
EMPTY = _m("The field “%(field)s” is empty.")
TOO_LONG = _m("The field “%(field)s” is longer than %(most)s characters.")
NO_GLYPH = _m("“%(character)s” (%(name)s) can't be printed: none of our fonts has it.")
NO_GLYPH_IN_FIELD = _m(
    "The field “%(field)s” holds “%(character)s” (%(name)s), which none of our fonts can print."
)
MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Wording:
    """What a template says; `parts()` are its texts with the names people know."""

    kind: str
    subject: str
    body: str
    closing: str = ""

    def parts(self) -> Iterator[tuple[str, Parsed]]:
        known = [field.code for field in fields_of(self.kind)]
        for name in PARTS:
            yield name, parse(getattr(self, name), known)

    def fields(self) -> list[str]:
        return list(dict.fromkeys(name for _, part in self.parts() for name in part.fields()))


@dataclass(frozen=True, slots=True)
class Filled:
    """`data` for a typst template: `subject` as text, `body` and `closing` as blocks. With
    problems it is good for a preview only."""

    data: dict[str, Any]
    problems: tuple[Problem, ...]


def problems_of(wording: Wording) -> list[Problem]:
    """Of the text itself, whatever its fields will hold."""
    found = [one for name, part in wording.parts() for one in _of_part(name, part)]
    return found[:MOST_PROBLEMS]


def fill(wording: Wording, values: Mapping[str, str]) -> Filled:
    problems = problems_of(wording)
    made: dict[str, Any] = {}
    for name, part in wording.parts():
        problems += _of_values(name, part, values)
        made[name] = [_block(block, values) for block in part.blocks]
    made["subject"] = _plain(made["subject"])
    unique = {(one.part, one.text): one for one in problems}
    return Filled(made, tuple(unique.values())[:MOST_PROBLEMS])


def _of_part(name: str, part: Parsed) -> Iterator[Problem]:
    for problem in part.problems:
        yield replace(problem, part=PARTS[name])
    for line, span in _spans(part):
        for found in unprintable_in(span.text):
            yield Problem(
                NO_GLYPH, line.number, PARTS[name],
                params={"character": found.shown, "name": found.name},
            )  # fmt: skip


def _of_values(name: str, part: Parsed, values: Mapping[str, str]) -> Iterator[Problem]:
    for line, span in _spans(part):
        field = FIELDS.get(span.field)
        if field is None:
            continue
        value = values.get(field.code, "").strip()
        at, labels = (line.number, PARTS[name]), {"field": field.label}
        if not value:
            yield Problem(EMPTY, *at, labels=labels)
        if len(value) > LONGEST_VALUE:
            yield Problem(TOO_LONG, *at, labels=labels, params={"most": LONGEST_VALUE})
        for found in unprintable_in(value.replace("\r\n", "\n")[:LONGEST_VALUE]):
            said = {"character": found.shown, "name": found.name}
            yield Problem(NO_GLYPH_IN_FIELD, *at, labels=labels, params=said)


def _spans(part: Parsed) -> Iterator[tuple[Line, Span]]:
    return (
        (line, span) for block in part.blocks for line in block.lines for span in line.spans
    )  # fmt: skip


def _block(block: Block, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "lines": [[piece for span in line.spans for piece in _pieces(span, values)]
                  for line in block.lines],
    }  # fmt: skip


def _pieces(span: Span, values: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """`open` marks a field that isn't filled, for the preview."""
    if not span.field:
        yield {"text": span.text, "bold": span.bold, "open": False}
        return
    value = values.get(span.field, "").strip()[:LONGEST_VALUE].replace("\r\n", "\n")
    if not value:
        yield {"text": span.field, "bold": span.bold, "open": True}
        return
    for number, line in enumerate(value.split("\n")):
        if number:
            yield {"text": "", "bold": False, "open": False, "break": True}
        yield {"text": line, "bold": span.bold, "open": False}


def _plain(blocks: list[dict[str, Any]]) -> str:
    return " ".join(
        "".join(piece["text"] or " " for piece in line)
        for block in blocks
        for line in block["lines"]
    ).strip()
