"""All that supervision shows, read at once; the reader's own lines of review only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.desk.filters import NOBODY
from app.desk.queries import DeskContext, get_context
from app.desk.queue import across
from app.desk.supervision import queries
from app.desk.supervision.figures import Figures
from app.desk.supervision.filters import OF_REQUESTS, Asked
from app.desk.supervision.queries import OfficeFacts, Worked
from app.service_levels.forming import Forming, list_forming
from tenants.queries import Workspace

NOTHING = Worked({}, (), (), (), 0)


@dataclass(frozen=True)
class Reader:
    """`lines_of` are the lines that they review, by client."""

    user_id: UUID
    now: datetime
    found: DeskContext
    facts: OfficeFacts
    clients: Mapping[UUID, Workspace] = field(init=False)
    lines_of: Mapping[UUID, Sequence[str]] = field(init=False)

    def __post_init__(self) -> None:
        reviewed = {
            one.tenant_id: [line for line, level in one.grant_lines.items() if level == "review"]
            for one in self.found.clients
        }
        lines_of = {one: lines for one, lines in reviewed.items() if lines}
        clients = {one.tenant_id: one for one in self.found.clients if one.tenant_id in lines_of}
        object.__setattr__(self, "lines_of", lines_of)
        object.__setattr__(self, "clients", clients)

    def pairs(self) -> list[tuple[UUID, str]]:
        return [(one, line) for one, lines in self.lines_of.items() for line in lines]

    def name(self, person: UUID | None) -> str:
        """Empty for nobody, and for who left."""
        return self.found.people.get(str(person), "") if person else ""

    def across(self, reason: str) -> Any:
        return across(self.found, reason=reason, user_id=self.user_id)


@dataclass(frozen=True, slots=True)
class Overview:
    figures: Figures
    worked: Worked
    forming: Sequence[Forming]


def reader_of(*, user_id: UUID, now: datetime) -> Reader:
    """In the provider's own scope."""
    found = get_context(user_id=user_id)
    return Reader(user_id, now, found, queries.get_office(people=found.people, now=now))


def read_overview(reader: Reader) -> Overview:
    pairs, now = reader.pairs(), reader.now
    if not pairs:
        return Overview(Figures((), reader.facts.office, {}, now), NOTHING, ())
    with reader.across("supervision") as session:
        works = queries.list_open(session, pairs=pairs)
        worked = queries.read_worked(session, pairs=pairs, facts=reader.facts, now=now)
        forming = list_forming(session, lines_of=reader.lines_of, now=now)
    return Overview(Figures(works, reader.facts.office, worked.usual, now), worked, forming)


def read_requests(reader: Reader, asked: Asked) -> tuple[Figures, list[Any]]:
    """The open requests behind one figure: which ones are at risk depends on all of them."""
    assert asked.what in OF_REQUESTS
    pairs = reader.pairs()
    figures = Figures((), reader.facts.office, {}, reader.now)
    if pairs:
        with reader.across("behind a figure of supervision") as session:
            works = queries.list_open(session, pairs=pairs)
            worked = queries.read_worked(session, pairs=pairs, facts=reader.facts, now=reader.now)
        figures = Figures(works, reader.facts.office, worked.usual, reader.now)
    return figures, [one for one in figures.works if _is_asked(reader, figures, one, asked)]


def _is_asked(reader: Reader, figures: Figures, work: Any, asked: Asked) -> bool:
    client = reader.clients[work.tenant_id]
    if asked.client not in ("", client.slug) or asked.line not in ("", work.line):
        return False
    if asked.who and str(work.assignee_id or NOBODY) != asked.who:
        return False
    if asked.what == "load":
        return figures.is_load(work) and asked.week in ("", str(figures.week(work)))
    if asked.what == "approvals":
        return figures.waits(work) and asked.age in ("", str(figures.age(work)))
    return asked.what in figures.marks(work)


def read_rework(reader: Reader, asked: Asked) -> Sequence[Any]:
    if not reader.lines_of:
        return ()
    with reader.across("rework") as session:
        rows = queries.list_reworked(
            session, pairs=reader.pairs(), facts=reader.facts, who=asked.person
        )
    return [one for one in rows if _at(reader, one.tenant_id, asked)]


def read_unsettled(reader: Reader, asked: Asked) -> Sequence[Any]:
    if not reader.lines_of:
        return ()
    with reader.across("time that is not settled") as session:
        rows = queries.list_unsettled(
            session, pairs=reader.pairs(), facts=reader.facts, month=asked.first
        )
    return [one for one in rows if _at(reader, one.tenant_id, asked)]


def read_forming(reader: Reader, asked: Asked) -> list[Forming]:
    if not reader.lines_of:
        return []
    with reader.across("credits that form") as session:
        found = list_forming(session, lines_of=reader.lines_of, now=reader.now)
    return [
        one
        for one in found
        if _at(reader, one.tenant_id, asked)
        and asked.line in ("", one.line)
        and asked.first in (None, one.month)
    ]


def _at(reader: Reader, tenant_id: UUID, asked: Asked) -> bool:
    return asked.client in ("", reader.clients[tenant_id].slug)
