"""What is decided after a month was signed: a correction, booked in a later month, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.service_requests.queries import get_request
from app.service_requests.sla import exclusions, ledger
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import make_request
from tests.factories.service_levels import RULES, sign
from tests.service_levels.test_signing import (
    DAY,
    HOUR,
    JUNE,
    MAY,
    START,
    act,
    answer_for,
    credits,
    delivered,
    go_on_from_work,
    outcomes,
)  # fmt: skip

JUNE_1, JULY_1 = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def late(stage, world):
    """A signed May with one request in time and one that was late."""
    make_contract(stage, world.a, credits=RULES)
    good, bad = delivered(stage, world, after=HOUR), delivered(stage, world, after=7 * DAY)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    return good, bad


def exclude(stage, world, made, kind, at, *, confirmed=True):
    """By a reviewer; force majeure confirmed by another one."""
    with acting(stage, world.supervisor.scope(world.a)):
        actor = world.supervisor.actor(world.a, level="review")
        row = get_request(actor=actor, number=made.number)
        found = exclusions.propose(
            request=row, kind=kind, words="Flood", actor=actor, now=at, known=[]
        )
        if kind == "force_majeure" and confirmed:
            other = replace(actor, user_id=world.operator_both.id)
            exclusions.confirm(request=row, exclusion=found, actor=other, now=at)


def finance_credits(stage, company):
    return [one for one in credits(stage, company) if one[1] == "finance" and one[5]]


@pytest.mark.parametrize(
    ("kind", "confirmed", "counts"),
    [("spam", False, False), ("force_majeure", True, False), ("force_majeure", False, True)],
)
def test_what_is_left_out_before_the_sign_off_gives_no_credit(
    stage, world, kind, confirmed, counts
):
    make_contract(stage, world.a, credits=RULES)
    made = delivered(stage, world, after=7 * DAY)
    exclude(stage, world, made, kind, JUNE - DAY, confirmed=confirmed)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    wanted = ("breached", "") if counts else ("excluded", kind)
    assert set(outcomes(stage, world.a).values()) == {wanted}
    assert bool(finance_credits(stage, world.a)) == counts


@pytest.mark.parametrize("kind", ["spam", "force_majeure"])
def test_what_is_left_out_after_the_sign_off_is_a_correction(stage, world, late, kind):
    good, bad = late
    for made in late:
        exclude(stage, world, made, kind, JUNE + DAY)
    assert outcomes(stage, world.a)[bad.number, "resolution"] == ("breached", "")
    sign(stage, world.a, world.supervisor, JUNE_1, JUNE + 30 * DAY)
    assert {outcomes(stage, world.a)[one.number, "resolution"] for one in (good, bad)} == {
        ("excluded", kind)
    }
    wanted = [(MAY, "finance", 1, 2, 6_000, 6_000), (MAY, "finance", 2, 0, 0, -6_000)]
    assert finance_credits(stage, world.a) == wanted
    # Once.
    sign(stage, world.a, world.supervisor, JULY_1, JUNE + 60 * DAY)
    assert finance_credits(stage, world.a) == wanted


def test_a_pause_taken_back_while_somebody_signs_is_corrected_once(stage, world):
    """It was decided before the month was signed, and written after."""
    make_contract(stage, world.a, credits=RULES)
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a, at=START)
    act(stage, made, world.operator_a, answer_for, now=START + 10 * DAY)
    go_on_from_work(stage, world, made, START + 10 * DAY + HOUR)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    pause = stage.value(
        "SELECT id FROM sla_events WHERE request_id = :r AND event = 'paused'", r=made.id
    )
    act(stage, made, world.supervisor, ledger.void, pause_id=pause, now=JUNE - HOUR)
    wanted = [(MAY, "finance", 2, 1, 3_000, 3_000)]
    for n, month in enumerate((JUNE_1, JULY_1), start=1):
        sign(stage, world.a, world.supervisor, month, JUNE + n * 30 * DAY)
        assert finance_credits(stage, world.a) == wanted
