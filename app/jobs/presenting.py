"""Jobs in words, for the provider's people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.notifications.catalogue import CATEGORIES, EVENTS
from app.service_requests.pills import Pill
from app.service_requests.presenting import span
from app.web.i18n import text
from tenants.core.text import _m
from tenants.jobs import Part

ROLES: Mapping[str, str] = {
    "client_user": _m("User of the company"),
    "client_admin": _m("Administrator of the company"),
    "guest": _m("Guest of the company"),
    "operator": _m("Operator"),
    "supervisor": _m("Supervisor"),
    "provider_admin": _m("Provider administrator"),
}
_LOOKS: Mapping[str, Pill] = {
    "due": Pill(_m("Waiting"), "hourglass", ""),
    "later": Pill(_m("Due later"), "calendar-time", ""),
    "held": Pill(_m("Held"), "player-pause", "wait"),
    "dispatched": Pill(_m("Handed over"), "send", "info"),
    "running": Pill(_m("Running"), "loader-2", "info"),
    "waiting": Pill(_m("Waiting for its parts"), "hourglass", "info"),
    "retrying": Pill(_m("Tried again"), "repeat", "warn"),
    "succeeded": Pill(_m("Done"), "circle-check", "good"),
    "quarantined": Pill(_m("In quarantine"), "alert-triangle", "bad"),
    "cancelled": Pill(_m("Cancelled"), "ban", ""),
}
_CATEGORY = {one.code: one.title for one in CATEGORIES}


class Dotted:
    """A row of a text statement, read like one of a model."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.__dict__.update(row)


def result_line(result: Any) -> str:
    """Counts and short words of a result, in one line."""
    if not isinstance(result, Mapping):
        return "" if result is None else str(result)[:120]
    shown = [f"{name}: {_short(one)}" for name, one in result.items()
             if isinstance(one, str | int | float | list)]  # fmt: skip
    return "; ".join(shown)[:200]


def _short(value: Any) -> str:
    return ", ".join(map(str, value)) or "–" if isinstance(value, list) else str(value)


def pill_of(row: Any, now: datetime) -> Pill:
    look = _LOOKS[_look(row, now)]
    return look._replace(label=text(look.label))


def pill_of_part(part: Part) -> Pill:
    """Of a batch."""
    look = "held" if part.held and not part.ended else part.state
    found = _LOOKS["due" if look == "queued" else look]
    return found._replace(label=text(found.label))


def _look(row: Any, now: datetime) -> str:
    if row.state in ("queued", "retrying") and row.held_since is not None:
        return "held"
    if row.state == "queued":
        return "later" if row.run_at > now else "due"
    return str(row.state)


def age(since: datetime | None, now: datetime) -> str:
    if since is None:
        return "–"
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 60:
        return text(_m("%(seconds)s s"), {"seconds": seconds})
    return span(seconds // 60)


def when(moment: datetime | None, now: datetime) -> str:
    """How long ago, or in how long."""
    if moment is None or moment <= now:
        return age(moment, now)
    return text(_m("in %(time)s"), {"time": age(now, moment)})


def lasted(row: Any) -> str:
    """Of a run that ended."""
    if row.started_at is None or row.finished_at is None:
        return ""
    seconds = (row.finished_at - row.started_at).total_seconds()
    if seconds < 60:
        return text(_m("%(seconds)s s"), {"seconds": f"{max(seconds, 0):.1f}"})
    return span(int(seconds // 60))


def effect_words(kind: str, verb: str) -> str:
    """What was to go out, by its code: never what stands in it."""
    if kind == "stripe":
        return text(_m("To the payment service: %(what)s"), {"what": verb.replace("_", " ")})
    if kind == "webhook":
        return text(_m("Message to a webhook"))
    what, _, code = verb.partition(".")
    event = EVENTS.get(code) if what == "notice" else None
    if event is not None:
        return text(_m("Mail: %(kind)s"), {"kind": text(_CATEGORY[event.category])})
    return text(_m("Mail about somebody's account"))


def to_whom(kind: str, role: str) -> str:
    if kind == "stripe":
        return text(_m("Payment service"))
    if kind == "webhook":
        return text(_m("A program of the company"))
    return text(ROLES.get(role, _m("The person themselves")))
