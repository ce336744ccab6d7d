"""The client's home: only what waits for this person, with what waiting costs."""

from __future__ import annotations

from datetime import timedelta

from tests.factories.lifecycle import make_request
from tests.factories.people import now


def _scene(world, stage):
    staff = {"operator": world.operator_a, "reviewer": world.supervisor}
    return {
        "decide": make_request(stage, world.a, item="payment_control", state="awaiting_approval",
                               at=now() - timedelta(days=4), **staff),
        "provide": make_request(stage, world.a, title="A question", state="waiting_client", **staff),
        "read": make_request(stage, world.a, title="A result", state="delivered", **staff),
        "other": make_request(stage, world.a, title="Nothing to do", state="in_progress", **staff),
    }  # fmt: skip


def test_what_waits_is_grouped_by_what_it_asks(world, stage, sign_in_as):
    scene = _scene(world, stage)
    page = sign_in_as(world.a.approver).get(world.a.url()).text
    order = [page.index(title) for title in ("To decide", "To provide", "To read")]
    assert order == sorted(order)
    assert "Nothing is delivered before you approve." in page
    assert "The work stands still until you answer." in page
    assert "waits 4\u00a0d" in page or "waits 4 d" in page
    for name in ("decide", "provide", "read"):
        assert f'href="{scene[name].url}"' in page
    waiting, beside = page.split("<aside", 1)
    assert f'href="{scene["other"].url}"' not in waiting
    assert "Due this week" in beside
    assert "Last results" in beside
    assert "The due date has moved by" in waiting


def test_who_may_not_approve_is_not_asked_to(world, stage, sign_in_as):
    scene = _scene(world, stage)
    page = sign_in_as(world.a.user).get(world.a.url()).text
    assert f'href="{scene["decide"].url}"' not in page
    assert "To decide" not in page
    only = sign_in_as(world.a.people["finance_only"]).get(world.a.url()).text
    assert f'href="{scene["provide"].url}"' in only


def test_counts_lead_to_their_lists(world, stage, sign_in_as):
    _scene(world, stage)
    browser = sign_in_as(world.a.user)
    page = browser.get(world.a.url()).text
    for state in ("awaiting_approval", "waiting_client", "delivered", "in_progress"):
        url = world.a.url(f"requests?state={state}")
        assert f'href="{url}"' in page
        assert browser.get(url).text.count('class="request-row"') == 1


def test_an_empty_home_says_what_to_do(world, sign_in_as):
    page = sign_in_as(world.a.user).get(world.a.url()).text
    assert "You are up to date" in page
    assert world.a.url("requests/new") in page


def test_staff_are_led_to_their_desk(world, sign_in_as):
    answer = sign_in_as(world.operator_a).get(world.a.url())
    assert answer.status_code == 303
    assert answer.location == f"/desk?client={world.a.slug}"


def test_the_brand_is_the_clients_colour(world, sign_in_as):
    css = sign_in_as(world.a.user).get(world.a.url("brand.css"))
    assert css.mimetype == "text/css"
    assert "#1f6f54" in css.text
    assert sign_in_as(world.b.user).get(world.a.url("brand.css")).status_code == 404
