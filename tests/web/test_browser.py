"""The macros in a real browser: policy, accessibility, width, keys."""

from contextlib import contextmanager

import pytest

from tests.accessibility import violations
from tests.effort import PROVE

PAGES = {
    "gallery": "/",
    "desk": "/desk?open=1",
    "queue": "/desk",
    "bare": "/bare",
    "error": "/fail/missing",
}
# Every second is each language and both schemes.
LOOKS = [
    ("light", "fr"), ("dark", "fr"), ("dark", "de"), ("light", "de"), ("light", "en"),
    ("dark", "en"),
]  # fmt: skip


@contextmanager
def visit(browser, url, **options):
    context = browser.new_context(**options)
    page = context.new_page()
    page.complaints = []
    page.on(
        "console",
        lambda message: (
            page.complaints.append(message.text)
            if message.type in {"error", "warning"}
            and "Failed to load resource" not in message.text
            else None
        ),
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation',"
        " (event) => window.refused.push(event.violatedDirective + ' ' + event.blockedURI))"
    )
    page.goto(url)
    page.wait_for_load_state("networkidle")
    yield page
    assert page.evaluate("window.refused") == []
    assert page.complaints == []
    context.close()


@pytest.mark.parametrize(("scheme", "language"), LOOKS if PROVE else LOOKS[::2])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_pages_are_accessible_and_fit(browser, server, path, scheme, language):
    options = {"color_scheme": scheme, "reduced_motion": "reduce"}
    with visit(browser, server + path, locale=language, **options) as page:
        assert page.get_attribute("html", "lang") == language
        for width, coloured in ((1440, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            # Colours take two thirds of axe's time.
            assert violations(page, contrast=PROVE or scheme == coloured) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_queue_is_worked_by_keyboard(browser, server):
    with visit(browser, server + "/desk?open=1") as page:
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.closest('[data-row]').id") == "row-2"
        page.keyboard.press("x")
        assert page.is_checked("#row-2 .queue-check")
        assert page.is_visible("#bulk")
        page.keyboard.press("k")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk?open=0")
        page.wait_for_selector("#row-0.current")
        assert page.get_attribute("#row-0 .queue-link", "aria-current") == "true"
        page.keyboard.press("n")
        assert page.evaluate("document.activeElement.id") == "composer-note"
        assert not page.is_visible(".composer-message")
        page.keyboard.type("jjj")
        assert page.input_value("#composer-note") == "jjj"
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".toast-note")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert page.is_visible("#help")


def test_single_keys_can_be_turned_off(browser, server):
    with visit(browser, server + "/desk?open=1&keys=off") as page:
        page.keyboard.press("?")
        assert not page.is_visible("#help")
        page.keyboard.press("Control+k")
        assert page.is_visible("#palette")


def test_the_palette_finds_and_opens(browser, server):
    with visit(browser, server + "/desk") as page:
        page.keyboard.press("Control+k")
        page.keyboard.type("transp")
        page.wait_for_selector(".palette-item")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent").startswith("Transports")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk?client=GAU")


def test_progress_polls_itself_and_a_refused_form_says_so(browser, server):
    with visit(browser, server + "/") as page:
        page.wait_for_selector("#p1 progress[value='312']")
        page.fill("#f-email", "x")
        page.click("text=Send request")
        page.wait_for_selector("[role=alert]")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        page.click(".toast-note button:has-text('Undo')")
        page.wait_for_selector(".toast-note:has-text('Message sent')")


def test_an_htmx_error_keeps_the_page(browser, server):
    with visit(browser, server + "/desk?open=1") as page:
        page.route("**/fragment/3", lambda route: route.continue_(url=f"{server}/fail/conflict"))
        page.click("#row-3 .queue-link")
        page.wait_for_selector(".toast-bad:has-text('Request 7 was closed.')")
        assert page.is_visible("#composer-message")


def test_back_works_and_the_page_stays_alive(browser, server):
    with visit(browser, server + "/desk?open=1") as page:
        page.click("#row-3 .queue-link")
        page.wait_for_url("**/desk?open=3")
        page.go_back()
        page.wait_for_url("**/desk?open=1")
        page.wait_for_selector("#row-1.current")
        page.keyboard.press("r")
        page.keyboard.type("Bonjour")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#toasts .toast-note[data-adopted]")


def test_a_dropped_file_shows_its_name_and_a_copy_says_so(browser, server):
    with visit(browser, server + "/", permissions=["clipboard-write"]) as page:
        page.set_input_files(
            "#f-files", [{"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"}]
        )
        assert page.inner_text("[data-drop-names]") == "a.pdf"
        page.click("[data-copy]")
        page.wait_for_selector("#toasts .toast-good:has-text('Copied')")


def test_news_makes_room_for_newer_news_and_errors_stay(browser, server):
    with visit(browser, server + "/desk?open=1") as page:
        tell = "([text, kind]) => document.dispatchEvent(new CustomEvent('toast', {detail: {text, kind}}))"
        for text, kind in [("Broken", "bad"), ("1", "good"), ("2", "good"), ("3", "good")]:
            page.evaluate(tell, [text, kind])
        shown = page.locator(".toast-note p").all_inner_texts()
        assert shown == ["Broken", "2", "3"]
