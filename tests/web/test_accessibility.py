"""What is left out because it was judged before hides nothing that is new."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.accessibility import violations

PAGE = """<!doctype html><html lang="en"><title>Rooms</title>
<style>body, td {{ color: #222; background: #fff }} .pale td {{ color: #ddd }}</style>
<main><h1>Rooms</h1><table><tr><th>Room</th></tr>{rows}</table>
<label for="{label}">{word}</label><input id="name"></main></html>"""
ROW = '<tr class="{}"><td><button>{}</button> free {}</td></tr>'


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


def judged(page: Page, *rows: str, label: str = "name", word: str = "Name") -> list[str]:
    page.set_content(PAGE.format(rows="".join(rows), label=label, word=word))
    return [said.split(":")[0] for said in violations(page)]


def test_what_is_new_on_a_known_page_is_judged(page: Page) -> None:
    rows = [ROW.format("", f"Take {number}", number) for number in range(20)]
    assert judged(page, *rows) == []
    assert judged(page, *rows[:7]) == []
    assert judged(page, *rows, ROW.format("", "", "7")) == ["button-name"]
    assert judged(page, *rows, ROW.format("pale", "Take", "8")) == ["color-contrast"]
    assert judged(page, *rows, label="nothing") == ["label"]
    assert judged(page, *rows, word="") == ["label"]
    assert judged(page, *rows) == []


def test_what_was_refused_is_refused_again(page: Page) -> None:
    for _ in range(2):
        assert judged(page, ROW.format("pale", "", "9")) == ["button-name", "color-contrast"]
