"""A company's calendar from the part of its contract that a list loads beside its rows."""

import json
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.calendars.business_time import BusinessCalendar
from app.contracts.document import calendar_of, first_document

# Beside a row of `tenants t`, at the moment `:now`: the calendar's part of the version in force,
# as text; nothing while there is no contract.
IN_FORCE = """
    (SELECT (v.document -> 'calendar')::text FROM contract_versions v
    WHERE v.tenant_id = t.id AND v.valid_from <= (CAST(:now AS timestamptz) AT TIME ZONE t.time_zone)::date
    ORDER BY v.number DESC LIMIT 1)
"""


def stored_calendar(
    stored: str | None, *, country: str, zone: str, on: datetime
) -> BusinessCalendar:
    """The same object for the same text, so that a list makes it once."""
    return _made(stored, country, zone, on.astimezone(ZoneInfo(zone)).year)


@lru_cache(maxsize=512)
def _made(stored: str | None, country: str, zone: str, year: int) -> BusinessCalendar:
    document = json.loads(stored) if stored else first_document(country, zone)["calendar"]
    return calendar_of(document, year)
