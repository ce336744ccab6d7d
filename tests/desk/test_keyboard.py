"""The desk in a real browser: worked by keyboard, Back works, polling disturbs nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from tests.factories import make_session
from tests.factories.lifecycle import attach, make_request, row_state


@pytest.fixture(scope="session")
def server(app) -> Iterator[str]:
    httpd = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()


@pytest.fixture
def visit(chromium, server, stage):
    opened = []

    def open_page(person, path, width=1440):
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        token = make_session(stage, person)
        context.add_cookies([{"name": "coulisse", "value": token, "url": server}])
        page = context.new_page()
        page.add_init_script(
            "window.refused = []; document.addEventListener('securitypolicyviolation',"
            " (event) => window.refused.push(event.violatedDirective))"
        )
        page.goto(server + path)
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        assert page.evaluate("window.refused") == []
        page.context.close()


def _title(page, words):
    page.wait_for_function(
        "words => document.getElementById('request-title')?.textContent.includes(words)", arg=words
    )


def test_open_take_and_answer_by_keyboard(world, stage, visit):
    made = make_request(stage, world.a, title="First of all")
    make_request(stage, world.a, title="Second to none")
    page = visit(world.operator_a, "/desk")
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    _title(page, "First of all")
    page.keyboard.press("a")
    page.wait_for_selector(".queue-row.current .queue-who .person")
    assert row_state(stage, made) == "assigned"
    page.keyboard.press("r")
    page.keyboard.type("Good morning")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".bubble-text:has-text('Good morning')")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.id") == "note-body"
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.id !== 'note-body'")
    assert page.locator(".bubble-note").count() == 0


def test_back_goes_from_item_to_item_to_the_list(world, stage, visit):
    for title in ("First of all", "Second to none"):
        make_request(stage, world.a, title=title)
    page = visit(world.operator_a, "/desk?view=unassigned")
    page.click("text=First of all")
    _title(page, "First of all")
    page.click(".queue-link:has-text('Second to none')")
    _title(page, "Second to none")
    page.go_back()
    _title(page, "First of all")
    assert page.locator(".queue-row.current .queue-link").inner_text() == "First of all"
    page.go_back()
    page.wait_for_selector("#request", state="detached")
    assert page.url.endswith("/desk?view=unassigned")


def test_the_next_request_opens_after_handing_one_over(world, stage, visit):
    made = make_request(
        stage, world.a, title="Hand me over", state="in_progress", operator=world.operator_a
    )
    make_request(stage, world.a, title="Comes after", state="assigned", operator=world.operator_a)
    attach(stage, made, world.operator_a)
    page = visit(world.operator_a, f"/desk?open={world.a.slug}/{made.number}")
    _title(page, "Hand me over")
    page.keyboard.press("t")
    page.keyboard.type("0:45")
    page.fill("[name=activity]", "Letter")
    page.keyboard.press("Enter")
    page.wait_for_selector(".time-list")
    page.keyboard.press("e")
    _title(page, "Comes after")
    assert row_state(stage, made) == "in_review"


def test_polling_keeps_scroll_focus_and_draft(world, stage, visit):
    for number in range(30):
        make_request(stage, world.a, title=f"Number {number:02}")
    page = visit(world.operator_a, "/desk")
    page.evaluate("document.querySelector('.queue-scroll').scrollTop = 300")
    page.locator(".queue-link").nth(15).focus()
    focused = page.evaluate("document.activeElement.textContent")
    late = make_request(stage, world.a, title="Arrived late")
    page.evaluate("desk.refresh()")
    page.wait_for_selector(f"[data-key-of='{world.a.slug}/{late.number}']")
    page.wait_for_function("document.querySelector('.nav-count').textContent === '31'")
    assert page.evaluate("document.querySelector('.queue-scroll').scrollTop") == 300
    assert page.evaluate("document.activeElement.textContent") == focused


def test_a_phone_shows_the_list_or_the_item(world, stage, visit):
    make_request(stage, world.a, title="Only one")
    page = visit(world.operator_a, "/desk", width=390)
    page.click("text=Only one")
    _title(page, "Only one")
    assert not page.locator(".queue-row").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click(".back-to-list")
    assert page.locator(".queue-row").first.is_visible()
    assert "open=" not in page.url
