"""The plans at Stripe, by the command that brings them there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from billing import plans, pushing
from billing.gateway import StripeRefused
from tests.billing.flow.house import Flow
from tests.factories import World

AMOUNT = "UPDATE catalog_map SET unit_amount = 1 WHERE lookup_key = 'standard_v1_payslips'"
INCLUDED = "UPDATE catalog_map SET included = 1 WHERE lookup_key = 'standard_v1_payslips'"


def test_everything_is_said_first_and_made_once(flow: Flow, world: World) -> None:
    with flow.acting(world.a):
        changes = pushing.planned()
        assert len(changes) == len(plans.PARTS)
        said = [str(one) for one in changes]
        assert "+ price standard_v1_base_year: 7900 EUR per year" in said
        assert "+ price standard_v1_payslips: 12 EUR per payslip, 25 included" in said
        assert flow.sim.look("state")["counts"]["prices"] == 0
        pushing.push(flow.gateway, changes)
        assert pushing.planned() == []
    counts = flow.sim.look("state")["counts"]
    assert counts["prices"] == len(plans.PARTS) - len(plans.TAXES)
    # As a push that broke off before it was remembered: nothing is made a second time.
    flow.stage.run("DELETE FROM catalog_map")
    with flow.acting(world.a):
        pushing.push(flow.gateway, pushing.planned())
    assert flow.sim.look("state")["counts"] == counts


@pytest.mark.parametrize("changed", [AMOUNT, INCLUDED])
def test_a_price_that_changed_under_its_key_is_refused(
    flow: Flow, world: World, changed: str
) -> None:
    with flow.acting(world.a):
        pushing.push(flow.gateway, pushing.planned())
    flow.stage.run(changed)
    with flow.acting(world.a), pytest.raises(pushing.Differs, match="standard_v1_payslips"):
        pushing.planned()


def test_stripes_own_other_price_is_refused(flow: Flow, world: World) -> None:
    """Somebody made it by hand."""
    with flow.acting(world.a):
        pushing.push(flow.gateway, pushing.planned())
    part = plans.BY_KEY["standard_v1_base_month"]
    other = pushing.Change(replace(part, unit_amount=Decimal(1)))
    with flow.acting(world.a), pytest.raises(StripeRefused, match="standard_v1_base_month"):
        pushing.push(flow.gateway, [other])
