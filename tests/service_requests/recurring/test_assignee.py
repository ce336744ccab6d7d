"""Who gets recurring work while the person named for it is away."""

from __future__ import annotations

from datetime import date

from tests.factories.assignment import make_absence, make_rule
from tests.factories.recurring import make_recurring, run_day
from tests.service_requests.recurring.test_raising import MONDAY, WEEKLY, day, requests


def test_while_its_operator_is_away_it_goes_by_the_rules_and_the_history_says_why(
    world, stage, sign_in_as
):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    for company, operator in ((world.a, world.operator_a), (world.b, world.operator_b)):
        make_absence(stage, operator, first=date(2026, 6, 1), days=5, at=MONDAY)
        made = make_recurring(
            stage, company, operator, at=MONDAY, rule=WEEKLY, assignee_id=operator.id
        )
        run_day(stage, made, day(2))
        run_day(stage, made, day(9))
    held = [[one.assignee_id for one in requests(stage, one)] for one in world.companies]
    assert held == [
        [world.operator_both.id, world.operator_a.id], [None, world.operator_b.id],
    ]  # fmt: skip
    reader = sign_in_as(world.operator_both)
    for company, says in (
        (world.a, f"{world.operator_a.name}, who usually does it, is away"),
        (world.b, "left it in the queue"),
    ):  # fmt: skip
        assert says in reader.get(company.url("requests/1/history")).text
        assert says not in sign_in_as(company.user).get(company.url("requests/1/history")).text
