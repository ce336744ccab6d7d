"""Recurring work over the clients whose lines somebody works on."""

from datetime import UTC, datetime, timedelta

from tests.factories.people import make_grant, make_staff, now
from tests.factories.recurring import make_recurring, run_day

DAILY = {"kind": "rrule", "text": "FREQ=DAILY", "shift": "none"}


def test_what_begins_soon_and_the_month_of_granted_lines_only(world, stage, sign_in_as):
    make_recurring(stage, world.a, world.operator_a, title=world.a.text("Daily"), rule=DAILY)
    make_recurring(stage, world.b, world.operator_b, title=world.b.text("Daily"), rule=DAILY)
    make_recurring(stage, world.a, world.operator_a, item="hr_question",
                   title=world.a.text("Payroll"), rule=DAILY)  # fmt: skip
    page = sign_in_as(world.operator_a).get("/desk/recurring")
    assert page.status_code == 200
    assert world.a.text("Daily") in page.text
    assert world.b.canary not in page.text
    both = sign_in_as(world.operator_both)
    assert world.b.text("Daily") in both.get("/desk/recurring").text
    narrowed = both.get("/desk/recurring", query_string={"client": world.b.slug}).text
    assert world.a.text("Daily") not in narrowed
    finance = make_staff(stage)
    make_grant(stage, world.a, finance, lines=("finance",))
    seen = sign_in_as(finance).get("/desk/recurring").text
    assert world.a.text("Daily") in seen
    assert world.a.text("Payroll") not in seen
    nobody = sign_in_as(world.operator_none).get("/desk/recurring")
    assert nobody.status_code == 200
    assert "Nothing is raised in the next 5 days" in nobody.text


def test_what_stands_still_comes_first_and_what_was_raised_leads_to_its_request(
    world, stage, sign_in_as
):
    at = datetime(2026, 6, 1, 5, tzinfo=UTC)
    for _ in range(2):
        made = make_recurring(stage, world.a, world.operator_a, at=at)
        run_day(stage, made, at + timedelta(days=14))
    page = sign_in_as(world.operator_a).get("/desk/recurring?month=2026-06").text
    assert "1 stands still and needs you" in page
    assert "There is a request for the same work and period already." in page
    number = stage.value("SELECT number FROM requests WHERE tenant_id = :t", t=world.a.id)
    assert f'href="{world.a.url(f"requests/{number}")}"' in page


def test_months_that_are_none_are_this_one(world, sign_in_as):
    browser = sign_in_as(world.operator_a)
    for month in ("", "x", "2026-13", "9999-12", "0001-01"):
        page = browser.get("/desk/recurring", query_string={"month": month})
        assert page.status_code == 200
        assert f'name="month" value="{now():%Y-%m}"' in page.text or "Due in" in page.text
