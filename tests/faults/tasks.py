"""What the fault tests schedule: one entry for all at once, one per period, one by local time."""

from datetime import time, timedelta

from app.calendars.recurrence import Every, Weekday
from workers.schedule import Periodic

TASKS = (
    Periodic("ticks", Every(timedelta(hours=1)), "storm.tick"),
    Periodic("each-hour", Every(timedelta(hours=1)), "storm.hour", catch_up="each"),
    Periodic("sunday-night", Weekday(time(2, 30), 6), "storm.night"),
)
