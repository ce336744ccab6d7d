"""What waits for the client, by what it asks of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from app.calendars.business_time import BusinessCalendar
from app.service_requests import presenting
from app.service_requests.rows import Row, RowMaker
from app.service_requests.transitions import CLOCKS
from app.web.formats import time_left
from app.web.i18n import text
from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class Kind:
    """`consequences` of the waiting, by the state of what waits."""

    title: str
    icon: str
    button: str
    consequences: Mapping[str, str]

    @property
    def key(self) -> str:
        return next(iter(self.consequences))


KINDS = (
    Kind(_m("To decide"), "signature", _m("Look and decide"),
         {"awaiting_approval": _m("Nothing is delivered before you approve."),
          "quote_needed": _m("The work begins only after you accept the price.")}),
    Kind(_m("To provide"), "hand-stop", _m("Answer"),
         {"waiting_client": _m("The work stands still until you answer.")}),
    Kind(_m("To read"), "package-export", _m("Read and confirm"),
         {"delivered": _m("Your request stays open until you confirm the result.")}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    state: str
    row: Row
    waits: str
    long: bool
    cost: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    kind: Kind
    items: Sequence[Item]

    @property
    def consequences(self) -> list[str]:
        found = {one.state for one in self.items}
        return [words for state, words in self.kind.consequences.items() if state in found]

    @property
    def oldest(self) -> str:
        """They come oldest first."""
        return self.items[0].waits


def groups_of(
    rows: Sequence[Any], *, slug: str, now: datetime, calendar: BusinessCalendar
) -> list[Group]:
    """In the order of what they hold up; empty groups are left out. `rows` come oldest first."""
    lists: list[list[Item]] = [[] for _ in KINDS]
    found = {
        state: items
        for kind, items in zip(KINDS, lists, strict=True)
        for state in kind.consequences
    }
    make = RowMaker(side="client", now=now)
    for row in rows:
        minutes = int((now - row.state_since).total_seconds() // 60)
        url = url_for("service_requests.show", slug=slug, number=row.number)
        found[row.state].append(
            Item(
                state=row.state,
                row=make.row(row, url=url, calendar=calendar),
                waits=text(_m("waits %(time)s"), {"time": presenting.span(max(minutes, 1))}),
                long=minutes >= presenting.MINUTES_OF_TWO_DAYS,
                cost=_cost(row, now, calendar),
            )
        )
    return [Group(kind, items) for kind, items in zip(KINDS, lists, strict=True) if items]


def _cost(row: Any, now: datetime, calendar: BusinessCalendar) -> str:
    """What the waiting costs the client, where it stops the work's clock."""
    if CLOCKS[row.state][1] != "paused":
        return ""
    moved = calendar.minutes_between(row.state_since, now)
    if moved < 1:
        return ""
    return text(_m("The due date has moved by %(time)s of working time."),
                {"time": time_left(moved)})  # fmt: skip
