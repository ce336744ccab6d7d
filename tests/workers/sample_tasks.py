"""A schedule for tests with real processes."""

from datetime import time, timedelta

from app.calendars.recurrence import Every, NthBusinessDay, Weekday
from workers.schedule import Periodic


def at(text: str) -> time:
    return time.fromisoformat(text)


JOB = "sample_jobs.keep_period"
TASKS = (
    Periodic("hourly", Every(timedelta(hours=1)), "sample_jobs.tick"),
    Periodic("each-hour", Every(timedelta(hours=1)), JOB, catch_up="each"),
    Periodic("monthly", NthBusinessDay(at("08:00"), 3), JOB),
    Periodic("sunday-night", Weekday(at("02:30"), 6), JOB),
)
