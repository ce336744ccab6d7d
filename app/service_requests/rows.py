"""Requests in lists. What the rows of a page share (words, marks, zone) is looked up once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from markupsafe import Markup, escape

from app.calendars.business_time import BusinessCalendar
from app.catalogue.memory import ITEMS
from app.service_requests.presenting import state_pill, subject_of
from app.service_requests.sla.left import Left, time_left
from app.service_requests.sla.showing import left_pill, left_title
from app.web import marks
from app.web.i18n import local_formats, text


@dataclass(slots=True)
class Row:
    """`state`, `due` and `who` are ready marks; `raised` names who and when."""

    number: int
    subject: str
    item: str
    icon: str
    mark: Markup
    state: Markup
    due: Markup
    who: Markup | None
    assignee: str
    urgent: bool
    raised: str
    url: str
    key: str = ""
    fragment_url: str = ""
    client_name: str = ""
    client_code: str = ""
    current: bool = False
    version: int = 0
    asleep: datetime | None = None
    steps: str = ""
    anchor: str = ""
    select: str = ""


@dataclass(frozen=True)
class _Kind:
    """What rows of one catalogue item share; `titled` ones carry the client's own words."""

    name: str
    icon: str
    mark: Markup
    titled: bool

    @cached_property
    def safe_name(self) -> Markup:
        return escape(self.name)


class RowMaker:
    """For one page: `row` takes the columns of `queries.LIST_COLUMNS`, and the calendar by which
    its client's time counts."""

    def __init__(self, *, side: str, now: datetime) -> None:
        self._side, self._now = side, now
        self._formats = local_formats()
        self._say = cache(text)
        self._state = cache(self._make_state)
        self._kind = cache(self._make_kind)
        self._due = cache(self._make_due)
        self._frame = cache(marks.due_frame)

    def client_list(self, found: Iterable[Any], *, here: str, calendar: BusinessCalendar) -> Markup:
        """The entries of the client's list. Not a loop of the template: it would escape nine
        values a row, most of them ready marks, and hand every piece up through all its parents."""
        here = str(escape(here))
        return marks.whole("".join([self._entry(one, here, calendar) for one in found]))

    def _entry(self, found: Any, here: str, calendar: BusinessCalendar) -> str:
        kind = self._kind(found.item)
        subject = found.title if kind.titled else subject_of(found.item, found.title)
        who = marks.person(found.assignee_name, True) if found.assignee_name else ""
        raised = f"{found.raised_by_name}, {self._formats.date(found.raised_at)}"
        return (
            f'<li class="request-row" data-row>{kind.mark}<div class="request-row-main">'
            f'<a href="{here}/{found.number}">{escape(subject)}</a>'
            f"<small>#{found.number} · {kind.safe_name} · {escape(raised)}</small></div>"
            f'<div class="request-row-state">{self._state(found.state)}</div>'
            f'<div class="request-row-due">{self._time(found, calendar)}</div>'
            f'<div class="request-row-who">{who}</div></li>\n'
        )

    def row(self, found: Any, *, url: str, calendar: BusinessCalendar, **more: Any) -> Row:
        kind = self._kind(found.item)
        return Row(
            number=found.number,
            subject=found.title if kind.titled else subject_of(found.item, found.title),
            item=kind.name,
            icon=kind.icon,
            mark=kind.mark,
            state=self._state(found.state),
            due=self._time(found, calendar),
            who=marks.person(found.assignee_name, True) if found.assignee_name else None,
            assignee=found.assignee_name,
            urgent=found.priority == "urgent",
            raised=f"{found.raised_by_name}, {self._formats.date(found.raised_at)}",
            url=url,
            **more,
        )

    def _make_kind(self, code: str) -> _Kind:
        item = ITEMS.get(code)
        if item is None:
            return _Kind(code, "file", marks.icon("file"), True)
        return _Kind(text(item.title), item.icon, marks.icon(item.icon), item.titled)

    def _make_state(self, state: str) -> Markup:
        look = state_pill(state, self._side)
        return marks.pill(look.label, look.icon, look.tone)

    def _time(self, found: Any, calendar: BusinessCalendar) -> Markup:
        return self._due(found.state, time_left(found, calendar, self._now))

    def _make_due(self, state: str, left: Left | None) -> Markup:
        look = left_pill(left, state, side=self._side, say=self._say)
        when = self._formats.datetime(left.at) if left else ""
        title = left_title(left, look.spoken, when, self._say)
        return self._frame(look.icon, look.tone, look.spoken).mark(look.label, title)
