"""Which of the provider's people may see a client, and who is told of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.catalogue.lines import LEVELS, LINES
from app.notifications.audiences import Audience, account, administrators
from app.notifications.services import SEVERAL, tell
from app.provider.last_moment import last_moment
from app.tokens.services import end_tokens_without_access
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.models import Grant
from tenants.permissions import Actor
from tenants.queries import get_grant, get_tenant
from tenants.services import grants


def give_access(
    *,
    user_id: UUID,
    lines: Sequence[str],
    level: str,
    reason: str,
    until: date,
    actor: Actor,
    now: datetime,
) -> list[Grant]:
    """One grant a line, in the place of a live one of the same person and line. The access lasts
    through the day `until` where the client is."""
    actor.require("provider.administer")
    if not lines:
        raise Invalid(field_errors={"lines": [_m("Choose at least one service line.")]})
    expires_at = last_moment(until, zone=get_tenant().time_zone, now=now)
    given = [
        grants.give_grant(
            user_id=user_id, line=line, level=level, reason=reason, expires_at=expires_at,
            actor=actor, now=now,
        )
        for line in dict.fromkeys(lines)
    ]  # fmt: skip
    _tell("grant.given", given, account(user_id), "requests", actor,
          until=expires_at, level=LEVELS[level])  # fmt: skip
    _tell("access.opened", given, administrators(), "people/provider", actor,
          until=expires_at, person=given[0].display_name)  # fmt: skip
    return given


def replace_access(
    *, grant_id: UUID, level: str, reason: str, until: date, actor: Actor, now: datetime
) -> Grant:
    """Another level or a later end: a new grant in the place of this one."""
    actor.require("provider.administer")
    old = get_grant(grant_id=grant_id)
    if old.ended_at is not None:
        raise Conflict(_m("This access ended already. Give a new one."), code="grant_ended")
    [given] = give_access(
        user_id=old.user_id, lines=[old.line], level=level, reason=reason, until=until,
        actor=actor, now=now,
    )  # fmt: skip
    return given


def end_access(*, grant_id: UUID, actor: Actor, now: datetime) -> Grant:
    """Twice is once."""
    actor.require("provider.administer")
    grant = get_grant(grant_id=grant_id)
    if grants.end_grant(grant_id=grant_id, actor=actor, now=now):
        end_tokens_without_access(user_id=grant.user_id, actor=actor, now=now)
        _tell("grant.ended", [grant], account(grant.user_id), "/", actor)
    return grant


def _tell(
    event: str,
    about: Sequence[Grant],
    audience: Audience,
    link: str,
    actor: Actor,
    **facts: Any,
) -> None:
    """One mail for one act, however many lines it concerns."""
    tell(
        event, audience=audience, link=link, key=str(about[0].id), actor=actor,
        line=SEVERAL.join(LINES[one.line] for one in about), **facts,
    )  # fmt: skip
