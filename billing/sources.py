"""What a usage record stands for, told by the modules that record usage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Source:
    number: int
    title: str


Find = Callable[[Sequence[UUID]], Mapping[UUID, Source]]

_finders: dict[str, Find] = {}


def register(source_type: str, find: Find) -> None:
    """`find` answers for the ids that it knows, in the scope of the current client."""
    _finders[source_type] = find


def find_sources(wanted: Sequence[tuple[str, UUID]]) -> Mapping[UUID, Source]:
    found: dict[UUID, Source] = {}
    for source_type, find in _finders.items():
        ids = [source_id for kind, source_id in wanted if kind == source_type]
        if ids:
            found.update(find(ids))
    return found
