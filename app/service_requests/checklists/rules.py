"""When a step counts as done: one rule a kind, from what is known of the request."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from tenants.core.text import _m


class StepLike(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def needs(self) -> str: ...
    @property
    def mandatory(self) -> bool: ...
    @property
    def wait_until(self) -> date | None: ...
    @property
    def done_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """`results` are the kinds of current deliverables, `slots` the places of the form that have
    a file; `figures` holds those that a service line computed, where anybody asked it."""

    today: date
    results: Collection[str] = ()
    slots: Collection[str] = ()
    asked: int = 0
    open_questions: int = 0
    approved: bool = False
    figures: Mapping[str, bool] = field(default_factory=dict)


def _attached(step: StepLike, facts: Facts) -> bool:
    if not step.needs:
        return bool(facts.results)
    return step.needs in facts.results or step.needs in facts.slots


def _computed(step: StepLike, facts: Facts) -> bool:
    return facts.figures.get(step.needs, step.done_at is not None)


def _ticked(step: StepLike, facts: Facts) -> bool:
    return step.done_at is not None


def _answered(step: StepLike, facts: Facts) -> bool:
    return facts.asked > 0 and not facts.open_questions


def _approved(step: StepLike, facts: Facts) -> bool:
    return facts.approved


def _waited(step: StepLike, facts: Facts) -> bool:
    return step.wait_until is None or facts.today >= step.wait_until


RULES: Mapping[str, Callable[[StepLike, Facts], bool]] = {
    "do": _ticked,
    "attach": _attached,
    "compute": _computed,
    "ask_client": _answered,
    "approve": _approved,
    "wait_until": _waited,
}
# Why a step can't be ticked yet.
HINTS: Mapping[str, str] = {
    "attach": _m("It is done by itself once the file is attached."),
    "compute": _m("It is done by itself once the figures say so."),
    "ask_client": _m("Ask the client: it is done by itself once they answered."),
    "approve": _m("It is done by the client's approval."),
    "wait_until": _m("It is done by itself once the day has come."),
}


def is_done(step: StepLike, facts: Facts) -> bool:
    return RULES[step.kind](step, facts)


def blocking(steps: Sequence[StepLike], facts: Facts) -> list[StepLike]:
    """What stands before handing over; the client's approval comes after it."""
    return [
        one for one in steps
        if one.mandatory and one.kind != "approve" and not is_done(one, facts)
    ]  # fmt: skip
