"""One decision on several jobs: what it would mean, company by company."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.jobs.queries import Company
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.jobs.transitions import TRANSITIONS
from tenants.services.job_handling import cancel_job, drop_job, replay_job

MOST = 200
ACTS: Mapping[str, tuple[str, str]] = {
    "replay": ("repeat", _m("Run again")),
    "drop": ("trash", _m("Drop")),
    "cancel": ("ban", _m("Cancel the jobs")),
}
VERBS: Mapping[str, Callable[..., object]] = {
    "replay": replay_job, "drop": drop_job, "cancel": cancel_job,
}  # fmt: skip
GONE = _m("it is not open to you any more")
WRONG_STATE = _m("not in its present state")


@dataclass(frozen=True, slots=True)
class Line:
    """`obstacle` says why this one is left out."""

    job_id: UUID
    name: str
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    company: Company
    lines: Sequence[Line]

    @property
    def fit(self) -> Sequence[Line]:
        return [one for one in self.lines if not one.obstacle]


def picks_of(values: Sequence[str]) -> Mapping[str, list[UUID]]:
    """`slug/id`: the ids of each company."""
    found: dict[str, dict[UUID, None]] = {}
    for value in values:
        slug, _, job_id = value.partition("/")
        try:
            found.setdefault(slug[:64], {})[UUID(job_id)] = None
        except ValueError:
            continue
    picks = {slug: list(ids) for slug, ids in found.items()}
    count = sum(map(len, picks.values()))
    if not count:
        raise Invalid(_m("Tick at least one job."))
    if count > MOST:
        raise Invalid(_m("%(most)s jobs at once at most."), most=MOST)
    return picks


def line_of(job_id: UUID, found: tuple[str, str] | None, act: str) -> Line:
    """`found` is the state and name that it has now."""
    if found is None:
        return Line(job_id, "", GONE)
    state, name = found
    return Line(job_id, name, "" if state in TRANSITIONS[act].sources else WRONG_STATE)
