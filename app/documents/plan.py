"""The filing plan as a tree, under the names that its reader reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.documents.filing_plan import NAMES
from app.documents.models import DocumentFolder


@dataclass(frozen=True, slots=True)
class Branch:
    """A folder in the order of the tree; `path` begins at the top, `within` is it and all below,
    `count` what lies in those."""

    id: UUID
    name: str
    path: str
    level: int
    count: int
    code: str
    within: tuple[UUID, ...]


def name_of(folder: DocumentFolder, say: Callable[[str], str]) -> str:
    return folder.name or say(NAMES[folder.code])


def make_tree(
    rows: Sequence[DocumentFolder], counts: Mapping[UUID, int], say: Callable[[str], str]
) -> list[Branch]:
    below: dict[UUID | None, list[DocumentFolder]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    found: list[Branch] = []

    def walk(parent: UUID | None, path: str) -> tuple[UUID, ...]:
        ids: tuple[UUID, ...] = ()
        for row in below.get(parent, ()):
            name = name_of(row, say)
            place = len(found)
            here = f"{path} / {name}" if path else name
            within = (row.id, *walk(row.id, here))
            count = sum(counts.get(one, 0) for one in within)
            found.insert(place, Branch(row.id, name, here, row.level, count, row.code, within))
            ids += within
        return ids

    walk(None, "")
    return found
