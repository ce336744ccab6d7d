"""When a request is due: so many working days (Monday to Friday) later, at 17:00 of the client's
zone. Work that comes after 17:00 counts from the next working day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

END_OF_DAY = time(17)


def due_at(*, received: datetime, working_days: int, time_zone: str) -> datetime:
    local = received.astimezone(ZoneInfo(time_zone))
    day = local.date()
    if local.time() >= END_OF_DAY or day.weekday() >= 5:
        day = _next_working_day(day)
    for _ in range(working_days):
        day = _next_working_day(day)
    return datetime.combine(day, END_OF_DAY, ZoneInfo(time_zone)).astimezone(UTC)


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day
