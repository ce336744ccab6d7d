"""Which parties others refer to: known above this module, told to it at the start."""

from collections.abc import Callable, Collection
from uuid import UUID

Source = Callable[[Collection[UUID]], Collection[UUID]]

_sources: dict[str, Source] = {}


def tell_uses(name: str, source: Source) -> None:
    """`source` answers which of the given parties its module refers to."""
    _sources[name] = source


def used(party_ids: Collection[UUID]) -> set[UUID]:
    """They can't be deleted any more."""
    found: set[UUID] = set()
    for source in _sources.values():
        found |= set(source(party_ids)) if party_ids else set()
    return found
