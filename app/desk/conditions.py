"""The queue's filters as conditions of SQL: fixed texts over `requests r`, every value bound."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.desk.filters import ME, NOBODY, QueueFilter, end_of, start_of
from app.service_requests.transitions import ENDED, PAUSED

LIVE = f"r.state NOT IN ({', '.join(repr(state) for state in ENDED)})"
STOPPED = ", ".join(repr(state) for state in (*PAUSED, "delivered"))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, when and where they are; `tenants` are the ids of their clients by slug."""

    user_id: UUID
    now: datetime
    zone: ZoneInfo
    tenants: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Order:
    """`cast` is the key's type in a cursor."""

    key: str
    descending: bool = False

    @property
    def by(self) -> str:
        way = " DESC" if self.descending else ""
        return f"r.{self.key}{way}, r.id{way}"

    @property
    def after(self) -> str:
        sign = "<" if self.descending else ">"
        return f"(r.{self.key}, r.id) {sign} (CAST(:at AS timestamptz), CAST(:last AS uuid))"


ORDERS: Mapping[str, Order] = {
    "breach": Order("breach_at"),
    "due": Order("due_at"),
    "newest": Order("raised_at", descending=True),
    "waiting": Order("state_since"),
}


def conditions(
    chosen: QueueFilter, reader: Reader, prefix: str = ""
) -> tuple[list[str], dict[str, Any]]:
    """Texts and their values; the prefix keeps several filters of one statement apart."""
    found = [
        *_of_state(chosen),
        *_equal(chosen),
        *_of_people(chosen, reader),
        *_of_times(chosen, reader),
        *_of_words(chosen.search),
    ]
    texts, values = [], {}
    for text, given in found:
        for name, value in given.items():
            text = text.replace(f":{name}", f":{prefix}{name}")
            values[f"{prefix}{name}"] = value
        texts.append(text)
    return texts or ["true"], values


Conditions = list[tuple[str, dict[str, Any]]]


def _of_state(chosen: QueueFilter) -> Conditions:
    if chosen.state:
        return [("r.state = :state", {"state": chosen.state})]
    # Who looks for something finds it delivered, too.
    return [] if chosen.search else [("r.state <> 'delivered'", {})]


def _equal(chosen: QueueFilter) -> Conditions:
    return [
        (f"r.{name} = :{name}", {name: value})
        for name in ("line", "item", "priority")
        if (value := getattr(chosen, name))
    ]


def _of_people(chosen: QueueFilter, reader: Reader) -> Conditions:
    found: Conditions = []
    if chosen.client:
        tenant = reader.tenants.get(chosen.client)
        found.append(("r.tenant_id = CAST(:client AS uuid)", {"client": tenant}))
    if chosen.who == NOBODY:
        found.append(("r.assignee_id IS NULL", {}))
    elif chosen.who:
        who = reader.user_id if chosen.who == ME else UUID(chosen.who)
        found.append(("r.assignee_id = :who", {"who": who}))
    return found


def _of_times(chosen: QueueFilter, reader: Reader) -> Conditions:
    found: Conditions = []
    if chosen.snoozed:
        found.append(("r.snoozed_until > :now", {"now": reader.now}))
    elif not chosen.search:
        awake = "(r.snoozed_until IS NULL OR r.snoozed_until <= :now)"
        found.append((awake, {"now": reader.now}))
    if chosen.due == "overdue":
        found.append((f"r.due_at < :late AND r.state NOT IN ({STOPPED})", {"late": reader.now}))
    elif chosen.due:
        until = end_of(chosen.due, now=reader.now, zone=reader.zone)
        found.append(("r.due_at < :until", {"until": until}))
    if chosen.since:
        found.append(("r.raised_at >= :since", {"since": start_of(chosen.since, reader.zone)}))
    return found


def _of_words(search: str) -> Conditions:
    number = search.lstrip("#")
    if number.isdecimal():
        return [("r.number = :number", {"number": min(int(number), 2**31 - 1)})]
    if not search:
        return []
    for char in "/%_":
        search = search.replace(char, f"/{char}")
    return [("r.title ILIKE :words ESCAPE '/'", {"words": f"%{search}%"})]
