"""What a usage record stands for and whether that is proven, told by the modules that record
usage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select


@dataclass(frozen=True, slots=True)
class Source:
    """`line` is the service line, which decides who may read the title; `number` that of a request,
    None of what was done outside of one. `about` is what a page of its own shows, by its kind."""

    number: int | None
    title: str
    line: str
    proven: bool
    about: tuple[str, UUID] | None = None


Find = Callable[[Sequence[UUID]], Mapping[UUID, Source]]
# The ids of the current client's sources whose chain of evidence is complete.
Proven = Callable[[], Select[Any]]

_finders: dict[str, Find] = {}
_proven: dict[str, Proven] = {}


def register(source_type: str, find: Find, proven: Proven) -> None:
    """`find` answers for the ids that it knows, in the scope of the current client."""
    _finders[source_type] = find
    _proven[source_type] = proven


def find_sources(wanted: Sequence[tuple[str, UUID]]) -> Mapping[UUID, Source]:
    found: dict[UUID, Source] = {}
    for source_type, find in _finders.items():
        ids = [source_id for kind, source_id in wanted if kind == source_type]
        if ids:
            found.update(find(ids))
    return found


def proven_ids() -> Mapping[str, Select[Any]]:
    """By source type."""
    return {source_type: proven() for source_type, proven in _proven.items()}
