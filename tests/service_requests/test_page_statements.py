"""What one request's page asks of the database, whatever stands on it."""

from __future__ import annotations

import pytest

from tests.factories.lifecycle import make_request

STATES = ("new", "in_progress", "waiting_client", "in_review", "awaiting_approval", "delivered")


@pytest.mark.parametrize("side", ["client", "provider"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("item", ["finance_question", "payment_control"])
def test_a_request_opens_in_eight_statements(
    world, stage, sign_in_as, count_statements, item, state, side
):
    if (item, state) == ("finance_question", "awaiting_approval"):
        state = "closed"
    made = make_request(
        stage, world.a, item=item, state=state, operator=world.operator_a,
        reviewer=world.supervisor,
    )  # fmt: skip
    browser = sign_in_as(world.operator_a if side == "provider" else world.a.approver)
    with count_statements() as found:
        assert browser.get(made.url).status_code == 200
    assert len(found) <= 8, list(found)
