"""Whom an event is for, said so that a job can ask later who that is by then.

people([request.assignee_id], line="finance").or_else(operators("finance"))
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Audience:
    """Groups in turn: the first one in which anybody still has access is told."""

    groups: tuple[Mapping[str, Any], ...]

    def or_else(self, other: Self) -> "Audience":
        return Audience(self.groups + other.groups)

    def plus(self, user_ids: Iterable[UUID], *, line: str) -> "Audience":
        """Beside whichever group it is these, as far as they may see the line; without a group that
        anybody is in, they alone."""
        also = [str(one) for one in user_ids]
        if not also:
            return self
        return Audience(tuple({**group, "also": also, "also_line": line} for group in self.groups))

    def but(self, *user_ids: UUID | None) -> "Audience":
        """Without these, whichever group it is."""
        without = [str(one) for one in user_ids if one]
        return Audience(tuple({**group, "but": without} for group in self.groups))


def people(user_ids: Iterable[UUID | None], *, line: str | None = None) -> Audience:
    """Exactly these, as far as they are members or hold a live grant (on this line)."""
    return Audience(({"kind": "people", "ids": [str(one) for one in user_ids if one],
                      "line": line},))  # fmt: skip


def account(user_id: UUID) -> Audience:
    """One person, whatever they may see by now: an ended grant, their own password."""
    return Audience(({"kind": "account", "ids": [str(user_id)]},))


def members(line: str) -> Audience:
    """The client's people on this line."""
    return Audience(({"kind": "members", "line": line},))


def approvers(line: str) -> Audience:
    return Audience(({"kind": "approvers", "line": line},))


def administrators() -> Audience:
    """The client's."""
    return Audience(({"kind": "administrators"},))


def operators(line: str, *, level: str = "work") -> Audience:
    """Who of the provider holds a live grant of at least this level on the line."""
    return Audience(({"kind": "operators", "line": line, "level": level},))


def supervisors() -> Audience:
    """Supervisors who hold a live grant here, on whichever line; without any, the reviewers."""
    return Audience(({"kind": "supervisors"},
                     {"kind": "operators", "line": None, "level": "review"}))  # fmt: skip


def provider_administrators() -> Audience:
    """They see no content: what they are told of may hold figures and numbers alone."""
    return Audience(({"kind": "provider_administrators"},))
