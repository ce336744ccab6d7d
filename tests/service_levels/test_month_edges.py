"""Which month something is in, and by what it is judged there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from app.service_levels.overview import read_overview
from app.service_levels.queries import get_agreements
from app.service_levels.rounds import list_places
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import make_request
from tests.factories.service_levels import sign
from tests.service_levels.test_signing import (
    DAY,
    HOUR,
    JUNE,
    MAY,
    START,
    delivered,
    outcomes,
    to_delivery,
)  # fmt: skip

JUNE_1, JULY_1 = date(2026, 6, 1), date(2026, 7, 1)


def test_a_month_is_judged_by_what_held_when_the_clock_stopped(stage, world):
    """Another priority, item and line since then change nothing of it."""
    made = delivered(stage, world, after=7 * DAY)
    sql = "UPDATE requests SET priority = 'urgent', line = 'hr', item = 'hr_question'"
    stage.run(f"{sql} WHERE id = :r", r=made.id)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    found = stage.rows(
        "SELECT DISTINCT line, severity, target FROM sla_outcomes WHERE request_id = :r"
        " AND clock = 'resolution'", r=made.id,
    )  # fmt: skip
    assert [tuple(one) for one in found] == [("finance", "normal", 960)]


def test_no_moment_is_lost_or_counted_twice_when_the_zone_changes(stage, world):
    make_contract(stage, world.a)
    make_contract(stage, world.a, number=2, valid_from=JUNE_1, zone="America/Guadeloupe")
    make_contract(stage, world.a, number=3, valid_from=JULY_1, zone="Asia/Tokyo")
    with acting(stage, world.a.scope):
        agreements = get_agreements()
    months = [date(2026, n, 1) for n in range(4, 10)]
    spans = [agreements.month(one)[0] for one in months]
    for one, following in pairwise(spans):
        assert one.end == following.start
        for at in (one.start, one.end - timedelta(microseconds=1)):
            assert agreements.month_of(at) == one.first
    assert spans[2].start == datetime(2026, 5, 31, 22, tzinfo=UTC)
    # June ends at midnight of Guadeloupe, though July's contract is Tokyo's.
    assert spans[2].end == datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_what_ends_between_two_zones_midnights_is_in_one_month(stage, world):
    """May ends in Paris, June begins there too, though it is still May in Guadeloupe."""
    make_contract(stage, world.a)
    make_contract(stage, world.a, number=2, valid_from=JUNE_1, zone="America/Guadeloupe")
    at = datetime(2026, 6, 1, 1, tzinfo=UTC)
    made = make_request(stage, world.a, at=START)
    to_delivery(stage, world, made, at)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    sign(stage, world.a, world.supervisor, JUNE_1, JUNE + 30 * DAY)
    assert outcomes(stage, world.a) == {}
    assert (made.number, "resolution") in outcomes(stage, world.a, JUNE_1)


def test_the_overview_knows_when_a_clients_month_is_over(stage, world):
    """By the contract's zone, not by the company's own."""
    make_contract(stage, world.a, zone="America/Guadeloupe")
    delivered(stage, world, after=HOUR)
    for now, wanted in (
        (datetime(2026, 6, 1, 3, tzinfo=UTC), []),
        (datetime(2026, 6, 1, 4, tzinfo=UTC), [MAY]),
    ):
        with acting(stage, world.supervisor.scope(world.a)):
            found = read_overview(
                places=list_places().values(), user_id=world.supervisor.id, now=now
            )
        assert next(one.open for one in found if one.slug == world.a.slug) == wanted
