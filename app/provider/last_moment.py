"""When an access ends that lasts through a day of the client's calendar."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.services.grants import LONGEST_GRANT

FURTHEST_DAY = LONGEST_GRANT - timedelta(days=1)


def last_moment(until: date, *, zone: str, now: datetime) -> datetime:
    """Invalid for a day that is over or more than a year away."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if not today <= until <= today + FURTHEST_DAY:
        raise Invalid(field_errors={"day": [_m("Choose a day within the next year.")]})
    # Where the clocks went back in between, the last day ends an hour after the longest grant.
    return min(end_of_day(until, zone), now + LONGEST_GRANT)


def end_of_day(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
