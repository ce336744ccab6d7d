"""The desk's tools by keyboard alone: undo, snooze, several rows, text modules, drafts, the palette."""

from __future__ import annotations

from tests.desk.test_keyboard import _title, server, visit  # noqa: F401 - fixtures
from tests.factories.lifecycle import make_request, row_state


def test_a_step_is_taken_back_with_z(world, stage, visit):  # noqa: F811
    made = make_request(stage, world.a, title="First of all")
    page = visit(world.operator_a, "/desk")
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    _title(page, "First of all")
    page.keyboard.press("a")
    page.wait_for_selector(".toast-note button[data-key=z]")
    assert row_state(stage, made) == "assigned"
    page.keyboard.press("z")
    page.wait_for_selector(".detail-state:has-text('Received')")
    assert row_state(stage, made) == "new"


def test_snoozed_with_s_and_the_next_one_opens(world, stage, visit):  # noqa: F811
    make_request(stage, world.a, title="Not today")
    make_request(stage, world.a, title="Comes after")
    page = visit(world.operator_a, "/desk")
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    _title(page, "Not today")
    page.keyboard.press("s")
    page.wait_for_function("document.activeElement.id === 'snooze-first'")
    page.keyboard.press("Enter")
    _title(page, "Comes after")
    page.wait_for_selector(".queue-link:has-text('Not today')", state="detached")
    page.keyboard.press("z")
    page.wait_for_selector(".queue-link:has-text('Not today')")


def test_several_rows_with_x(world, stage, visit):  # noqa: F811
    made = [make_request(stage, one, title=f"Of {one.code}") for one in (world.a, world.b)]
    page = visit(world.operator_both, "/desk")
    for key in ("j", "x", "j", "x", "a"):
        page.keyboard.press(key)
    page.wait_for_selector("dialog[open] .bulk-part >> nth=1")
    assert [row_state(stage, one) for one in made] == ["new", "new"]
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    page.keyboard.press("a")
    page.wait_for_selector("dialog[open] [data-submit-key]")
    page.focus("dialog[open] [data-submit-key]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast-note:has-text('Requests changed: 2.')")
    assert [row_state(stage, one) for one in made] == ["assigned", "assigned"]
    assert page.locator(".queue-check:checked").count() == 0
    page.keyboard.press("z")
    page.wait_for_selector(".toast-note:has-text('Taken back: 2.')")
    assert [row_state(stage, one) for one in made] == ["new", "new"]


def test_a_text_is_inserted_kept_and_there_again(world, stage, visit, sign_in_as):  # noqa: F811
    made = make_request(stage, world.a, title="First of all")
    kept = {"name": "Thanks", "language": "en", "body": "Thank you for “{title}”."}
    sign_in_as(world.operator_a).post("/desk/texts/new", data=kept)
    page = visit(world.operator_a, f"/desk?open={world.a.slug}/{made.number}")
    _title(page, "First of all")
    page.keyboard.press("r")
    page.keyboard.type("Hello. ")
    page.keyboard.press("Control+.")
    page.wait_for_selector("dialog[open] [data-insert]")
    page.keyboard.type("than")
    page.keyboard.press("ArrowDown")
    with page.expect_response(lambda answer: "reply-draft" in answer.url):
        page.keyboard.press("Enter")
    field = "#message-body"
    assert page.input_value(field) == "Hello. Thank you for “First of all”."
    page.reload()
    page.wait_for_selector(field)
    assert page.input_value(field) == "Hello. Thank you for “First of all”."
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".bubble-text:has-text('Thank you for')")
    assert page.input_value(field) == ""


def test_the_palette_opens_a_pasted_number(world, stage, visit):  # noqa: F811
    made = make_request(stage, world.a, title="First of all")
    page = visit(world.operator_a, "/desk/views")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette-results a:has-text('My desk')")
    page.keyboard.type(f"{world.a.code}-{made.number}")
    page.wait_for_selector("#palette-results a:has-text('First of all')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{made.url}")


AT_THE_FIRST_MOMENT = """document.addEventListener('DOMContentLoaded', () => document.body.dispatchEvent(
  new KeyboardEvent('keydown', {key: 'k', ctrlKey: true, bubbles: true, cancelable: true})))"""


def test_the_palette_answers_a_quick_person(world, stage, visit):  # noqa: F811
    """Pressed as soon as the page's own scripts listen."""
    page = visit(world.operator_a, "/desk/views")
    page.add_init_script(AT_THE_FIRST_MOMENT)
    page.reload()
    page.wait_for_selector("#palette-results a:has-text('My desk')")


def test_enter_waits_for_the_answer_to_what_was_pasted(world, stage, visit):  # noqa: F811
    made = make_request(stage, world.a, title="First of all")
    page = visit(world.operator_a, "/desk/views")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette-results a:has-text('My desk')")
    page.keyboard.insert_text(f"{world.a.code}-{made.number}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{made.url}")
