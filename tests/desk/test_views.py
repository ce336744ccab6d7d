"""Filters, orders and saved views of the queue; each view's figure is the length of its list."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.factories.lifecycle import make_request
from tests.factories.people import now


def shown(browser, query: str = "") -> list[str]:
    page = browser.get(f"/desk/rows{query}")
    assert page.status_code == 200, page.text
    return re.findall(r'queue-link"[^>]*>([^<]+)</a>', page.text)


def figures(page: str) -> dict[str, str]:
    nav = page.partition('id="desk-nav"')[2].partition("</nav>")[0]
    return dict(re.findall(r'nav-label">([^<]+)</span><span class="nav-count[^>]*>([^<]+)', nav))


@pytest.fixture
def three(world, stage):
    day = timedelta(days=1)
    make_request(stage, world.a, title="Old", at=now() - 20 * day)
    made = make_request(stage, world.a, title="Put off", at=now() - 2 * day)
    stage.run(
        "UPDATE requests SET snoozed_until = now() + interval '1 day', priority = 'high'"
        " WHERE id = :id", id=made.id,
    )  # fmt: skip
    make_request(stage, world.b, item="hr_question", title="New")


def test_what_narrows_the_list(world, stage, sign_in_as, three):
    browser = sign_in_as(world.operator_both)
    assert shown(browser) == ["Old", "New"]
    assert shown(browser, "?snoozed=1") == shown(browser, "?view=snoozed") == ["Put off"]
    assert shown(browser, "?q=put") == ["Put off"]
    assert shown(browser, "?item=hr_question") == ["New"]
    assert shown(browser, "?priority=high&snoozed=1") == ["Put off"]
    assert shown(browser, "?due=overdue") == shown(browser, "?view=overdue") == ["Old"]
    assert shown(browser, "?who=nobody") == ["Old", "New"]
    assert shown(browser, "?who=me") == []
    assert shown(browser, f"?who={world.operator_a.id}") == []
    yesterday = (now() - timedelta(days=1)).date()
    assert shown(browser, f"?since={yesterday}") == ["New"]
    # What nobody knows narrows nothing.
    assert shown(browser, "?priority=x&who=x&due=x&since=2026-13-40&sort=x&item=x") == [
        "Old",
        "New",
    ]


def test_orders(world, stage, sign_in_as, three):
    browser = sign_in_as(world.operator_both)
    assert shown(browser, "?sort=newest") == ["New", "Old"]
    assert shown(browser, "?sort=waiting") == ["Old", "New"]
    assert shown(browser, "?sort=due") == ["Old", "New"]


def test_every_order_is_paged_without_gap_or_repeat(world, stage, sign_in_as):
    for number in range(53):
        make_request(stage, world.a, title=f"Number {number:02}", at=now() - timedelta(days=number))
    browser = sign_in_as(world.operator_a)
    for sort in ("breach", "due", "newest", "waiting"):
        first = browser.get(f"/desk?sort={sort}").text
        link = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', first)
        assert link
        second = link.group(1).replace("&amp;", "&").replace("/desk?", "?")
        titles = shown(browser, f"?sort={sort}") + shown(browser, second)
        assert len(titles) == len(set(titles)) == 53


def test_a_view_is_kept_found_counted_and_deleted(world, stage, sign_in_as, three):
    browser = sign_in_as(world.operator_both)
    page = browser.get("/desk/views/new?item=hr_question&sort=newest")
    assert "Newest first" in page.text
    kept = browser.post(
        "/desk/views/new?item=hr_question&sort=newest", data={"name": "People", "icon": "users"}
    )
    assert kept.status_code == 303
    assert "item=hr_question" in kept.location
    desk = browser.get(kept.location).text
    assert figures(desk)["People"] == "1"
    assert ">New</a>" in desk
    assert ">Old</a>" not in desk
    [view_id] = re.findall(r"view=([0-9a-f-]{36})", kept.location)
    # The address alone shows the same to a colleague, who has no such view.
    other = sign_in_as(world.supervisor).get(kept.location).text
    assert ">New</a>" in other
    assert "People" not in figures(other)
    assert sign_in_as(world.supervisor).get(f"/desk/views/{view_id}").status_code == 404
    assert browser.post(f"/desk/views/{view_id}", data={"name": "HR"}).status_code == 303
    assert figures(browser.get("/desk").text)["HR"] == "1"
    assert browser.post(f"/desk/views/{view_id}/delete").status_code == 303
    assert "HR" not in figures(browser.get("/desk").text)


def test_only_a_supervisor_keeps_views_for_everybody(world, stage, sign_in_as, three):
    operator, supervisor = sign_in_as(world.operator_both), sign_in_as(world.supervisor)
    data = {"name": "Late", "icon": "flame", "shared": "1"}
    refused = operator.post("/desk/views/new?due=overdue", data=data)
    assert refused.status_code == 403
    assert "supervisor" in refused.text
    kept = supervisor.post("/desk/views/new?due=overdue", data=data)
    assert figures(operator.get("/desk").text)["Late"] == "1"
    [view_id] = re.findall(r"view=([0-9a-f-]{36})", kept.location)
    assert operator.post(f"/desk/views/{view_id}/delete").status_code == 403
    # Everybody sees their own clients through it.
    assert figures(sign_in_as(world.operator_b).get("/desk").text)["Late"] == "0"
    assert world.a.name not in sign_in_as(world.operator_b).get(kept.location).text


def test_a_view_without_a_name_is_refused_at_its_field(world, sign_in_as):
    page = sign_in_as(world.operator_a).post("/desk/views/new", data={"name": " "})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text


def test_the_desk_opens_with_the_chosen_view(world, stage, sign_in_as, three):
    browser = sign_in_as(world.operator_both)
    chosen = {"default_view": "unassigned", "after": "stay"}
    assert browser.post("/desk/views/settings", data=chosen).status_code == 303
    page = browser.get("/desk")
    assert page.location == "/desk?view=unassigned"
    assert 'data-after="stay"' in browser.get(page.location).text
    assert browser.get("/desk?view=all").status_code == 200
    refused = browser.post("/desk/views/settings", data={"default_view": "x", "after": "x"})
    assert refused.status_code == 422


def test_figures_are_lengths_and_the_page_takes_four_statements(
    world, stage, sign_in_as, three, count_statements
):
    browser = sign_in_as(world.operator_both)
    for number in range(3):
        browser.post("/desk/views/new?priority=high", data={"name": f"View {number}"})
    with count_statements() as found:
        page = browser.get("/desk").text
    assert len(found) <= 4, list(found)
    for code, title in (("all", "All open"), ("snoozed", "Snoozed"), ("overdue", "Overdue")):
        assert int(figures(page)[title]) == len(shown(browser, f"?view={code}"))
