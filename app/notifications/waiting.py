"""Whether what a mail is about still waits, told by the modules that own it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

# Event, the object's id, the facts that were told with it.
StillWaits = Callable[[str, UUID, Mapping[str, Any]], bool]

_checks: dict[str, StillWaits] = {}


def register(subject: str, check: StillWaits) -> None:
    """For the events '<subject>.…'; `check` answers in the scope of the current client."""
    _checks[subject] = check


def still_waits(event: str, about: UUID, facts: Mapping[str, Any]) -> bool:
    check = _checks.get(event.partition(".")[0])
    return check is None or check(event, about, facts)
