"""One piece of work on the months of several clients: which there are, and who is left out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, column, func, select

from tenants.access import WORKING
from tenants.core.db import db
from tenants.core.text import _m
from tenants.jobs import JobBatch
from tenants.queries import list_workspaces

READ_ONLY = _m("your access there is for reading only")
NO_ACCESS = _m("its subscription does not let us work there at present")
GONE = _m("it is not open to you any more")
SEEN = func.job_tenants().table_valued(column("tenant_id", Uuid), column("access_state", Text))


@dataclass(frozen=True, slots=True)
class Work:
    """`title` is what the client reads of it too."""

    job: str
    label: str
    title: str
    symbol: str


WORKS: Mapping[str, Work] = {
    "prepare": Work(
        "service_levels.prepare", _m("Prepare the month"),
        _m("Preparing the service levels of the month"), "calculator",
    ),
    "count": Work(
        "service_levels.count_again", _m("Count again"),
        _m("Counting the service levels again"), "refresh",
    ),
}  # fmt: skip
JOBS = tuple(work.job for work in WORKS.values())


@dataclass(frozen=True, slots=True)
class Place:
    """A client of the reader's; `obstacle` says why nothing can be started there."""

    tenant_id: UUID
    slug: str
    name: str
    lines: Mapping[str, str]
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A round as it was begun, read in the provider's own scope for when that has ended."""

    id: UUID
    title: str
    title_params: Mapping[str, Any]
    total: int
    by: str
    at: datetime


def begun_of(batch: JobBatch) -> Begun:
    return Begun(
        batch.id, batch.title, batch.title_params, batch.total, batch.started_by_name,
        batch.created_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """`left_out` are names with what keeps them out."""

    tenant_ids: Sequence[UUID]
    left_out: Sequence[tuple[str, str]]


def list_places() -> Mapping[str, Place]:
    """By their short names; in the provider's own scope."""
    access = {row.tenant_id: row.access_state for row in db.session.execute(select(SEEN))}
    return {
        one.slug: Place(
            one.tenant_id, one.slug, one.name, one.grant_lines,
            _obstacle(one.grant_lines.values(), access.get(one.tenant_id, "")),
        )
        for one in list_workspaces()
        if one.grant_lines
    }  # fmt: skip


def _obstacle(levels: Collection[str], access: str) -> str:
    if not {"work", "review"} & set(levels):
        return READ_ONLY
    return "" if access in WORKING else NO_ACCESS


def choose(places: Mapping[str, Place], picked: Sequence[str]) -> Choice:
    """Whoever was ticked is either worked on or named."""
    fit, left_out = [], []
    for slug in dict.fromkeys(picked):
        place = places.get(slug)
        if place is None:
            left_out.append((slug[:64], GONE))
        elif place.obstacle:
            left_out.append((place.name, place.obstacle))
        else:
            fit.append(place.tenant_id)
    return Choice(fit, left_out)
