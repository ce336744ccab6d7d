"""What is wrong with a text, in the reader's language."""

from collections.abc import Iterable
from typing import Self

from app.documents.templating.markup import Problem
from app.web.i18n import text
from tenants.core.text import Words, _m

PLACE = _m("%(part)s, line %(line)s: %(problem)s")


class Said(Words):
    """The sentence as a text that is put into the language of whoever is shown it."""

    __slots__ = ("problem",)
    problem: Problem

    def __new__(cls, problem: Problem) -> Self:
        made = super().__new__(cls, problem.text)
        made.problem = problem
        return made

    def in_language(self, code: str) -> str:
        return sentence(self.problem)


def sentences(problems: Iterable[Problem]) -> list[str]:
    return [sentence(one) for one in problems]


def sentence(problem: Problem) -> str:
    labels = {name: text(label) for name, label in problem.labels.items()}
    said = text(problem.message, {**labels, **problem.params})
    if not problem.line:
        return said
    place = {"part": text(problem.part), "line": problem.line, "problem": said}
    return text(PLACE, place)
