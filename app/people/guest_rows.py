"""What guests look like on the page; no statement goes to the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.people.presenting import line_names
from app.people.services.guests import WARNED_BEFORE
from app.web.i18n import text
from tenants.core.text import _m
from tenants.models import Member
from tenants.queries import MemberFacts

LEVEL_NAMES = {"read": (_m("Read"), "eye"), "query": (_m("Ask"), "message-2")}


@dataclass(frozen=True, slots=True)
class GuestRow:
    """`state` is label, icon and tone; `until` the last day."""

    guest: Member
    facts: MemberFacts | None
    here: bool
    lines: Sequence[str]
    level: str
    level_icon: str
    until: date | None
    ended_on: date | None
    last_look: datetime | None
    state: tuple[str, str, str]

    @property
    def invited(self) -> bool:
        return self.here and self.facts is not None and not self.facts.can_sign_in


def guest_row(
    guest: Member, facts: MemberFacts | None, last_look: datetime | None, zone: str, now: datetime
) -> GuestRow:
    level, icon = LEVEL_NAMES[guest.guest_level or "read"]
    here = guest.is_here(now)
    return GuestRow(
        guest=guest,
        facts=facts,
        here=here,
        lines=line_names(guest.lines),
        level=text(level),
        level_icon=icon,
        until=guest.last_day(zone),
        ended_on=None if here else _ended_on(guest, zone),
        last_look=last_look,
        state=_state(guest, facts, here, now),
    )


def _ended_on(guest: Member, zone: str) -> date | None:
    """Of one that was ended before its last day."""
    last = guest.last_day(zone)
    return min(last, guest.removed_at.date()) if guest.removed_at and last else last


def _state(
    guest: Member, facts: MemberFacts | None, here: bool, now: datetime
) -> tuple[str, str, str]:
    if not here:
        return text(_m("Ended")), "circle-x", ""
    assert guest.expires_at is not None
    if guest.expires_at - now <= WARNED_BEFORE:
        return text(_m("Ends soon")), "clock-exclamation", "warn"
    if facts is None or facts.can_sign_in:
        return text(_m("Active")), "circle-check", "good"
    if facts.invited_until and facts.invited_until > now:
        return text(_m("Invited")), "mail", "wait"
    return text(_m("Invitation out of date")), "clock-exclamation", "warn"
