import hashlib
from collections.abc import Sequence
from typing import Protocol


class HasHash(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def package_hash(deliverables: Sequence[HasHash]) -> str:
    """One SHA-256 for all current deliverables: of the sorted lines `kind version sha256`.

    Any changed byte, added or removed file gives another hash.
    """
    lines = sorted(f"{row.kind} {row.version} {row.sha256}\n" for row in deliverables)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
