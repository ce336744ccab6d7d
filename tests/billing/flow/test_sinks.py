"""What only differences have to be careful about, and that a meter keeps its way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing import connection, pushing
from billing.gateway import StripeGateway, StripeRefused
from tests.billing.conftest import KEY, SECRET
from tests.billing.flow.house import Flow
from tests.billing.flow.test_sending import MINUTES, break_once
from tests.factories import Company, World

deltas = pytest.mark.parametrize("usage_sink", ["deltas"])
both = pytest.mark.parametrize("usage_sink", ["totals", "deltas"])


def told(flow: Flow) -> list[str]:
    """The values of all events that Stripe counted."""
    with flow.sim.store.lock:
        usage = flow.sim.store.data["usage"]
        return [
            row["value"]
            for customers in usage.values()
            for hours in customers.values()
            for row in hours.values()
        ]


@deltas
def test_only_what_changed_is_sent(flow: Flow, company: Company) -> None:
    at = flow.now
    for quantity in (30, 12, 5):
        flow.use(company, "operator_minutes", quantity, occurred_at=at)
        flow.flush(company)
    assert told(flow) == ["30", "12", "5"]
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 47


@both
def test_a_correction_takes_away(flow: Flow, company: Company) -> None:
    at = flow.now
    source = flow.use(company, "operator_minutes", 30, occurred_at=at)
    flow.flush(company)
    flow.use(company, "operator_minutes", -8, occurred_at=at, source_id=source, source_rev=2)
    flow.flush(company)
    assert told(flow)[-1] == {"deltas": "-8", "totals": "22"}[flow.gateway.usage_sink]
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 22


@deltas
@pytest.mark.parametrize("arrived", [True, False])
def test_a_difference_that_nobody_knows_of_for_a_day_is_asked_after(
    flow: Flow, company: Company, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    """By then Stripe has forgotten the identifier and would count it a second time."""
    at = flow.now
    flow.use(company, "operator_minutes", 30, occurred_at=at)
    break_once(monkeypatch, after=arrived)()
    flow.enqueue(company, "send_usage", flush=True)
    flow.work(company, fails=True)
    flow.sim.control("advance", seconds=25 * 3600)
    flow.follow()
    flow.use(company, "operator_minutes", 12, occurred_at=at)
    flow.work(company)
    assert told(flow) == ["30", "12"]
    [bucket] = flow.buckets(company)
    assert (bucket.total, bucket.sent_total, bucket.state) == (42, 42, "sent")
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 42


@both
def test_a_meter_keeps_the_way_it_was_made_for(flow: Flow, world: World) -> None:
    with flow.acting(world.a):
        pushing.push(flow.gateway, pushing.planned())
        before = connection.gateway()
        now = "deltas" if flow.gateway.usage_sink == "totals" else "totals"
        other = StripeGateway(KEY, flow.sim.base, [SECRET], usage_sink=now)  # type: ignore[arg-type]
        connection.use(other)
        try:
            with pytest.raises(pushing.Differs, match=f"USAGE_SINK is {now}"):
                pushing.planned()
        finally:
            connection.use(before)
        # One whose memory is another database's: Stripe's own meter says it.
        with pytest.raises(StripeRefused, match="event_time_window"):
            other.ensure_meter("operator_minutes", display_name="Operator minutes")


@both
def test_what_is_on_its_way_goes_the_meters_way_whatever_the_setting_says(
    flow: Flow, company: Company
) -> None:
    flow.gateway.usage_sink = "deltas" if flow.gateway.usage_sink == "totals" else "totals"
    at = flow.now - timedelta(minutes=1)
    for quantity in (30, 12):
        flow.use(company, "operator_minutes", quantity, occurred_at=at)
        flow.flush(company)
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 42
