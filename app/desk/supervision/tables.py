"""The page's parts as rows, for the screen and for files alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.catalogue.lines import LINES
from app.desk.supervision.figures import Load, Tally, add
from app.desk.supervision.reading import Overview, Reader
from tenants.queries import Workspace


@dataclass(frozen=True, slots=True)
class HeatRow:
    """`cells` by line, where there is something."""

    client: Workspace
    total: Tally
    cells: dict[str, Tally]


@dataclass(frozen=True, slots=True)
class Heat:
    """`lines` are those with something open."""

    lines: Sequence[str]
    rows: Sequence[HeatRow]
    by_line: dict[str, Tally]
    total: Tally


@dataclass(frozen=True, slots=True)
class AgeRow:
    client: Workspace
    counts: Sequence[int]
    oldest: int


def heat_of(reader: Reader, seen: Overview, slug: str = "") -> Heat:
    """Where it burns comes first; of one client or all."""
    works = [one for one in seen.figures.works if slug in ("", reader.clients[one.tenant_id].slug)]
    cells: dict[UUID, dict[str, Tally]] = {}
    for (tenant_id, line), tally in seen.figures.heat(works).items():
        cells.setdefault(tenant_id, {})[line] = tally
    rows = [
        HeatRow(client, add(cells.get(one, {}).values()), cells.get(one, {}))
        for one, client in reader.clients.items()
        if slug in ("", client.slug)
    ]
    rows.sort(key=lambda row: row.client.name.lower())
    rows.sort(key=lambda row: row.total.urgency, reverse=True)
    busy = {line for row in rows for line in row.cells}
    lines = [line for line in LINES if line in busy]
    by_line = {line: add(row.cells[line] for row in rows if line in row.cells) for line in lines}
    return Heat(lines, rows, by_line, add(row.total for row in rows))


def loads_of(reader: Reader, seen: Overview, left: str) -> list[tuple[str, Load]]:
    """By name, what nobody has at the end; `left` names who is not with us any more."""
    found = [
        (reader.name(load.person) or (left if load.person else ""), load)
        for load in seen.figures.loads(seen.worked.able)
    ]
    return sorted(found, key=lambda one: (one[1].person is None, one[0].lower()))


def ages_of(reader: Reader, seen: Overview) -> list[AgeRow]:
    """Who keeps us waiting longest comes first."""
    waiting = seen.figures.approvals(seen.figures.works)
    oldest: dict[UUID, int] = {}
    for work in seen.figures.works:
        if seen.figures.waits(work):
            days = (seen.figures.now - work.state_since).days
            oldest[work.tenant_id] = max(oldest.get(work.tenant_id, 0), days)
    rows = [AgeRow(reader.clients[one], counts, oldest[one]) for one, counts in waiting.items()]
    return sorted(rows, key=lambda row: (-row.oldest, row.client.name.lower()))
