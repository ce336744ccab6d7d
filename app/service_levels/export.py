"""A month as a file that a spreadsheet opens: every clock that was counted, then the credits."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.catalogue.lines import LINES
from app.contracts.words import PRIORITY_NAMES
from app.service_levels.judging import BREACHED
from app.service_levels.statement import Statement, rate
from app.service_levels.words import CLOCK_NAMES, OUTCOME_LOOKS, REASON_NAMES
from tenants.core.text import _m

Say = Callable[[str], str]
HEADINGS = (
    _m("Line"), _m("Request"), _m("Clock"), _m("Outcome"), _m("Reason"), _m("Priority"),
    _m("Began"), _m("Ended"), _m("Due"), _m("First due"), _m("Target (min)"), _m("Used (min)"),
    _m("Waited for the client (min)"), _m("Late input (min)"), _m("Rate (%)"),
)  # fmt: skip
CREDIT_HEADINGS = (
    _m("Line"), _m("Month"), _m("Monthly base (EUR)"), _m("Sum of rates (%)"), _m("Cap (%)"),
    _m("Credit (EUR)"),
)  # fmt: skip

INPUT_HEADINGS = (
    _m("Line"), _m("Request"), _m("Input"), _m("In time until"), _m("Came"), _m("Late (min)"),
)  # fmt: skip


def month_csv(found: Statement, *, say: Say) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([say(one) for one in HEADINGS])
    writer.writerows(_outcomes(found, say))
    writer.writerow([])
    writer.writerow([say(one) for one in CREDIT_HEADINGS])
    writer.writerows(_credits(found, say))
    if found.inputs:
        writer.writerow([])
        writer.writerow([say(one) for one in INPUT_HEADINGS])
        writer.writerows(_inputs(found, say))
    # With the mark, spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _outcomes(found: Statement, say: Say) -> Iterable[Sequence[Any]]:
    zone = ZoneInfo(found.span.zone)
    for one in (*found.outcomes, *found.booked):
        yield (
            say(LINES[one.line]), one.number, say(CLOCK_NAMES[one.clock]),
            say(OUTCOME_LOOKS[one.outcome][0]),
            say(REASON_NAMES[one.reason]) if one.reason else "",
            say(PRIORITY_NAMES[one.severity]), _time(one.started_at, zone), _time(one.at, zone),
            _time(one.due_at, zone), _time(one.original_due_at, zone), one.target, one.minutes,
            one.waited, one.late,
            _hundredths(rate(found, one)) if one.outcome == BREACHED else "",
        )  # fmt: skip


def _inputs(found: Statement, say: Say) -> Iterable[Sequence[Any]]:
    zone = ZoneInfo(found.span.zone)
    for one in found.inputs:
        kind = _m("Document") if one.document_id else _m("Files of the form")
        yield (
            say(LINES[one.line]), one.number, say(kind), one.last_day(found.span.zone).isoformat(),
            _time(one.came_at, zone), one.minutes,
        )  # fmt: skip


def _credits(found: Statement, say: Say) -> Iterable[Sequence[Any]]:
    for line in found.lines:
        if line.credit:
            yield (
                say(LINES[line.line]), found.span.name, _hundredths(line.credit.base),
                _hundredths(line.credit.rates), _hundredths(line.credit.cap),
                _hundredths(line.credit.amount),
            )  # fmt: skip
    for one in found.booked_credits:
        yield (
            say(LINES[one.line]), one.month.strftime("%Y-%m"), _hundredths(one.base),
            _hundredths(one.rates), _hundredths(one.cap), _hundredths(one.change),
        )  # fmt: skip


def _time(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""


def _hundredths(number: int) -> str:
    whole, rest = divmod(abs(number), 100)
    return f"{'-' if number < 0 else ''}{whole}.{rest:02}"
