"""What is wrong with a text, in the reader's language."""

from collections.abc import Iterable

from app.documents.templating.markup import Problem
from app.web.i18n import text
from tenants.core.text import _m

PLACE = _m("%(part)s, line %(line)s: %(problem)s")


def sentences(problems: Iterable[Problem]) -> list[str]:
    return [sentence(one) for one in problems]


def sentence(problem: Problem) -> str:
    labels = {name: text(label) for name, label in problem.labels.items()}
    said = text(problem.message, {**labels, **problem.params})
    if not problem.line:
        return said
    place = {"part": text(problem.part), "line": problem.line, "problem": said}
    return text(PLACE, place)
