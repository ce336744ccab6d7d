"""Supervision: every figure is the length of its list, whose lines it is about, what it costs."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook

from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tests.factories import make_company, make_grant, make_staff
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import go_on, make_request
from tests.factories.people import now
from tests.factories.service_levels import RULES
from tests.service_requests.checking.kit import spend

STATES = (
    "new", "quote_needed", "planned", "assigned", "in_progress", "waiting_client",
    "waiting_third_party", "on_hold_provider", "in_review", "awaiting_approval", "delivered",
    "reopened", "closed", "cancelled",
)  # fmt: skip
RUNNING = {"new", "planned", "assigned", "in_progress", "on_hold_provider", "in_review", "reopened"}
LINES = ("finance", "hr", "sales")
REQUEST = """
    INSERT INTO requests (tenant_id, id, number, item, line, title, form, state, version,
        raised_by_name, raised_side, assignee_id, assignee_name, raised_at, state_since, due_at,
        respond_by, breach_at, snoozed_until, estimate_minutes, steps_done, steps_total,
        delivered_at)
    VALUES (:tenant, :id, :number, :item, :line, :title, '{}', :state, 1, 'x', 'client', :who, :name,
        :raised, :since, :due, :respond, :breach, :snoozed, :estimate, :done, :steps, :delivered)
"""
ENTRY = """
    INSERT INTO time_entries (tenant_id, id, request_id, user_id, user_name, worked_on, minutes,
        activity, category, at)
    VALUES (:tenant, :id, :request, :who, :name, :day, :minutes, :activity, :category, :at)
"""


def scatter(stage, company, people, dice: random.Random, many: int = 40) -> None:
    """Requests and time of every kind, as they might stand in the tables."""
    at = now()
    for number in range(1000, 1000 + many):
        state, line = dice.choice(STATES), dice.choice(LINES)
        who = None if state == "new" else dice.choice([*people, None])
        due = at + timedelta(minutes=dice.randint(-20_000, 45_000))
        respond = due - timedelta(hours=3) if state in ("new", "reopened") else None
        runs = state in RUNNING or (state == "waiting_third_party" and dice.random() < 0.5)
        promised = dice.random() < 0.9
        raised = due - timedelta(days=9) if promised else due
        breach = min(one for one in (respond, due if promised else None, datetime.max.replace(
            tzinfo=at.tzinfo)) if one is not None)  # fmt: skip
        made = uuid7()
        stage.run(
            REQUEST, tenant=company.id, id=made, number=number, item=f"{line}_question", line=line,
            title="=" + company.text(f"about {number}"), state=state, who=who.id if who else None,
            name=who.name if who else "", raised=raised, due=due, respond=respond,
            since=at - timedelta(hours=dice.randint(0, 400)),
            breach=breach if runs and breach.year < 9000 else datetime(9000, 1, 1, tzinfo=at.tzinfo),
            snoozed=at + timedelta(days=2) if dice.random() < 0.1 else None,
            estimate=dice.choice([0, 45, 600, 1800]), done=dice.randint(0, 4),
            steps=dice.choice([None, 4]), delivered=at if state == "delivered" else None,
        )  # fmt: skip
        for _ in range(dice.randint(0, 2)):
            worker = dice.choice(people)
            stage.run(
                ENTRY, tenant=company.id, id=uuid7(), request=made, who=worker.id,
                name=worker.name, day=at.date() - timedelta(days=dice.randint(0, 80)),
                minutes=dice.choice([15, 30, 75]), activity=company.text("worked"),
                category=dice.choice(["work", "work", "rework"]), at=at,
            )  # fmt: skip


@pytest.fixture
def scattered(world, stage):
    dice = random.Random(17)
    for company in (world.a, world.b):
        scatter(stage, company, [world.operator_both, world.operator_a], dice)
    # On a Monday chance alone leaves nobody with more due than a week has hours.
    stage.run("""
        UPDATE requests SET estimate_minutes = 6000 WHERE number >= 1000
        AND assignee_id IS NOT NULL AND due_at BETWEEN now() AND now() + interval '6 days'
    """)
    return dice


def links(page: str) -> list[tuple[str, int]]:
    """The address and the number of every figure of the page that opens a list."""
    found = []
    for url, words in re.findall(
        r'<a [^>]*?href="(/supervision/list\?[^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL
    ):
        said = re.sub(r"<svg.*?</svg>", "", words, flags=re.DOTALL)
        counted = re.search(r",\s*(\d+) request", said) or re.search(
            r'tile-value">(\d+)|<b>(\d+)</b>|^\s*(\d+)\s*$', said
        )
        assert counted, (url, words)
        found.append((unescape(url), int(next(one for one in counted.groups() if one))))
    return found


def first(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found, pattern
    return found[found.lastindex or 0]


def length(page: str) -> int:
    return page.count("<tr data-row>")


def test_every_figure_is_the_length_of_its_list(world, scattered, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    page = supervisor.get("/supervision")
    assert page.status_code == 200
    found = links(page.text)
    kinds = {first(r"what=(\w+)", url) for url, _ in found}
    assert kinds == {"open", "late", "due", "risk", "load", "approvals", "rework", "time"}
    for url, count in found:
        shown = supervisor.get(url)
        assert length(shown.text) == count, url
        assert f"<strong>{count} row" in shown.text
    one = supervisor.get(f"/supervision?client={world.a.slug}").text
    assert world.b.name not in one
    for url, count in links(one):
        assert length(supervisor.get(url).text) == count, url


def test_parts_of_the_heat_map_add_up(world, scattered, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    found = dict(links(supervisor.get("/supervision").text))
    for mark in ("open", "late", "due", "risk"):
        whole = found[f"/supervision/list?what={mark}"]
        parts = [n for url, n in found.items() if f"what={mark}&" in url and "line=" in url
                 and "client=" in url]  # fmt: skip
        assert sum(parts) == whole > 0
    assert found["/supervision/list?what=risk"] <= found["/supervision/list?what=due"]


def test_files_hold_what_lists_show_and_no_formula(world, scattered, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    for what in ("open", "load", "approvals", "rework", "time"):
        count = length(supervisor.get(f"/supervision/list?what={what}").text)
        sent = supervisor.get(f"/supervision/list/file?what={what}&kind=csv")
        rows = list(csv.reader(io.StringIO(sent.data.decode("utf-8-sig")), delimiter=";"))
        assert len(rows) == count + 1 > 1
        assert not any(cell.startswith("=") for row in rows for cell in row)
        assert any(cell.startswith("'=") for row in rows for cell in row)
        sent = supervisor.get(f"/supervision/list/file?what={what}&kind=xlsx")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(sent.data)).get_sheet_by_index(0)
        assert len(sheet.to_python()) == count + 1
    for part in ("heat", "load", "approvals", "rework", "credits", "time"):
        for kind in ("csv", "xlsx"):
            sent = supervisor.get(f"/supervision/file?part={part}&kind={kind}")
            assert sent.status_code == 200
            assert f".{kind}" in sent.headers["Content-Disposition"]
    assert supervisor.get("/supervision/file?part=nothing").status_code == 404
    assert supervisor.get("/supervision/list/file?what=nothing").status_code == 404


def test_only_the_lines_that_the_supervisor_reviews(world, scattered, stage, sign_in_as):
    stage.run(
        "UPDATE grants SET level = 'work' WHERE user_id = :u AND tenant_id = :t",
        u=world.supervisor.id, t=world.a.id,
    )  # fmt: skip
    stage.run(
        "DELETE FROM grants WHERE user_id = :u AND tenant_id = :t AND line = 'hr'",
        u=world.supervisor.id, t=world.b.id,
    )  # fmt: skip
    supervisor = sign_in_as(world.supervisor)
    paths = ["/supervision", "/supervision/file?part=heat"]
    for what in ("open", "late", "due", "risk", "load", "approvals", "rework", "time", "credits"):
        paths += [f"/supervision/list?what={what}", f"/supervision/list/file?what={what}"]
    for path in paths:
        said = supervisor.get(path).text
        assert world.a.canary not in said, path
        assert world.a.name not in said, path
        assert not re.search(r"[>;]HR[<;]", said), path
    assert supervisor.get(f"/supervision?client={world.a.slug}").status_code == 404
    assert length(supervisor.get(f"/supervision/list?what=open&client={world.a.slug}").text) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/supervision",
        "/supervision/list?what=open",
        "/supervision/file?part=heat",
        "/supervision/list/file?what=open",
    ],
)
def test_nobody_else_supervises(world, sign_in_as, path):
    assert sign_in_as(world.operator_both).get(path).status_code == 403
    assert sign_in_as(world.provider_admin).get(path).status_code == 403
    assert sign_in_as(world.a.admin).get(path).status_code in (403, 404)


def test_without_a_line_it_says_what_to_do(stage, world, sign_in_as):
    alone = sign_in_as(make_staff(stage, role="supervisor"))
    assert "No line is open to you for review" in alone.get("/supervision").text
    for what in ("open", "risk", "rework", "time", "credits"):
        assert "Nothing here" in alone.get(f"/supervision/list?what={what}").text
    assert alone.get("/supervision/list?what=nonsense").status_code == 404


def test_addresses_with_nonsense_narrow_nothing(world, scattered, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    whole = length(supervisor.get("/supervision/list?what=load").text)
    for nonsense in (
        "who=me",
        "week=9",
        "week=-1",
        "age=x",
        "month=2026-13",
        "line=weather",
        "who=%00",
    ):
        assert length(supervisor.get(f"/supervision/list?what=load&{nonsense}").text) == whole
    assert length(supervisor.get(f"/supervision/list?what=open&who={uuid4()}").text) == 0


def test_it_costs_as_many_statements_with_many_clients_as_with_two(
    world, scattered, stage, sign_in_as, count_statements
):
    for _ in range(6):
        company = make_company(stage)
        make_grant(stage, company, world.supervisor, lines=LINES, level="review")
        make_contract(stage, company, credits=RULES)
        scatter(stage, company, [world.operator_both], scattered, many=8)
    supervisor = sign_in_as(world.supervisor)
    supervisor.get("/supervision")
    with count_statements() as found:
        assert supervisor.get("/supervision").status_code == 200
    assert len(found) <= 8, found.texts


def test_an_absence_puts_work_at_risk_and_takes_hours(world, stage, sign_in_as):
    operator, at = world.operator_a, now()
    due = at + timedelta(days=6)
    stage.run(
        REQUEST, tenant=world.a.id, id=uuid7(), number=1, item="hr_question", line="hr",
        title=world.a.text("leave"), state="in_progress", who=operator.id, name=operator.name,
        raised=at - timedelta(days=1), since=at, due=due, respond=None, breach=due, snoozed=None,
        estimate=60, done=0, steps=None, delivered=None,
    )  # fmt: skip
    supervisor = sign_in_as(world.supervisor)
    assert length(supervisor.get("/supervision/list?what=risk").text) == 0
    stage.run(
        "INSERT INTO absences (tenant_id, user_id, kind, first, last, starts_at, ends_at, made_at,"
        " made_by_name) VALUES (:t, :u, 'holiday', :f, :l, :a, :b, :a, 'x')",
        t=PROVIDER_TENANT, u=operator.id, f=at.date(), l=due.date() + timedelta(days=40),
        a=at - timedelta(days=1), b=due + timedelta(days=40),
    )  # fmt: skip
    assert length(supervisor.get("/supervision/list?what=risk").text) == 1
    page = supervisor.get("/supervision").text
    assert "not there" in page
    assert "too much" in page


def test_credits_form_as_the_clients_own_month_says(world, stage, sign_in_as):
    company, at = world.a, now()
    make_contract(stage, company, credits=RULES)
    ended = at - timedelta(hours=1)
    for start in (ended - timedelta(days=21), ended):
        made = make_request(stage, company, at=start)
        go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor,
              at=ended)  # fmt: skip
    supervisor = sign_in_as(world.supervisor)
    page = supervisor.get("/supervision").text
    (url, count), = [one for one in links(page) if "what=credits" in one[0]]  # fmt: skip
    assert count == length(supervisor.get(url).text) >= 1
    month = first(r"month=([\d-]+)", url)
    own = supervisor.get(company.url(f"service-levels?month={month}")).text
    amount = first(r"€\d+\.\d\d", page)
    # Three hundredths of a thousand euros for each missed clock.
    assert amount == f"€{30 * count}.00"
    assert amount in own
    told = supervisor.get(f"/supervision/list/file?{url.partition('?')[2]}").text
    assert month in told


def test_a_settled_month_is_confirmed(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    spend(stage, made, world.operator_a)
    last = now().date().replace(day=1) - timedelta(days=1)
    stage.run("UPDATE time_entries SET worked_on = :d", d=last)
    supervisor = sign_in_as(world.supervisor)
    assert length(supervisor.get("/supervision/list?what=time").text) == 1
    month: date = last.replace(day=1)
    stage.run(
        "INSERT INTO locked_months VALUES (:m, now(), :u, 'x')", m=month, u=world.supervisor.id
    )
    try:
        assert length(supervisor.get("/supervision/list?what=time").text) == 0
        assert "Every month that is over is settled" in supervisor.get("/supervision").text
    finally:
        # It holds at every client, so also for other tests.
        stage.run("DELETE FROM locked_months")
