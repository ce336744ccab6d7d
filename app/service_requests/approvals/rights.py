"""Whose voice somebody has in an approval: their own, or that of an approver who named them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.service_requests.approvals.queries import list_live_delegations
from tenants.permissions import Actor
from tenants.queries import list_members


@dataclass(frozen=True, slots=True)
class Voice:
    """`actor` decides with the rights of an approver; `of_name` is empty for one's own voice."""

    actor: Actor
    of_id: UUID
    of_name: str = ""


def find_voice(
    *, actor: Actor, line: str, now: datetime, used: Collection[UUID] = ()
) -> Voice | None:
    """None for who may not decide on this line. A delegate has the voice of somebody who may decide
    there themselves at this moment, so that no chain can be made; one that isn't `used` yet if
    there is any."""
    if actor.side != "client" or actor.user_id is None or line not in actor.lines:
        return None
    if actor.can("request.approve", line):
        return Voice(actor, actor.user_id)
    if actor.token_scopes is not None:
        return None
    given = list_live_delegations(delegate_id=actor.user_id, now=now)
    given = [one for one in given if line in one.lines]
    if not given:
        return None
    approvers = {one.user_id for one in list_members() if one.approver and line in one.lines}
    for one in sorted(given, key=lambda row: row.principal_id in used):
        if one.principal_id in approvers:
            return Voice(replace(actor, approver=True), one.principal_id, one.principal_name)
    return None


def delegated_lines(*, actor: Actor, now: datetime) -> frozenset[str]:
    """Lines on which the actor may decide for somebody else."""
    if actor.side != "client" or actor.user_id is None or actor.approver:
        return frozenset()
    given = list_live_delegations(delegate_id=actor.user_id, now=now)
    if not given:
        return frozenset()
    lines_of = {one.user_id: set(one.lines) for one in list_members() if one.approver}
    found: set[str] = set()
    for one in given:
        found |= set(one.lines) & lines_of.get(one.principal_id, set()) & set(actor.lines)
    return frozenset(found)
