"""One queue over every granted client, in one statement for its rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import make_grant, make_staff
from tests.factories.lifecycle import make_request
from tests.factories.people import now


def _rows(browser, query: str = "") -> str:
    answer = browser.get(f"/desk/rows{query}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_rows_of_granted_clients_and_lines_only(world, stage, sign_in_as):
    make_request(stage, world.a, title="Alpha finance")
    make_request(stage, world.b, title="Beta finance")
    make_request(stage, world.b, item="hr_question", title="Beta people")
    both, only_a = _rows(sign_in_as(world.operator_both)), _rows(sign_in_as(world.operator_a))
    assert all(words in both for words in ("Alpha finance", "Beta finance", "Beta people"))
    assert "Alpha finance" in only_a
    assert "Beta" not in only_a
    narrow = make_staff(stage, name="Nora")
    make_grant(stage, world.b, narrow, lines=("hr",))
    page = _rows(sign_in_as(narrow))
    assert "Beta people" in page
    assert "finance" not in page.lower()


def test_no_grant_no_rows(world, stage, sign_in_as):
    make_request(stage, world.a, title="Alpha finance")
    page = sign_in_as(world.operator_none).get("/desk").text
    assert "Alpha" not in page
    assert "No client is open to you yet" in page


def test_an_expired_grant_closes_the_client(world, stage, sign_in_as):
    make_request(stage, world.a, title="Alpha finance")
    browser = sign_in_as(world.operator_a)
    assert "Alpha finance" in _rows(browser)
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=world.operator_a.id)
    assert "Alpha finance" not in _rows(browser)


def test_clients_do_not_enter(world, sign_in_as):
    for path in ("/desk", "/desk/rows", "/desk/brands.css", "/desk/palette?q=a"):
        assert sign_in_as(world.a.admin).get(path).status_code == 403


def test_filters(world, stage, sign_in_as):
    late = now() - timedelta(days=20)
    operator = {"operator": world.operator_both}
    make_request(stage, world.a, title="Late and free", at=late)
    make_request(stage, world.a, item="hr_question", title="Mine", state="in_progress", **operator)
    make_request(stage, world.b, title="Checked", state="in_review", operator=world.operator_b)
    browser = sign_in_as(world.operator_both)

    def shown(query: str) -> list[str]:
        page = _rows(browser, query)
        return [words for words in ("Late and free", "Mine", "Checked") if f">{words}</a>" in page]

    assert shown("") == ["Late and free", "Mine", "Checked"]
    assert shown("?view=mine") == ["Mine"]
    assert shown("?view=unassigned") == ["Late and free"]
    assert shown("?view=overdue") == ["Late and free"]
    assert shown("?view=in_review") == ["Checked"]
    assert shown(f"?client={world.b.slug}") == ["Checked"]
    assert shown("?line=hr") == ["Mine"]
    assert shown("?state=in_progress") == ["Mine"]
    assert shown("?q=late") == ["Late and free"]
    assert shown("?q=nothing+like+it") == []
    assert shown("?state=junk&line=junk&view=junk") == ["Late and free", "Mine", "Checked"]
    assert shown("?client=there-is-none") == []


def test_figures_and_clients_stand_beside(world, stage, sign_in_as):
    make_request(stage, world.a, state="in_progress", operator=world.operator_both)
    make_request(stage, world.b)
    page = sign_in_as(world.operator_both).get("/desk").text
    nav = page.partition('id="desk-nav"')[2].partition("</nav>")[0]
    counts = [part.partition("<")[0] for part in nav.split('nav-count">')[1:]]
    # the last are mails that wait, and what is handed over
    assert counts == ["2", "1", "1", "0", "0", "0", "0", "0", "0"]
    assert world.a.name in nav
    assert f"client-{world.b.code}" in nav


def test_the_rows_take_one_statement(world, stage, sign_in_as, count_statements):
    for company in world.companies:
        for _ in range(3):
            make_request(stage, company)
    browser = sign_in_as(world.operator_both)
    for path in ("/desk", "/desk/rows"):
        with count_statements() as found:
            assert browser.get(path).status_code == 200
        assert len([one for one in found if "LATERAL" in one]) == 1
        assert len(found) <= 4, list(found)


def test_an_open_request_stands_in_the_address(world, stage, sign_in_as):
    made = make_request(stage, world.a, title="Open me")
    browser = sign_in_as(world.operator_a)
    page = browser.get(f"/desk?view=unassigned&open={world.a.slug}/{made.number}").text
    assert f'hx-get="{made.url}"' in page
    assert "desk has-detail" in page
    assert f'href="/desk?view=unassigned&amp;open={world.a.slug}/{made.number}"' in page
    foreign = browser.get(f"/desk?open={world.b.slug}/1").text
    assert "has-detail" not in foreign.partition("</nav>")[2]


def test_rows_carry_colour_and_code_of_their_client(world, stage, sign_in_as):
    make_request(stage, world.a, title="Whose?")
    browser = sign_in_as(world.operator_both)
    row = _rows(browser).partition("<li")[2].partition("</li>")[0]
    assert f"client-{world.a.code}" in row
    assert world.a.name in row
    assert "Received" in row
    css = browser.get("/desk/brands.css").text
    assert f".client-{world.a.code}{{" in css
    assert f".client-{world.b.code}{{" in css
    assert world.b.code not in sign_in_as(world.operator_a).get("/desk/brands.css").text


@pytest.mark.parametrize("wanted", ["Whose", "1", "#1"])
def test_the_palette_finds_requests(world, stage, sign_in_as, wanted):
    made = make_request(stage, world.a, title="Whose?")
    page = sign_in_as(world.operator_a).get("/desk/palette", query_string={"q": wanted}).text
    assert made.url in page
    assert made.url not in sign_in_as(world.operator_b).get(
        "/desk/palette", query_string={"q": wanted}
    ).text  # fmt: skip


def test_the_palette_finds_clients(world, sign_in_as):
    browser = sign_in_as(world.operator_both)
    assert f"/desk?client={world.a.slug}" in browser.get(f"/desk/palette?q={world.a.code}").text
    assert "Nothing found" in browser.get("/desk/palette?q=zzzzzz").text
