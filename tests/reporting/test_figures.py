"""A report's figures are those of the month, the ledger and the invoice, counted here once more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.reporting.content import total
from app.reporting.gathering import content_of
from app.reporting.queries import get_report
from billing.models import StripeInvoice, StripeInvoiceLine
from tests.factories import acting
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import go_on, make_request
from tests.factories.plans import OPERATOR_MINUTES
from tests.factories.reports import take_to
from tests.factories.service_levels import RULES, sign

MAY = date(2026, 5, 1)
# A Tuesday at 10:00 in Paris.
START = datetime(2026, 5, 5, 8, tzinfo=UTC)
JUNE = datetime(2026, 6, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
QUESTION = "finance_question"


def delivered(stage, world, at, after):
    made = make_request(stage, world.a, at=at)
    go_on(stage, made, "closed", operator=world.operator_a, reviewer=world.supervisor,
          at=at + after)  # fmt: skip
    return made


def contract(stage, world, **more):
    make_contract(
        stage, world.a, credits=RULES, items={QUESTION: {"scope": "quota", "quota": 3}}, **more
    )


def content(stage, world, step="draft"):
    take_to(stage, world.a, MAY, step, JUNE)
    return read(stage, world, JUNE)


def read(stage, world, now):
    with acting(stage, world.a.scope):
        return content_of(get_report(month=MAY), now=now)


def invoice(stage, company, *, quantity, number="A-1", start, end, status="paid"):
    shared = {"tenant_id": company.id, "stripe_invoice_id": f"in_{number}", "currency": "EUR",
              "period_start": start, "period_end": end, "sync_version": 1}  # fmt: skip
    stage.add(StripeInvoice, {**shared, "number": number, "status": status, "subtotal": 0,
                              "total_tax": 0, "total": 0, "amount_due": 0, "amount_paid": 0,
                              "amount_remaining": 0, "invoiced_at": end})  # fmt: skip
    for place, part in enumerate((quantity // 3, quantity - quantity // 3)):
        add_tier(stage, shared, number, place, part)


def add_tier(stage, shared, number, place, quantity):
    """What is included and what is paid are a line each."""
    stage.add(StripeInvoiceLine, {**shared, "stripe_line_id": f"il_{number}_{place}", "place": place,
                                  "lookup_key": OPERATOR_MINUTES.lookup_key,
                                  "quantity": quantity, "unit_amount": 95, "amount": 0})  # fmt: skip


@pytest.fixture
def may(stage, world):
    """In May one in time, one late, one left open; one from April is delivered in May."""
    contract(stage, world, time={"step": 15, "shown": "detail", "names": True})
    found = [
        delivered(stage, world, datetime(2026, 4, 29, 8, tzinfo=UTC), 7 * DAY),
        delivered(stage, world, START, timedelta(hours=1)),
        delivered(stage, world, START, 7 * DAY),
        make_request(stage, world.a, at=START + DAY),
    ]
    sign(stage, world.a, world.supervisor, date(2026, 4, 1), JUNE)
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    return found


def test_usage_is_that_of_the_ledger_and_of_the_invoice(stage, world, may):
    ledger = stage.value(
        "SELECT sum(quantity) FROM usage_events WHERE tenant_id = :t AND hour >= '2026-04-30 22:00Z'"
        " AND hour < '2026-05-31 22:00Z' AND meter_key = 'operator_minutes'", t=world.a.id,
    )  # fmt: skip
    assert ledger == 3 * 45
    first, last = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    invoice(stage, world.a, quantity=int(ledger), start=first, end=last)
    # Others of whose days the last one lies elsewhere, and one that is not final.
    invoice(stage, world.a, quantity=5, number="A-0", start=first - 30 * DAY, end=first)
    invoice(stage, world.a, quantity=5, number="A-2", start=last, end=last + DAY)
    invoice(stage, world.a, quantity=5, number="A-3", start=first, end=last, status="draft")
    found = content(stage, world)
    assert found["usage"] == [{"meter": "operator_minutes", "quantity": ledger}]
    assert total(found["lists"]["usage:operator_minutes"]) == ledger
    assert found["lists"]["usage:operator_minutes"] == [[one.number, 45] for one in may[:3]]
    assert found["invoiced"] == [
        {"invoice": "A-1", "meter": "operator_minutes", "first": "2026-05-01", "last": "2026-05-31",
         "quantity": ledger, "recorded": ledger},
    ]  # fmt: skip


def test_levels_and_credits_are_those_of_the_signed_month(stage, world, may):
    found = content(stage, world)
    rows = {(row["line"], row["clock"]): row for row in found["levels"]}
    for (line, clock), row in rows.items():
        counted = {
            one.outcome: one.n
            for one in stage.rows(
                "SELECT outcome, count(*) AS n FROM sla_outcomes WHERE tenant_id = :t AND month = :m"
                " AND line = :l AND clock = :c GROUP BY outcome",
                t=world.a.id, m=MAY, l=line, c=clock,
            )
        }  # fmt: skip
        assert (row["met"], row["breached"]) == (counted.get("met", 0), counted.get("breached", 0))
    figures = stage.value("SELECT figures FROM sla_months WHERE tenant_id = :t AND month = :m"
                          " AND line = 'finance'", t=world.a.id, m=MAY)  # fmt: skip
    for clock, signed in figures.items():
        assert {name: rows["finance", clock][name] for name in signed} == signed
    [credit] = [one for one in found["credits"] if one["line"] == "finance"]
    amount = stage.value("SELECT amount FROM sla_credits WHERE tenant_id = :t AND month = :m"
                         " AND line = 'finance'", t=world.a.id, m=MAY)  # fmt: skip
    assert credit["amount"] == amount > 0
    assert len(found["lists"]["breaches:finance"]) == credit["breaches"]


def test_volumes_quotas_time_and_ratings(stage, world, may):
    company, (april, good, late, left) = world.a, may
    for made, score in ((good, 5), (late, 2)):
        stage.run(
            "INSERT INTO ratings (tenant_id, request_id, user_id, user_name, score, rated_at,"
            " changed_at) VALUES (:t, :r, :u, 'x', :s, '2026-05-20', '2026-05-20')",
            t=company.id, r=made.id, u=company.user.id, s=score,
        )  # fmt: skip
    found = content(stage, world)
    assert found["volumes"] == [
        {"line": "finance", "item": QUESTION, "raised": 3, "delivered": 3, "open": 1}
    ]
    lists = found["lists"]
    assert lists[f"raised:finance:{QUESTION}"] == [[one.number, None] for one in (good, late, left)]
    assert lists[f"delivered:finance:{QUESTION}"] == [
        [one.number, None] for one in (april, good, late)
    ]
    assert [one["number"] for one in found["open"]] == [left.number]
    assert found["quotas"] == [{"line": "finance", "item": QUESTION, "quota": 3, "used": 3}]
    assert found["time"] == [{"line": "finance", "billed": 135, "rest": 0}]
    assert total(lists["time:finance"]) == 135
    assert found["ratings"] == {
        "count": 2, "sum": 7, "scores": {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1},
    }  # fmt: skip
    assert found["lines"] == ["finance"]


@pytest.mark.parametrize(("shown", "rows", "listed"), [("totals", 1, False), ("nothing", 0, False)])
def test_time_only_as_far_as_the_contract_shows_it(stage, world, shown, rows, listed):
    contract(stage, world, time={"step": 15, "shown": shown, "names": True})
    delivered(stage, world, START, timedelta(hours=1))
    sign(stage, world.a, world.supervisor, MAY, JUNE)
    found = content(stage, world)
    assert len(found["time"]) == rows
    assert ("time:finance" in found["lists"]) is listed


def test_a_sealed_report_keeps_its_figures(stage, world, may):
    before = content(stage, world, "reviewed")
    make_request(stage, world.a, at=START + 2 * DAY)
    assert read(stage, world, JUNE + 30 * DAY) == before
