"""A word of warning where work goes to somebody who is away before it is due; it stays possible."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from app.staffing.queries import Away, list_away
from app.web.i18n import local_formats, text
from tenants.core.text import _m

_FROM = _m("%(name)s is away from %(first)s to %(last)s.")
_CHOICE = _m("%(name)s (away from %(first)s to %(last)s)")
_MOMENT = timedelta(seconds=1)


def absences_before(
    due_at: datetime, *, user_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, Away]:
    """Who of these is away now or at some time until then: their first absence."""
    until = max(due_at, now + _MOMENT)
    found: dict[UUID, Away] = {}
    for one in list_away(user_ids=user_ids, since=now, until=until) if user_ids else ():
        found.setdefault(one.user_id, one)
    return found


def is_before(away: Away, due_at: datetime, now: datetime) -> bool:
    return away.starts_at < max(due_at, now + _MOMENT) and away.ends_at > now


def away_sentence(name: str, away: Away) -> str:
    return text(_FROM, {"name": name, **_days(away)})


def away_choice(name: str, away: Away | None) -> str:
    """How a name is offered."""
    return text(_CHOICE, {"name": name, **_days(away)}) if away else name


def _days(away: Away) -> dict[str, str]:
    shown = local_formats()
    return {"first": shown.date(away.starts_at), "last": shown.date(away.ends_at - _MOMENT)}
