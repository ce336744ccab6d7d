"""Beginnings of months in UTC, as Unix seconds."""

from __future__ import annotations

from datetime import UTC, datetime


def month_start(moment: int, months: int = 0) -> int:
    at = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp())
