"""A company's calendar from the part of its contract that a list loads beside its rows."""

import json
from datetime import datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, bindparam, literal_column, select

from app.calendars.business_time import BusinessCalendar
from app.contracts.document import calendar_of, first_document
from app.contracts.models import ContractVersion
from tenants.core.db import db
from tenants.scoping import current_scope

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


# A column of lists of one client, who is bound as `tenant_id` with `today`, their own day.
_v = ContractVersion.__table__.c
CONTRACT_IN_FORCE = (
    select(_v.id)
    .where(_v.tenant_id == bindparam("tenant_id"), _v.valid_from <= bindparam("today", type_=Date))
    .order_by(_v.number.desc())
    .limit(literal_column("1"))
    .scalar_subquery()
    .label("contract_id")
)


def calendar_of_version(
    version_id: UUID | None, *, country: str, zone: str, on: datetime
) -> BusinessCalendar:
    """Asks the database for what this process never saw; without a version, the usual one."""
    if version_id is None:
        return stored_calendar(None, country=country, zone=zone, on=on)
    return _of_version(version_id, on.astimezone(ZoneInfo(zone)).year)


@lru_cache(maxsize=2048)
def _of_version(version_id: UUID, year: int) -> BusinessCalendar:
    # A version never changes, and its id is known only to who may see it.
    document = db.session.execute(
        select(_v.document["calendar"]).where(
            _v.tenant_id == current_scope().tenant_id, _v.id == version_id
        )
    ).scalar_one()
    return calendar_of(document, year)


@lru_cache(maxsize=512)
def _made(stored: str | None, country: str, zone: str, year: int) -> BusinessCalendar:
    document = json.loads(stored) if stored else first_document(country, zone)["calendar"]
    return calendar_of(document, year)
