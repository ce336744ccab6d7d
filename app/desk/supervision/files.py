"""Each part of the page, and each list behind a figure, as a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.catalogue.lines import LINES
from app.contracts.words import PRIORITY_NAMES
from app.desk.supervision import tables
from app.desk.supervision.figures import LATER, MARKS
from app.desk.supervision.filters import LISTS
from app.desk.supervision.reading import Overview, Reader
from app.desk.supervision.words import AGE_NAMES
from app.desk.supervision.words import MARKS as WORDS
from app.service_levels.words import CLOCK_NAMES
from app.service_requests.transitions import STATES
from app.spreadsheets.writing import Sheet
from tenants.core.text import _m

Say = Callable[[str], str]
_REQUEST = (_m("Client"), _m("Request"), _m("Title"), _m("Service line"))
_HEADINGS: Mapping[str, Sequence[str]] = {
    "credits": (*_REQUEST, _m("Month"), _m("Clock"), _m("Priority"), _m("Rate (%)"), _m("Ended")),
    "rework": (*_REQUEST, _m("Operator"), _m("Rework (min)")),
    "time": (*_REQUEST, _m("Operator"), _m("Day"), _m("Minutes"), _m("Activity")),
    "approvals": (*_REQUEST, _m("Operator"), _m("State"), _m("With the client since")),
}
_OPEN = (*_REQUEST, _m("Operator"), _m("State"), _m("Due"), _m("Work left (min)"), _m("Mark"))


def _sheet(code: str, name: str, headings: Sequence[str], rows: Iterable[Any], say: Say) -> Sheet:
    return Sheet(code, say(name), [say(one) for one in headings], rows)


def heat(reader: Reader, seen: Overview, say: Say) -> Sheet:
    found = tables.heat_of(reader, seen)
    rows = (
        (row.client.name, say(LINES[line]), tally.open, tally.due, tally.late, tally.risk)
        for row in found.rows
        for line, tally in row.cells.items()
    )
    headings = (_m("Client"), _m("Service line"), _m("Open"), _m("Due in seven days"), _m("Late"),
                _m("At risk"))  # fmt: skip
    return _sheet("supervision-clients", _m("Clients and lines"), headings, rows, say)


def load(reader: Reader, seen: Overview, say: Say) -> Sheet:
    weeks = [first for first, _ in reader.facts.office.weeks(reader.now)]
    rows = (
        (
            name or say(_m("Nobody yet")),
            say(_m("Later, or without a day")) if week == LATER else weeks[week].isoformat(),
            one.requests[week], one.planned[week],
            one.hours[week] if one.hours and week < LATER else None,
        )
        for name, one in tables.loads_of(reader, seen, say(_m("Somebody who left")))
        for week in range(LATER + 1)
    )  # fmt: skip
    headings = (_m("Operator"), _m("Week"), _m("Requests"), _m("Work (min)"), _m("There (min)"))
    return _sheet("supervision-load", _m("Load"), headings, rows, say)


def approvals(reader: Reader, seen: Overview, say: Say) -> Sheet:
    rows = ((one.client.name, *one.counts, one.oldest) for one in tables.ages_of(reader, seen))
    headings = (_m("Client"), *AGE_NAMES, _m("Oldest (days)"))
    return _sheet("supervision-approvals", _m("Waiting for approval"), headings, rows, say)


def rework(reader: Reader, seen: Overview, say: Say) -> Sheet:
    rows = ((one.name, one.requests, one.rework, one.minutes) for one in seen.worked.rework)
    headings = (_m("Operator"), _m("Requests with rework"), _m("Rework (min)"), _m("All (min)"))
    return _sheet("supervision-rework", _m("Rework"), headings, rows, say)


def credits(reader: Reader, seen: Overview, say: Say) -> Sheet:
    rows = (
        (
            reader.clients[one.tenant_id].name, say(LINES[one.line]), f"{one.month:%Y-%m}",
            len(one.breaches), one.credit.base / 100, one.credit.amount / 100, one.currency,
        )
        for one in seen.forming
    )  # fmt: skip
    headings = (_m("Client"), _m("Service line"), _m("Month"), _m("Missed"), _m("Monthly base"),
                _m("Credit"), _m("Currency"))  # fmt: skip
    return _sheet("supervision-credits", _m("Credits that form"), headings, rows, say)


def unsettled(reader: Reader, seen: Overview, say: Say) -> Sheet:
    rows = (
        (f"{one.month:%Y-%m}", one.entries, int(one.minutes), one.people)
        for one in seen.worked.unsettled
    )
    headings = (_m("Month"), _m("Entries"), _m("Minutes"), _m("People"))
    return _sheet("supervision-time", _m("Time that is not settled"), headings, rows, say)


PARTS: Mapping[str, Callable[[Reader, Overview, Say], Sheet]] = {
    "heat": heat, "load": load, "approvals": approvals, "rework": rework, "credits": credits,
    "time": unsettled,
}  # fmt: skip


def of_list(what: str, rows: Iterable[Any], say: Say) -> Sheet:
    cells = _CELLS.get(what, _open)
    found = (
        (one.client.name, one.number, one.subject, say(LINES[one.line]), *cells(one, say))
        for one in rows
    )
    return _sheet(f"supervision-{what}", LISTS[what][0], _HEADINGS.get(what, _OPEN), found, say)


def _open(one: Any, say: Say) -> Sequence[Any]:
    mark = say(WORDS[one.mark][0]) if one.mark in MARKS else ""
    return one.who, say(STATES[one.state]), _time(one.at), one.minutes, mark


def _approval(one: Any, say: Say) -> Sequence[Any]:
    return one.who, say(STATES[one.state]), _time(one.at)


def _credit(one: Any, say: Say) -> Sequence[Any]:
    return (
        f"{one.month:%Y-%m}", say(CLOCK_NAMES[one.clock]), say(PRIORITY_NAMES[one.severity]),
        one.rate / 100, _time(one.at),
    )  # fmt: skip


_CELLS: Mapping[str, Callable[[Any, Say], Sequence[Any]]] = {
    "approvals": _approval,
    "credits": _credit,
    "rework": lambda one, _: (one.who, one.minutes),
    "time": lambda one, _: (one.who, one.at, one.minutes, one.activity),
}


def _time(at: datetime | None) -> str:
    """To the minute, in UTC, so that it sorts."""
    return at.strftime("%Y-%m-%d %H:%MZ") if at else ""
