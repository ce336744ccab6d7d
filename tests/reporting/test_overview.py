"""The reports of all clients of a supervisor: prepared at several of them at once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from app.reporting.due import to_prepare
from tests.factories import make_grant, make_staff
from tests.factories.jobs import run_jobs
from tests.factories.reports import make_report, make_signed_month

PAGE = "/reports"
MAY = date(2026, 5, 1)
JUNE = datetime(2026, 6, 2, 8, tzinfo=UTC)


@pytest.fixture
def signed(stage, world):
    for company in (world.a, world.b):
        make_signed_month(stage, company, MAY, at=JUNE)
    return [world.a.slug, world.b.slug]


def once_of(page):
    [found] = re.findall(r'name="once" value="([0-9a-f]+)"', page)
    return found


def reports(stage, company):
    return stage.rows("SELECT month, state FROM service_reports WHERE tenant_id = :t ORDER BY month",
                      t=company.id)  # fmt: skip


def test_reports_are_prepared_at_several_clients(stage, world, sign_in_as, signed):
    browser = sign_in_as(world.supervisor)
    page = browser.get(PAGE).text
    assert "May 2026" in page
    data = {"client": signed, "once": once_of(page)}
    first, second = (browser.post(PAGE, data=data) for _ in range(2))
    assert first.status_code == 303
    assert first.location == second.location
    for company in (world.a, world.b):
        assert run_jobs(stage, company.id, name="reporting.prepare") == ["reporting.prepare"]
        assert reports(stage, company) == [(MAY, "draft")]
    browser.post(PAGE, data={"client": signed, "once": "f" * 32})
    for company in (world.a, world.b):
        run_jobs(stage, company.id, name="reporting.prepare")
        assert reports(stage, company) == [(MAY, "draft")]
    assert "May 2026: To write" in browser.get(PAGE).text
    assert "prepared: 2026-05" in browser.get(first.location).text


def test_all_or_none(stage, world, sign_in_as, signed):
    browser = sign_in_as(world.supervisor)
    answer = browser.post(PAGE, data={"client": [world.a.slug, "nobody"]})
    assert answer.status_code == 422
    assert "nobody" in answer.text
    assert browser.post(PAGE, data={}).status_code == 422
    assert stage.value("SELECT count(*) FROM jobs WHERE name = 'reporting.prepare'"
                       " AND tenant_id = :t", t=world.a.id) == 0  # fmt: skip


def test_only_ones_own_clients(stage, world, sign_in_as, signed):
    other = make_staff(stage, role="supervisor")
    make_grant(stage, world.b, other, level="review")
    page = sign_in_as(other).get(PAGE).text
    assert world.b.name in page
    assert world.a.name not in page
    assert sign_in_as(world.operator_a).get(PAGE).status_code == 403
    refused = sign_in_as(other).post(PAGE, data={"client": signed})
    assert refused.status_code == 422


def test_the_page_costs_the_same_however_many_clients(stage, world, sign_in_as, count_statements):
    make_report(stage, world.a, month=MAY, step="written")
    browser = sign_in_as(world.supervisor)
    browser.get(PAGE)
    with count_statements() as found:
        assert "To check" in browser.get(PAGE).text
    # The session's, the clients and their access, and what stands there: clients, months, reports.
    assert len(found) <= 6


@pytest.mark.parametrize(
    ("signed", "reported", "wanted"),
    [
        ([], [], []),
        ([3, 4, 5], [], [5]),
        ([3, 4, 5], [3], [4, 5]),
        ([3, 4, 5], [5], []),
        ([3, 4, 5, 6], [5], [6]),
    ],
)
def test_which_months_are_due(signed, reported, wanted):
    months = {number: date(2026, number, 1) for number in range(1, 13)}
    found = to_prepare([months[one] for one in signed], [months[one] for one in reported])
    assert found == [months[one] for one in wanted]
