"""What members and grants look like on the page; no statement goes to the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.catalogue.lines import LEVEL_ICONS, LEVELS, LINES
from app.web.i18n import text
from tenants.core.text import _m
from tenants.models import Grant, Member
from tenants.queries import MemberFacts
from tenants.services.members import MemberState

ROLE_NAMES = {"client_user": _m("User"), "client_admin": _m("Administrator"), "guest": _m("Guest")}


@dataclass(frozen=True, slots=True)
class MemberRow:
    member: Member
    facts: MemberFacts | None
    role: str
    lines: Sequence[str]
    state: tuple[str, str, str]

    @property
    def invited(self) -> bool:
        return self.facts is not None and not self.facts.can_sign_in


@dataclass(frozen=True, slots=True)
class GrantRow:
    grant: Grant
    line: str
    level: str
    icon: str
    given_by: str
    last_used_at: datetime | None
    until: date
    ended_at: datetime | None

    @property
    def ended_on(self) -> date:
        """The last day of one that ran out."""
        return self.grant.ended_at or self.until


@dataclass(frozen=True, slots=True)
class Holder:
    name: str
    rows: Sequence[GrantRow]

    @property
    def last_used_at(self) -> datetime | None:
        return max((row.last_used_at for row in self.rows if row.last_used_at), default=None)


def line_names(lines: Iterable[str]) -> list[str]:
    """In the catalogue's order."""
    wanted = set(lines)
    return [text(label) for code, label in LINES.items() if code in wanted]


def member_row(member: Member, facts: MemberFacts | None, now: datetime) -> MemberRow:
    return MemberRow(
        member=member,
        facts=facts,
        role=text(ROLE_NAMES[member.role]),
        lines=line_names(member.lines),
        state=_state(facts, now),
    )


def _state(facts: MemberFacts | None, now: datetime) -> tuple[str, str, str]:
    """Label, icon and tone."""
    if facts is None or facts.can_sign_in:
        return text(_m("Active")), "circle-check", "good"
    if facts.invited_until and facts.invited_until > now:
        return text(_m("Invited")), "mail", "wait"
    return text(_m("Invitation out of date")), "clock-exclamation", "warn"


def holders(
    grants: Sequence[Grant], givers: Mapping[UUID, str], zone: str, now: datetime
) -> tuple[list[Holder], list[GrantRow]]:
    """Who can see the company now, by person; and what ended."""
    live: dict[UUID, list[GrantRow]] = {}
    ended = []
    for grant in grants:
        row = _grant_row(grant, givers, zone, now)
        if row.ended_at:
            ended.append(row)
        else:
            live.setdefault(grant.user_id, []).append(row)
    ended.sort(key=lambda row: row.ended_at or now, reverse=True)
    return [Holder(rows[0].grant.display_name, rows) for rows in live.values()], ended


def _grant_row(grant: Grant, givers: Mapping[UUID, str], zone: str, now: datetime) -> GrantRow:
    return GrantRow(
        grant=grant,
        line=text(LINES[grant.line]),
        level=text(LEVELS[grant.level]),
        icon=LEVEL_ICONS[grant.level],
        given_by=givers.get(grant.granted_by, "") if grant.granted_by else "",
        last_used_at=grant.last_used_at,
        until=grant.last_day(zone),
        ended_at=grant.ended_at or (grant.expires_at if grant.expires_at <= now else None),
    )


def changes(seen: MemberState, found: MemberState) -> list[tuple[str, Any, Any]]:
    """What another administrator changed: label, what the writer saw, what stands there now."""
    rows = zip(_shown(seen), _shown(found), strict=True)
    return [(label, before, after) for (label, before), (_, after) in rows if before != after]


def _shown(state: MemberState) -> list[tuple[str, str]]:
    return [
        (text(_m("Role")), text(ROLE_NAMES.get(state.role, ""))),
        (text(_m("May approve")), text(_m("Yes") if state.approver else _m("No"))),
        (text(_m("Service lines")), ", ".join(line_names(state.lines)) or "–"),
    ]
