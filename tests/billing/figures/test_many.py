"""Two hundred companies are as many statements as one, and answered while somebody waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from billing.figures.accounts import list_accounts
from tests.billing.figures.making import make_account, make_hour, make_invoice, month_of, provider
from tests.factories import Stage, World, acting, make_company
from tests.factories.people import now

NOW, MANY = now(), 200


def test_two_hundred_companies(
    stage: Stage, world: World, count_statements: Callable[..., Any]
) -> None:
    companies = [make_company(stage) for _ in range(MANY)]
    with stage.together():
        for number, company in enumerate(companies):
            make_account(stage, company, NOW)
            for hour in range(8):
                make_hour(stage, company, "payslips", month_of(NOW) + timedelta(hours=hour), number)
            make_invoice(stage, company, NOW, 100 * number, remaining=100 * number, status="open")
    with acting(stage, provider(world.provider_admin)), count_statements() as found:
        began = time.monotonic()
        accounts = {one.tenant_id: one for one in list_accounts(now=NOW)}
        lasted = time.monotonic() - began
    assert len(found) == 4
    assert lasted < 2
    for number, company in enumerate(companies):
        one = accounts[company.id]
        assert one.work.overage_minor == max(0, 8 * number - 5) * 1_400
        assert one.open_minor == 100 * number
