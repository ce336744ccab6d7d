"""Every billable minute is billed once, whenever it is written down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.service_requests.queries import get_request
from app.service_requests.services import decisions, ending
from app.service_requests.services.timekeeping import record_time
from tenants.core.errors import Conflict
from tests.factories import acting
from tests.factories.lifecycle import Made, go_on, make_request
from tests.factories.offers import accept, decline, make_offer, make_outside
from tests.factories.people import now


def _made(stage: Any, world: Any, state: str) -> Made:
    return make_request(
        stage, world.a, state=state, operator=world.operator_a, reviewer=world.supervisor
    )


def _record(stage: Any, world: Any, made: Made, minutes: int, *, billable: bool = True) -> None:
    actor = world.operator_a.actor(world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        record_time(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            minutes=minutes, worked_on=now().date(), activity="Checked", billable=billable,
        )  # fmt: skip


def _billed(stage: Any, world: Any) -> list[int]:
    """By the events, and by the hours that Stripe is told."""
    return [
        stage.value(f"SELECT coalesce(sum({column}), 0) FROM {table} WHERE tenant_id = :t"
                    " AND meter_key = 'operator_minutes'", t=world.a.id)
        for column, table in (("quantity", "usage_events"), ("total", "usage_buckets"))
    ]  # fmt: skip


def test_time_after_delivery_is_billed_too(stage: Any, world: Any) -> None:
    made = _made(stage, world, "delivered")
    assert _billed(stage, world) == [45, 45]
    _record(stage, world, made, 20)
    _record(stage, world, made, 10, billable=False)
    _record(stage, world, made, 20)
    assert _billed(stage, world) == [85, 85]
    _record(stage, world, made, -15)
    assert _billed(stage, world) == [70, 70]


def test_a_correction_takes_from_its_own_kind(stage: Any, world: Any) -> None:
    """Otherwise less than nothing is due at delivery, which then fails."""
    made = _made(stage, world, "in_progress")
    _record(stage, world, made, 30, billable=False)
    with pytest.raises(Conflict) as refused:
        _record(stage, world, made, -10)
    assert refused.value.code == "time_below"
    _record(stage, world, made, -10, billable=False)


def test_time_written_while_somebody_delivers_is_billed_once(stage: Any, world: Any) -> None:
    made = _made(stage, world, "in_review")
    reviewer = world.supervisor
    with ThreadPoolExecutor(1) as other:
        with acting(stage, reviewer.scope(world.a)):
            actor = reviewer.actor(world.a, level="review")
            request = get_request(actor=actor, number=made.number)
            decisions.pass_review(request=request, actor=actor, now=now())
            waiting = other.submit(_record, stage, world, made, 20)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        waiting.result(timeout=20)
    assert _billed(stage, world) == [65, 65]


@pytest.mark.parametrize("end", ["cancelled", "declined", "accepted", "delivered"])
def test_without_an_agreed_price_no_minute_is_billed(stage: Any, world: Any, end: str) -> None:
    """And an agreed one covers them, those from before it too."""
    made = make_outside(stage, world.a)
    _record(stage, world, made, 30)
    if end == "cancelled":
        with acting(stage, world.a.user.scope()):
            actor = world.a.user.actor()
            ending.cancel_request(
                request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
                reason="not needed",
            )  # fmt: skip
    else:
        make_offer(stage, made, world.operator_a)
        if end == "declined":
            decline(stage, made, world.a.approver)
        else:
            accept(stage, made, world.a.approver)
    if end == "delivered":
        go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor,
              at=now())  # fmt: skip
    if end in ("accepted", "delivered"):
        _record(stage, world, made, 5)
    assert _billed(stage, world) == [0, 0]
