"""`coulisse sim advance`: time passes, and everything that is due happens on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from billing.advance import Advance, Advanced, AdvanceFailed
from tests.billing.flow.house import Flow
from tests.factories import Company


def advancing(flow: Flow, environment: dict[str, str], **given: object) -> Advance:
    values: dict[str, object] = {
        "dispatcher_url": environment["DATABASE_DISPATCHER_URL"],
        "api_base": flow.sim.base,
        "gateway": flow.gateway,
        "offset_file": Path(environment["COULISSE_LOCAL"]) / "clock-offset",
        "say": lambda _line: None,
    }
    return Advance(**(values | given))  # type: ignore[arg-type]


def leave_others_alone(flow: Flow, company: Company) -> None:
    """Clients of other tests, in the same database."""
    flow.stage.run(
        "UPDATE jobs SET state = 'cancelled' WHERE queue = 'billing' AND tenant_id <> :t"
        " AND state IN ('queued', 'retrying')",
        t=company.id,
    )


def run(flow: Flow, company: Company, environment: dict[str, str], days: int) -> Advanced:
    with ThreadPoolExecutor(1) as pool:
        passing = pool.submit(advancing(flow, environment).run, days)
        while not passing.done():
            leave_others_alone(flow, company)
            flow.work(company)
        return passing.result()


def test_months_pass_with_their_invoices(
    flow: Flow, company: Company, environment: dict[str, str]
) -> None:
    flow.use(company, "operator_minutes", 60)
    before = flow.now
    found = run(flow, company, environment, 70)
    assert (found.now - before).days == 70
    assert flow.invoiced(company, "coulisse_v1_operator_minutes") == 60
    assert len(found.invoices) >= 2
    assert all(company.name in line and line.endswith("paid") for line in found.invoices)
    from tenants.core import clock

    assert abs((clock.now() - found.now).total_seconds()) < 60


def test_without_workers_it_says_who_is_missing(
    flow: Flow, company: Company, environment: dict[str, str]
) -> None:
    with pytest.raises(AdvanceFailed, match="worker"):
        advancing(flow, environment, patience=0.5).run(1)
    leave_others_alone(flow, company)
    flow.work(company)


def test_only_a_simulators_clock_is_moved(flow: Flow, environment: dict[str, str]) -> None:
    with pytest.raises(AdvanceFailed, match="simulator"):
        advancing(flow, environment, api_base="https://api.stripe.com")
    with pytest.raises(AdvanceFailed, match="make run"):
        advancing(flow, environment, api_base="http://127.0.0.1:9").run(1)
