"""Filters in words."""

from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS
from app.contracts.words import PRIORITY_NAMES
from app.desk.filters import DUE, SORTS, QueueFilter
from app.service_requests.transitions import STATES
from app.web.i18n import text
from tenants.core.text import _m

NAMES = {
    "state": _m("State"), "client": _m("Client"), "line": _m("Service line"), "item": _m("Kind of request"),
    "priority": _m("Priority"), "who": _m("Assigned to"), "due": _m("Due"),
    "since": _m("Raised since"), "snoozed": _m("Snoozed"), "search": _m("Words"),
    "sort": _m("Order"),
}  # fmt: skip
PEOPLE = {"me": _m("Me"), "nobody": _m("Nobody yet")}


def said(chosen: QueueFilter) -> list[tuple[str, str]]:
    """Names and values of what narrows the list."""
    return [
        (text(label), _value(name, getattr(chosen, name)))
        for name, label in NAMES.items()
        if getattr(chosen, name)
    ]


def _value(name: str, value: str) -> str:
    items = {code: item.title for code, item in ITEMS.items()}
    known = {
        "state": STATES, "line": LINES, "item": items, "priority": PRIORITY_NAMES, "due": DUE,
        "sort": SORTS, "who": PEOPLE,
    }.get(name, {})  # fmt: skip
    if name == "snoozed":
        return text(_m("Yes"))
    if name == "who" and value not in PEOPLE:
        return text(_m("One person"))
    return text(known[value]) if value in known else str(value)
