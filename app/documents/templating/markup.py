r"""The small language of templates: paragraphs, `- ` lists, `# ` headings, `**bold**`, `{{fields}}`.
A backslash before `*` or `{` leaves it as it is. Nothing else means anything; whatever is read here
ends as data of our own typst templates, never as code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tenants.core.text import _m

LONGEST_TEXT = 20_000
_MARK = re.compile(r"\\([*{\\])|\*\*|\{\{([^{}\n]{0,80})\}\}|\{\{")

NO_SUCH_FIELD = _m("There is no field “%(name)s” here. Take one of the list.")
OPEN_FIELD = _m("“{{” is not closed by “}}”.")
OPEN_BOLD = _m("“**” is not closed by “**”.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where; `part` and `labels` are marked texts, `params` are what was typed."""

    message: str
    line: int = 0
    part: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        said = self.message % {**self.labels, **self.params}
        return f"{self.part}, line {self.line}: {said}" if self.line else said


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text, or a field's name."""

    text: str = ""
    field: str = ""
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is "paragraph", "heading" or "list"; a list's lines are its items."""

    kind: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...]

    def fields(self) -> list[str]:
        """Each once, in the order of the text."""
        names = (
            span.field
            for block in self.blocks for line in block.lines for span in line.spans if span.field
        )  # fmt: skip
        return list(dict.fromkeys(names))


def parse(text: str, known: Sequence[str]) -> Parsed:
    problems: list[Problem] = []
    blocks: list[Block] = []
    kind = ""
    lines: list[Line] = []
    for number, written in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        found, rest = _kind_of(written.strip())
        if lines and (found != kind or found == "heading"):
            blocks.append(Block(kind, tuple(lines)))
            lines = []
        kind = found
        if found:
            lines.append(Line(number, tuple(_spans(rest, number, known, problems))))
    if lines:
        blocks.append(Block(kind, tuple(lines)))
    return Parsed(tuple(blocks), tuple(problems))


def _kind_of(line: str) -> tuple[str, str]:
    if not line:
        return "", ""
    if line.startswith("- "):
        return "list", line[2:].strip()
    if line.startswith("# "):
        return "heading", line[2:].strip()
    return "paragraph", line


def _spans(line: str, number: int, known: Sequence[str], problems: list[Problem]) -> Iterator[Span]:
    bold, at, kept = False, 0, ""
    for mark in _MARK.finditer(line):
        kept += line[at : mark.start()] + (mark[1] or "")
        at = mark.end()
        if mark[1]:
            continue
        if kept:
            yield Span(kept, bold=bold)
            kept = ""
        if mark[0] == "**":
            bold = not bold
        else:
            yield from _field(mark[2], number, known, problems, bold=bold)
    kept += line[at:]
    if kept:
        yield Span(kept, bold=bold)
    if bold:
        problems.append(Problem(OPEN_BOLD, number))


def _field(
    written: str | None, number: int, known: Sequence[str], problems: list[Problem], *, bold: bool
) -> Iterator[Span]:
    """`written` is None where the braces don't close."""
    if written is None:
        problems.append(Problem(OPEN_FIELD, number))
        return
    name = written.strip()
    if name not in known:
        problems.append(Problem(NO_SUCH_FIELD, number, params={"name": name}))
    yield Span(field=name, bold=bold)
