"""Open jobs counted by company, queue or name: one line each, every number with its filter."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.jobs.filters import DUE
from app.jobs.queries import Figure

Key = TypeVar("Key")
# The columns, each the word of `WHEN` that lists what it counts.
COLUMNS = ("due", "later", "held", "running", "parts", "quarantined")


@dataclass(slots=True)
class Counts:
    due: int = 0
    later: int = 0
    held: int = 0
    running: int = 0
    parts: int = 0
    quarantined: int = 0
    oldest: datetime | None = None

    @property
    def open(self) -> int:
        return sum(getattr(self, name) for name in COLUMNS)

    def add(self, one: Figure) -> None:
        if one.state in DUE:
            self.due += one.jobs - one.later - one.held
            self.later += one.later
            self.held += one.held
            if one.oldest is not None:
                self.oldest = min(self.oldest or one.oldest, one.oldest)
        elif one.state == "waiting":
            self.parts += one.jobs
        elif one.state == "quarantined":
            self.quarantined += one.jobs
        else:
            self.running += one.jobs


def counted(rows: Iterable[Figure], by: Callable[[Figure], Key]) -> Mapping[Key, Counts]:
    """Who waits longest comes first, then who has most."""
    found: dict[Key, Counts] = {}
    for one in rows:
        found.setdefault(by(one), Counts()).add(one)

    def place(item: tuple[Key, Counts]) -> tuple[float, int]:
        oldest = item[1].oldest
        return (oldest.timestamp() if oldest else float("inf"), -item[1].open)

    return dict(sorted(found.items(), key=place))
