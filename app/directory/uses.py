"""Which parties others refer to: known above this module, told to it at the start."""

from collections.abc import Callable, Collection
from uuid import UUID

from tenants.core.text import _m

Source = Callable[[Collection[UUID]], Collection[UUID]]
REFERRED_TO = _m("Something else refers to it.")

_sources: dict[str, tuple[Source, str]] = {}


def tell_uses(name: str, source: Source, sentence: str = REFERRED_TO) -> None:
    """`source` answers which of the given parties its module refers to, `sentence` says how."""
    _sources[name] = source, sentence


def used(party_ids: Collection[UUID]) -> dict[UUID, str]:
    """They can't be deleted any more, and why."""
    found: dict[UUID, str] = {}
    for source, sentence in _sources.values():
        for party_id in source(party_ids) if party_ids else ():
            found.setdefault(party_id, sentence)
    return found
