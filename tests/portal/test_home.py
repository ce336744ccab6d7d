"""The client's home: only what waits for this person, with what waiting costs."""

from __future__ import annotations

from datetime import timedelta

from app.service_requests.queries import get_request
from app.service_requests.services import holding
from tests.factories import acting, make_member
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import make_request
from tests.factories.offers import accept, make_offer, make_outside
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
    assert f'href="{scene["decide"].url}"' not in page.split("<aside", 1)[0]
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


def test_an_offer_is_the_approvers_to_decide(world, stage, sign_in_as):
    made = make_outside(stage, world.a, at=now() - timedelta(days=4), limits={"finance": 100})
    offered = now() - timedelta(days=3)
    make_offer(stage, made, world.operator_a, at=offered)
    second = make_member(stage, world.a, key="second", approver=True)
    for person in (world.a.approver, second):
        page = sign_in_as(person).get(world.a.url()).text
        assert "1 thing waits for you." in page
        waiting, _ = page.split("<aside", 1)
        assert "To decide" in waiting
        assert f'href="{made.url}"' in waiting
        assert "The work begins only after you accept the price." in waiting
        assert "Nothing is delivered before you approve." not in waiting
        assert "waits 3" in waiting
        assert "The due date has moved by" not in waiting, (
            "no clock runs before the price is agreed"
        )
    for person in (world.a.user, make_member(stage, world.a, key="hr", lines=("hr",),
                                             approver=True)):  # fmt: skip
        page = sign_in_as(person).get(world.a.url()).text
        assert "To decide" not in page
        assert f'href="{made.url}"' not in page
    assert not accept(stage, made, world.a.approver), "two have to accept it"
    assert f'href="{made.url}"' in sign_in_as(second).get(world.a.url()).text.split("<aside")[0]
    assert accept(stage, made, second)
    assert "To decide" not in sign_in_as(second).get(world.a.url()).text


def test_offers_and_results_are_decided_in_one_place(world, stage, sign_in_as):
    scene = _scene(world, stage)
    offer = make_outside(stage, world.a)
    make_offer(stage, offer, world.operator_a)
    page = sign_in_as(world.a.approver).get(world.a.url()).text
    decide = page.split('id="todo-awaiting_approval"', 1)[1].split("</section>", 1)[0]
    assert decide.index(scene["decide"].url) < decide.index(offer.url), "oldest first"
    assert "Nothing is delivered before you approve. The work begins only after" in decide
    assert page.count("To decide") == 1


def test_what_waits_for_others_is_due_while_its_clock_runs(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        holding.wait_for_others(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            waiting_for="The bank", reason="a form",
        )  # fmt: skip
    browser = sign_in_as(world.a.user)

    def due():
        return browser.get(world.a.url()).text.partition('id="due-title"')[2].split("</aside>")[0]

    assert f'href="{made.url}"' in due()
    make_contract(stage, world.a, third_party_pauses=True)
    assert f'href="{made.url}"' not in due()
