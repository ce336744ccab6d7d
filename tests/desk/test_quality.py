"""First-pass yield, rework, findings: the figures, the lists behind them, and whose they are."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.quality.figures import Cube, add_up
from app.desk.quality.filters import filter_of, parameters
from tests.factories.lifecycle import row_state
from tests.service_requests.browsing import send
from tests.service_requests.checking.kit import (
    NEVER,
    findings,
    ready,
    returned,
    spend,
)


@pytest.fixture
def history(world, stage, sign_in_as):
    """One result right the first time at each of two clients, one that came back once."""
    operator = world.operator_both
    browser, supervisor = sign_in_as(operator), sign_in_as(world.supervisor)
    for company in (world.a, world.b):
        made = ready(stage, company, operator, NEVER)
        assert send(stage, browser, made, "deliver").status_code == 303
    made = ready(stage, world.a, operator, NEVER)
    assert send(stage, browser, made, "submit").status_code == 303
    words = {"findings_2": "and the price", "kind_2": "deadline", "severity_2": "critical"}
    assert (
        returned(stage, supervisor, made, world.a.text("a wrong total"), **words).status_code == 303
    )
    spend(stage, made, operator, 10)
    ids = [row.id for row in findings(stage, made)]
    for one in ids:
        assert send(stage, browser, made, f"findings/{one}/fixed").status_code == 303
    assert send(stage, browser, made, "submit").status_code == 303
    assert (
        send(stage, supervisor, made, "pass", confirmed=[str(one) for one in ids]).status_code
        == 303
    )
    assert row_state(stage, made) == "delivered"
    return made


def test_every_figure_is_the_length_of_its_list(world, history, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    page = supervisor.get("/desk/quality").text
    urls = [
        one.replace("&amp;", "&") for one in re.findall(r'href="(/desk/quality/list[^"]+)"', page)
    ]
    assert urls
    name = world.operator_both.name
    assert name in page
    for what, expected in (
        ("delivered", 3), ("first_pass", 2), ("corrected", 1), ("checked", 1), ("findings", 2),
        ("rework", 1),
    ):  # fmt: skip
        listed = supervisor.get(f"/desk/quality/list?what={what}").text
        assert listed.count("<tr data-row>") == expected, what
    for url in urls:
        assert supervisor.get(url).status_code == 200, url
    only = supervisor.get("/desk/quality/list?what=findings&kind=deadline").text
    assert only.count("<tr data-row>") == 1
    assert "A deadline is missed" in only
    assert "66.7" in page or "67" in page
    # 10 of 100 minutes.
    assert re.search(r"10(\.0)?\u00a0?\s?%", page)


def test_by_client_line_and_day(world, history, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    by_client = supervisor.get("/desk/quality?by=client").text
    assert world.a.name in by_client
    assert world.b.name in by_client
    one = supervisor.get(f"/desk/quality/list?what=delivered&client={world.b.slug}").text
    assert one.count("<tr data-row>") == 1
    assert "Administration" in supervisor.get("/desk/quality?by=line").text
    assert "Nothing in this time" in supervisor.get("/desk/quality?line=hr").text
    past = supervisor.get(
        "/desk/quality/list?what=delivered&since=2025-01-01&until=2025-02-01"
    ).text
    assert "Nothing here" in past
    assert supervisor.get("/desk/quality/list?what=nonsense").status_code == 404


def test_an_operator_sees_their_own_and_nobody_elses(world, history, sign_in_as):
    mine = sign_in_as(world.operator_both)
    assert mine.get("/desk/quality/list?what=delivered").text.count("<tr data-row>") == 3
    other = sign_in_as(world.operator_a)
    asked = f"/desk/quality/list?what=delivered&operator={world.operator_both.id}"
    assert "<tr data-row>" not in other.get(asked).text
    page = other.get(f"/desk/quality?operator={world.operator_both.id}&by=operator").text
    assert world.operator_both.name not in page
    assert other.get("/desk/quality/rates").status_code == 403


def test_a_supervisor_sees_only_the_lines_that_they_review(world, history, stage, sign_in_as):
    stage.run(
        "UPDATE grants SET level = 'work' WHERE user_id = :u AND tenant_id = :t",
        u=world.supervisor.id, t=world.a.id,
    )  # fmt: skip
    listed = sign_in_as(world.supervisor).get("/desk/quality/list?what=delivered").text
    assert listed.count("<tr data-row>") == 1
    assert world.b.name in listed
    assert world.a.name not in listed


def test_the_days_of_an_address_are_days() -> None:
    today = date(2026, 11, 22)
    assert filter_of({}, today=today).since == date(2026, 9, 1)
    for wrong in (
        {"since": "2026-13-01"}, {"since": "2027-01-01"}, {"since": "1900-01-01"},
        {"until": "x", "since": "2027-01-01"}, {"since": "2001-01-01"},
        {"operator": "me", "line": "nothing", "by": "weather"},
    ):  # fmt: skip
        chosen = filter_of(wrong, today=today)
        assert (chosen.since, chosen.until) == (date(2026, 9, 1), today)
        assert (chosen.by, chosen.line, chosen.operator) == ("operator", "", "")
    chosen = filter_of({"since": "2026-10-01", "until": "2026-10-31", "by": "line"}, today=today)
    assert filter_of(parameters(chosen), today=today) == chosen


_row = st.builds(
    lambda tenant, line, user, delivered, wrong, minutes, rework, kind: SimpleNamespace(
        tenant_id=tenant, line=line, user_id=user, delivered=delivered + wrong,
        first_pass=delivered, checked=wrong, minutes=minutes + rework, rework=rework,
        findings=wrong, kind=kind, severity="major",
    ),
    st.integers(1, 3), st.sampled_from(["hr", "sales"]), st.none() | st.integers(1, 3),
    *[st.integers(0, 9)] * 4, st.sampled_from(["missing", "other"]),
)  # fmt: skip


@given(st.lists(_row), st.sampled_from(["operator", "line", "client"]))
def test_the_parts_add_up_to_the_whole(rows: list[SimpleNamespace], by: str) -> None:
    total, parts = add_up(Cube(delivered=rows, time=rows, findings=rows), by=by)
    for name in (
        "delivered",
        "first_pass",
        "checked",
        "minutes",
        "rework",
        "findings",
        "corrected",
    ):
        assert sum(getattr(one, name) for one in parts.values()) == getattr(total, name)
    assert total.kinds.total() == total.findings
    assert total.first_pass_yield is None or 0 <= total.first_pass_yield <= 1
    assert total.rework_share is None or 0 <= total.rework_share <= 1
