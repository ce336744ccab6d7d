"""The rows of a list behind a figure, whatever they are of."""

from types import SimpleNamespace
from typing import Any

from app.desk.supervision.filters import OF_REQUESTS, Asked
from app.desk.supervision.forecast import minutes_left
from app.desk.supervision.reading import (
    Reader,
    read_forming,
    read_requests,
    read_rework,
    read_unsettled,
)
from app.service_levels.forming import Forming
from app.service_requests.presenting import subject_of


def rows_of(reader: Reader, asked: Asked) -> list[Any]:
    """Each has client, number, subject, line, who, at, minutes, and what its list alone shows."""
    if asked.what in OF_REQUESTS:
        return _requests(reader, asked)
    if asked.what == "credits":
        return [row for one in read_forming(reader, asked) for row in _missed(reader, one)]
    if asked.what == "rework":
        return [_spent(reader, one, minutes=int(one.rework)) for one in read_rework(reader, asked)]
    return [
        _spent(reader, one, minutes=one.minutes, at=one.worked_on, activity=one.activity)
        for one in read_unsettled(reader, asked)
    ]


def _requests(reader: Reader, asked: Asked) -> list[Any]:
    figures, works = read_requests(reader, asked)
    return [
        SimpleNamespace(
            client=reader.clients[work.tenant_id], number=work.number, line=work.line,
            subject=subject_of(work.item, work.title), state=work.state,
            who=reader.name(work.assignee_id) or work.assignee_name,
            at=work.state_since if asked.what == "approvals" else _due(work, asked),
            minutes=minutes_left(work, figures.usual) if figures.is_load(work) else None,
            mark=next((one for one in ("late", "risk", "due") if one in figures.marks(work)), ""),
        )
        for work in works
    ]  # fmt: skip


def _due(work: Any, asked: Asked) -> Any:
    """What is promised next; by weeks, when the result is."""
    result = work.due_at if work.due_at > work.raised_at else None
    return result if asked.what == "load" else work.next_at or result


def _missed(reader: Reader, forming: Forming) -> list[Any]:
    return [
        SimpleNamespace(
            client=reader.clients[forming.tenant_id], number=one.number, line=one.line,
            subject=subject_of(*forming.titles[one.number]), state="", who="", at=one.at,
            minutes=None, clock=one.clock, severity=one.severity, month=forming.month,
            rate=forming.rates.get(one.severity, 0),
        )
        for one in forming.breaches
    ]  # fmt: skip


def _spent(reader: Reader, row: Any, *, minutes: int, at: Any = None, activity: str = "") -> Any:
    return SimpleNamespace(
        client=reader.clients[row.tenant_id], number=row.number, line=row.line,
        subject=subject_of(row.item, row.title), state=row.state, who=row.user_name, at=at,
        minutes=minutes, activity=activity,
    )  # fmt: skip
