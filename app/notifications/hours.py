"""When somebody may be reminded: in the office hours of their own day, never at midnight."""

from datetime import datetime
from functools import lru_cache

from app.calendars.business_time import BusinessCalendar, Period
from app.calendars.holidays import closed_days
from tenants.models import Tenant
from tenants.queries import MailRecipient

OFFICE_HOURS: Period = (8 * 60, 18 * 60)


def next_office_hour(reader: MailRecipient, tenant: Tenant, now: datetime) -> datetime:
    """`now` while their office is open, else when it opens next. The provider's staff have the
    holidays of their own office, not the client's."""
    year = now.year
    zone = reader.time_zone or tenant.time_zone
    return _offices(reader.office_country, reader.office_region, zone, year).next_open(now)


@lru_cache(maxsize=256)
def _offices(country: str, region: str, zone: str, year: int) -> BusinessCalendar:
    return BusinessCalendar(
        zone=zone,
        week=((OFFICE_HOURS,),) * 5 + ((),) * 2,
        closed=closed_days(country, region, year, year + 1),
    )
