"""A form that waits half filled: kept for its writer alone, gone once it is sent."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.service_requests.browsing import HTMX

ITEM = "requests/new/finance_question"


def keep(browser: Any, company: Any, *, headers: Any = None, **typed: str) -> Any:
    data = {"client": company.slug, "title": "", "details": "", "wanted_on": "", **typed}
    return browser.post(f"{company.url(ITEM)}/draft", data=data, headers=headers or {})


def count(stage, company) -> int:
    return int(stage.value("SELECT count(*) FROM form_drafts WHERE tenant_id = :t", t=company.id))


def test_what_was_typed_stands_in_the_form_again(world, sign_in_as, stage):
    browser = sign_in_as(world.a.user)
    assert keep(browser, world.a, title=world.a.text("half"), wanted_on="2026-1").status_code == 303
    page = browser.get(world.a.url(ITEM)).text
    assert f'value="{world.a.text("half")}"' in page
    assert "Draft saved at" in page
    for listing in ("requests/new", ""):
        assert world.a.text("half") in browser.get(world.a.url(listing)).text
    saved = keep(browser, world.a, headers=HTMX, title=world.a.text("more"), details="so far")
    assert saved.status_code == 200
    assert "Draft saved at" in saved.text
    assert "<html" not in saved.text
    assert count(stage, world.a) == 1
    assert "so far" in browser.get(world.a.url(ITEM)).text


def test_sending_ends_the_draft_and_a_refused_form_doesnt(world, sign_in_as, stage):
    browser = sign_in_as(world.a.user)
    keep(browser, world.a, title=world.a.text("half"))
    form = {"client": world.a.slug, "title": world.a.text("whole"), "details": ""}
    assert browser.post(world.a.url(ITEM), data=form).status_code == 422
    assert count(stage, world.a) == 1
    form |= {"details": "all of it", "document": (io.BytesIO(b"%PDF"), "a.pdf")}
    assert browser.post(world.a.url(ITEM), data=form).status_code == 303
    assert count(stage, world.a) == 0
    assert "Drafts" not in browser.get(world.a.url("requests/new")).text


def test_a_draft_is_its_writers_alone(world, sign_in_as, stage):
    keep(sign_in_as(world.a.user), world.a, title=world.a.text("mine"))
    for person in (world.a.admin, world.operator_a):
        browser = sign_in_as(person)
        assert world.a.text("mine") not in browser.get(world.a.url(ITEM)).text
        keep(browser, world.a, title="theirs")
        assert "theirs" in browser.get(world.a.url(ITEM)).text
        assert browser.post(
            f"{world.a.url(ITEM)}/draft/drop", data={"client": world.a.slug}
        ).status_code == 303  # fmt: skip
    assert world.a.text("mine") in sign_in_as(world.a.user).get(world.a.url(ITEM)).text
    assert count(stage, world.a) == 1


def test_an_emptied_form_keeps_nothing(world, sign_in_as, stage):
    browser = sign_in_as(world.a.user)
    keep(browser, world.a, title="something")
    emptied = keep(browser, world.a, headers=HTMX)
    assert "What you write is kept as a draft." in emptied.text
    assert count(stage, world.a) == 0


def test_no_draft_where_nothing_may_be_asked_for(world, sign_in_as, stage):
    only_finance = sign_in_as(world.a.people["finance_only"])
    hr = world.a.url("requests/new/hr_question/draft")
    data = {"client": world.a.slug, "title": "x"}
    assert only_finance.post(hr, data=data).status_code == 403
    missing = world.a.url("requests/new/no_such_item/draft")
    assert only_finance.post(missing, data=data).status_code == 404
    assert only_finance.post(
        world.a.url(f"{ITEM}/draft"), data={**data, "client": world.b.slug}
    ).status_code == 409  # fmt: skip
    assert count(stage, world.a) == 0


@pytest.mark.parametrize("typed", ["x" * 30_000, "a\0b", "<b>&"])
def test_odd_input_is_kept_as_text(world, sign_in_as, typed):
    browser = sign_in_as(world.a.user)
    assert keep(browser, world.a, details=typed).status_code == 303
    assert browser.get(world.a.url(ITEM)).status_code == 200
