"""The client's list, the catalogue, and the form of an item."""

from __future__ import annotations

import io

from tenants.core.pagination import PAGE_SIZE
from tests.factories.lifecycle import make_request


def test_filters_stand_in_the_address(world, stage, sign_in_as):
    make_request(stage, world.a, title=world.a.text("The red tractor"))
    make_request(stage, world.a, title=world.a.text("A 100% match_"), state="closed",
                 operator=world.operator_a, reviewer=world.supervisor)  # fmt: skip
    browser = sign_in_as(world.a.user)

    def shown(query: str) -> tuple[bool, bool]:
        page = browser.get(world.a.url(f"requests{query}")).text
        return "The red tractor" in page, "100% match_" in page

    assert shown("") == (True, False)
    assert shown("?state=ended") == (False, True)
    assert shown("?state=all") == (True, True)
    assert shown("?state=closed") == (False, True)
    assert shown("?state=nonsense") == (True, False)
    assert shown("?state=all&q=TRACTOR") == (True, False)
    assert shown("?state=all&q=0%25+match_") == (False, True)
    assert shown("?state=all&q=%25d") == (False, False)
    assert shown("?state=all&q=%231") == (True, False)
    assert "Nothing fits" in browser.get(world.a.url("requests?q=zzz")).text


def test_pages_follow_each_other(world, stage, sign_in_as):
    made = make_request(stage, world.a)
    stage.run(
        """
        INSERT INTO requests (tenant_id, id, number, item, line, title, form, state, version,
            raised_by_name, raised_side, due_at, raised_at, state_since)
        SELECT tenant_id, uuidv7(), number + n, item, line, 'Copy ' || n, form, state, version,
            raised_by_name, raised_side, due_at, raised_at, state_since
        FROM requests CROSS JOIN generate_series(1, :more) n WHERE tenant_id = :t
        """,
        more=PAGE_SIZE + 4, t=world.a.id,
    )  # fmt: skip
    browser = sign_in_as(world.a.user)
    first = browser.get(world.a.url("requests")).text
    assert first.count('class="request-row"') == PAGE_SIZE
    following = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = browser.get(following.replace("&amp;", "&")).text
    assert second.count('class="request-row"') == 5
    assert f'/requests/{made.number}"' in second
    assert browser.get(world.a.url("requests?cursor=junk")).status_code == 422


def test_the_form_says_at_the_field_what_is_missing(world, stage, sign_in_as):
    url = world.a.url("requests/new/payment_control")
    browser = sign_in_as(world.a.user)
    page = browser.get(url).text
    assert 'type="file" id="f-open_items"' in page
    refused = browser.post(
        url,
        data={
            "client": world.a.slug, "period": "October",
            "open_items": (io.BytesIO(b"x"), "items.csv"),
        },
    )  # fmt: skip
    assert refused.status_code == 422
    assert 'id="f-statement-error"' in refused.text
    assert 'id="f-period-error"' in refused.text
    assert 'value="October"' in refused.text
    assert 'id="f-open_items-error"' not in refused.text
    assert stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id) == 0


def test_an_empty_file_is_refused_and_the_text_kept(world, stage, sign_in_as):
    refused = sign_in_as(world.a.user).post(
        world.a.url("requests/new/hr_question"),
        data={
            "client": world.a.slug, "title": "Certificate", "details": "for Ms Petit",
            "document": (io.BytesIO(b""), "empty.pdf"),
        },
    )  # fmt: skip
    assert refused.status_code == 422
    assert "This file is empty" in refused.text
    assert "for Ms Petit" in refused.text


def test_raised_on_the_clients_behalf_is_marked(world, stage, sign_in_as):
    operator = sign_in_as(world.operator_both)
    url = world.a.url("requests/new/hr_question")
    assert f"Send for {world.a.code}" in operator.get(url).text
    words = {"title": "Certificate", "details": "they phoned"}
    wrong = operator.post(url, data={"client": world.b.slug, **words})
    assert wrong.status_code == 409
    assert "they phoned" in wrong.text
    answer = operator.post(url, data={"client": world.a.slug, **words})
    assert answer.status_code == 303
    assert "on the client's behalf" in operator.get(answer.location).text


def test_unknown_items_are_missing(world, sign_in_as):
    browser = sign_in_as(world.a.user)
    assert browser.get(world.a.url("requests/new/nothing")).status_code == 404
    assert browser.post(world.a.url("requests/new/nothing")).status_code == 404


def test_what_is_due_at_the_same_time_shows_its_own_state(world, stage, sign_in_as):
    """The same due time stands for time left, for a pause, and for nothing once it is done."""
    for state in ("new", "new", "waiting_client", "delivered"):
        make_request(stage, world.a, state=state, operator=world.operator_a,
                     reviewer=world.supervisor)  # fmt: skip
    stage.run("UPDATE requests SET due_at = now() + interval '30 hours' WHERE tenant_id = :t",
              t=world.a.id)  # fmt: skip
    page = sign_in_as(world.a.user).get(world.a.url("requests?state=all")).text
    marks = [
        part.partition("</div>")[0] for part in page.split('<div class="request-row-due">')[1:]
    ]
    assert len(marks) == 4
    assert [("paused" in mark, " left" in mark, "–" in mark) for mark in marks] == [
        (False, False, True), (True, False, False), (False, True, False), (False, True, False),
    ]  # fmt: skip
