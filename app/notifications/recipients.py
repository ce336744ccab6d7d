"""Who belongs to an audience now, by the client's members and the live grants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tenants import queries
from tenants.models import Grant, Member
from tenants.permissions import LEVELS


@dataclass(frozen=True, slots=True)
class Present:
    members: Sequence[Member]
    grants: Sequence[Grant]


def present(*, now: datetime) -> Present:
    """Everybody with access to the client in scope: two statements, however many they are."""
    return Present(queries.list_members(with_guests=True), queries.list_grants(live_at=now))


def find_user_ids(groups: Sequence[Mapping[str, Any]], *, among: Present) -> list[UUID]:
    for group in groups:
        found = _wanted(group, _of(group, among))
        if found:
            found += _wanted(group, _also(group, among))
            return list(dict.fromkeys(found))
    return _wanted(groups[-1], _also(groups[-1], among)) if groups else []


def _wanted(group: Mapping[str, Any], user_ids: Sequence[UUID]) -> list[UUID]:
    """`only` are those for whom the notice was put off until their office opened."""
    without, only = set(group.get("but", ())), set(group.get("only", ()))
    return [
        one for one in user_ids
        if str(one) not in without and (not only or str(one) in only)
    ]  # fmt: skip


def _also(group: Mapping[str, Any], among: Present) -> list[UUID]:
    named, line = group.get("also", ()), group.get("also_line")
    here = _who_may_see(among, line) if named else set()
    return [one for one in map(UUID, named) if one in here]


def _of(group: Mapping[str, Any], among: Present) -> list[UUID]:
    kind, line = group["kind"], group.get("line")
    named = [UUID(one) for one in group.get("ids", ())]
    if kind == "account":
        return named
    if kind == "people":
        here = _who_may_see(among, line)
        return [one for one in named if one in here]
    if kind == "operators":
        return _holders(among, line, group["level"])
    if kind == "supervisors":
        here = set(_holders(among, None, "read"))
        staff = queries.list_staff()
        return [one.user_id for one in staff if one.role == "supervisor" and one.user_id in here]
    if kind == "administrators":
        return [one.user_id for one in among.members if one.role == "client_admin"]
    if kind == "provider_administrators":
        return [one.user_id for one in queries.list_staff() if one.role == "provider_admin"]
    return _members(among, line, approvers=kind == "approvers")


def _who_may_see(among: Present, line: str | None) -> set[UUID]:
    """Guests too, where they are named: nothing is told to all of them."""
    named = {one.user_id for one in among.members if line is None or line in one.lines}
    return named | set(_holders(among, line, "read"))


def _members(among: Present, line: str | None, *, approvers: bool = False) -> list[UUID]:
    return [
        one.user_id
        for one in among.members
        if one.is_colleague
        and (line is None or line in one.lines)
        and (one.approver or not approvers)
    ]


def _holders(among: Present, line: str | None, level: str) -> list[UUID]:
    return [
        one.user_id
        for one in among.grants
        if (line is None or line == one.line) and LEVELS[one.level] >= LEVELS[level]
    ]
