"""A rule as people read it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date

from app.calendars.deadlines import Deadline
from app.calendars.periods import period_named
from app.service_requests.recurring.period_words import period_words
from app.web.i18n import language, text
from tenants.core.text import _m

_DAYS: Mapping[str, str] = {
    "month": _m("Every month, on day %(nth)s"),
    "quarter": _m("Every quarter, on day %(nth)s of its month %(month)s"),
    "year": _m("Every year, on %(day)s"),
}
_BUSINESS: Mapping[str, str] = {
    "month": _m("Every month, on business day %(nth)s"),
    "quarter": _m("Every quarter, on business day %(nth)s"),
    "year": _m("Every year, on business day %(nth)s"),
}
_BUSINESS_END: Mapping[str, str] = {
    "month": _m("Every month, on business day %(nth)s from the end"),
    "quarter": _m("Every quarter, on business day %(nth)s from the end"),
    "year": _m("Every year, on business day %(nth)s from the end"),
}
_LAST: Mapping[str, str] = {
    "month": _m("Every month, on the last business day"),
    "quarter": _m("Every quarter, on the last business day"),
    "year": _m("Every year, on the last business day"),
}
_SHIFTS: Mapping[str, str] = {
    "before": _m("else the business day before"),
    "after": _m("else the business day after"),
    "skip": _m("on business days only"),
}


def period_text(name: str) -> str:
    return period_words(period_named(name), language())


def rule_words(rule: Mapping[str, Any], deadlines: Mapping[str, Deadline]) -> str:
    parts = [_base(rule, deadlines), _offset(rule.get("offset", 0))]
    # A business day needs no other, and with a number of them counted it is one anyway.
    if rule["kind"] in ("week_day", "month_day", "rrule") and not rule.get("offset"):
        parts.append(text(_SHIFTS.get(rule.get("shift", "none"), "")))
    return ", ".join(part for part in parts if part)


def _base(rule: Mapping[str, Any], deadlines: Mapping[str, Deadline]) -> str:
    kind, nth, unit = rule["kind"], rule.get("nth", 0), rule.get("unit", "month")
    if kind == "week_day":
        return text(_m("Every week, on %(day)s"), {"day": _weekday(nth)})
    if kind == "month_day":
        month = rule.get("month") or 1
        day = _day_and_month(month, nth) if unit == "year" else ""
        return text(_DAYS[unit], {"nth": nth, "month": month, "day": day})
    if kind == "business_day":
        return _of_business(nth, unit, rule.get("month"))
    if kind == "deadline":
        found = deadlines.get(rule["code"])
        return found.title(language()) if found else rule["code"]
    return str(rule["text"])


def _of_business(nth: int, unit: str, month: int | None) -> str:
    words = _LAST if nth == -1 else _BUSINESS if nth > 0 else _BUSINESS_END
    said = text(words[unit], {"nth": abs(nth)})
    if month is None or unit == "month":
        return said
    if unit == "quarter":
        return f"{said} ({text(_m('in its month %(month)s'), {'month': month})})"
    return f"{said} ({format_date(date(2024, month, 1), 'LLLL', locale=language())})"


def _weekday(nth: int) -> str:
    """1 January 2024 was a Monday."""
    return str(format_date(date(2024, 1, nth), "EEEE", locale=language()))


def _day_and_month(month: int, nth: int) -> str:
    if nth > 29:
        return f"{nth} {format_date(date(2024, month, 1), 'LLLL', locale=language())}"
    return str(format_date(date(2024, month, nth), "d MMMM" if language() != "de" else "d. MMMM",
                           locale=language()))  # fmt: skip


def _offset(days: int) -> str:
    if not days:
        return ""
    if days < 0:
        return text(_m("%(days)s business days before"), {"days": -days})
    return text(_m("%(days)s business days after"), {"days": days})
