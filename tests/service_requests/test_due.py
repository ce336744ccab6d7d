from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.service_requests.due import due_at

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(["Europe/Paris", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone


def reference(received: datetime, working_days: int, zone: str) -> datetime:
    """Slow and obvious: hour by hour, counting each working day's 17:00 that passes."""
    there = ZoneInfo(zone)
    moment = received.replace(minute=0, second=0, microsecond=0)
    wanted, passed = working_days + 1, 0
    while True:
        moment += timedelta(minutes=30)
        local = moment.astimezone(there)
        if (local.hour, local.minute) == (17, 0) and local.weekday() < 5 and moment > received:
            passed += 1
            if passed == wanted:
                return moment


@given(MOMENTS, st.integers(0, 4), ZONES)
def test_it_agrees_with_counting(received: datetime, days: int, zone: str) -> None:
    assert due_at(received=received, working_days=days, time_zone=zone) == reference(
        received, days, zone
    )


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Over the night when summer time ends, and when it begins.
        ("2026-10-23T16:00", "2026-10-26T17:00"),
        ("2026-03-27T16:00", "2026-03-30T17:00"),
        # After hours and on a weekend: the next working day counts as the day it came.
        ("2026-11-20T17:00", "2026-11-24T17:00"),
        ("2026-11-22T03:00", "2026-11-24T17:00"),
        ("2028-02-28T09:00", "2028-02-29T17:00"),
    ],
)
def test_nights_of_the_clock_weekends_and_the_leap_day(received: str, due: str) -> None:
    came = datetime.fromisoformat(received).replace(tzinfo=PARIS)
    found = due_at(received=came, working_days=1, time_zone="Europe/Paris")
    assert found == datetime.fromisoformat(due).replace(tzinfo=PARIS)
