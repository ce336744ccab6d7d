"""The provider's administrators write contracts: drafts, parts, differences, into force."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.contracts.queries import get_terms
from app.contracts.terms import Target
from tests.factories import Person, Stage, World, acting
from tests.factories.contracts import make_contract
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import now
from tests.provider.test_at_once import at_once

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def browser(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


@pytest.fixture
def base(world: World) -> str:
    return f"/provider/companies/{world.a.slug}/contract"


def fields_of(page: str) -> dict[str, Any]:
    """What a browser would send back of this page's last form."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or "checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name, inside in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    areas = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return found | dict(areas)


def save(browser: FlaskClient, base: str, part: str, **changes: Any) -> Any:
    page = browser.get(f"{base}/{part}").text
    return browser.post(f"{base}/{part}", data=fields_of(page) | changes)


def into_force(browser: FlaskClient, base: str, day: date, note: str = "") -> Any:
    values = fields_of(browser.get(base).text)
    values |= {"valid_from": day.isoformat(), "note": note}
    return browser.post(f"{base}/activate", data=values)


def terms(stage: Stage, world: World) -> Any:
    with acting(stage, world.a.user.scope()):
        return get_terms(now())


def test_a_first_version_from_nothing_into_force(
    stage: Stage, world: World, browser: FlaskClient, base: str
) -> None:
    assert "The usual terms" in browser.get(base).text
    assert browser.post(f"{base}/draft").status_code == 303
    for part in ("items", "targets", "hours", "rules"):
        assert save(browser, base, part).status_code == 303, part
    assert "Nothing yet." in browser.get(base).text

    saved = save(browser, base, "items", scope_payment_control="quota", quota_payment_control="4",
                 scope_hr_question="offer")  # fmt: skip
    assert saved.status_code == 303, saved.text
    save(browser, base, "targets", first_line_finance_urgent="30 min",
         result_line_finance_urgent="2:30", first_payment_control_high="1 h")  # fmt: skip
    save(browser, base, "hours", day_5="9-12", region="67", half_days="2026-12-24 9-12",
         provider_closures="2026-12-28\n2026-12-29")  # fmt: skip
    save(browser, base, "rules", limit_finance="1 000,00", cap="20", rate_urgent="2,5",
         base_finance="500", reminder_days="2, 4", approval_days="7", urgent_per_month="3",
         third_party_pauses="1")  # fmt: skip
    page = browser.get(base).text
    for words in ("Quota a month: 4", "Needs an offer", "30 min / 2:30", "09:00-12:00",
                  "2026-12-28, 2026-12-29", "€1,000.00", "2.5 %", "2, 4"):  # fmt: skip
        assert words in page, words
    assert terms(stage, world).number is None

    answer = into_force(browser, base, now().date(), "as agreed")
    assert answer.status_code == 303, answer.text
    found = terms(stage, world)
    assert found.number == 1
    assert (found.quota("payment_control"), found.in_scope("hr_question")) == (4, False)
    assert found.target("finance", "finance_question", "urgent") == Target(30, 150)
    assert found.target("finance", "payment_control", "high") == Target(60, None)
    assert found.target("hr", "hr_question", "urgent") == Target(240, 240)
    assert found.approval_limit("finance") == 100_000
    assert (found.credit_rules.cap, found.credit_rules.rates["urgent"]) == (2000, 250)
    assert found.credit_base("finance") == 50_000
    assert (found.reminder_days, found.approval_days, found.urgent_per_month) == ((2, 4), 7, 3)
    assert found.pauses_for_third_party
    assert found.calendar.periods(date(2026, 12, 24)) == ((540, 720),)
    assert not found.calendar.is_business_day(date(2026, 12, 26))
    assert "Draft of" not in browser.get(base).text
    audited = stage.value(
        "SELECT count(*) FROM audit_events WHERE tenant_id = :t"
        " AND name = 'contracts.version.put_into_force'", t=world.a.id,
    )  # fmt: skip
    assert audited == 1


def test_a_later_version_waits_for_its_day(
    stage: Stage, world: World, browser: FlaskClient, base: str
) -> None:
    make_contract(stage, world.a)
    browser.post(f"{base}/draft")
    save(browser, base, "rules", approval_days="3")
    later = now().date() + timedelta(days=40)
    into_force(browser, base, later)
    assert terms(stage, world).number == 1
    assert "To come" in browser.get(base).text
    with acting(stage, world.a.user.scope()):
        assert get_terms(now() + timedelta(days=42)).approval_days == 3
    waiting = stage.rows(
        "SELECT * FROM jobs WHERE tenant_id = :t AND run_at > now() + interval '35 days'",
        t=world.a.id,
    )
    # open requests, and what follows the company's calendar
    assert {row.name for row in waiting} == {"contracts.recompute", "schedule.turn"}
    [told] = [row for row in waiting if row.for_client]
    assert (told.title, told.title_params["number"]) == (
        "Applying version %(number)s of the contract", 2,
    )  # fmt: skip


def test_open_requests_get_their_times_anew(
    stage: Stage, world: World, browser: FlaskClient, base: str
) -> None:
    made = make_request(stage, world.a)
    before = stage.value("SELECT due_at FROM requests WHERE id = :i", i=made.id)
    browser.post(f"{base}/draft")
    save(
        browser, base, "targets", first_line_finance_normal="1 h", result_line_finance_normal="2 h"
    )
    into_force(browser, base, now().date())
    run_jobs(stage, world.a.id)
    after = stage.value("SELECT due_at FROM requests WHERE id = :i", i=made.id)
    assert after < before


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("items", {"scope_hr_question": "quota", "quota_hr_question": ""}, "How many a month?"),
    ("items", {"scope_hr_question": "free"}, "list"),
    ("targets", {"first_line_hr_low": "soon"}, "Write hours or minutes"),
    ("targets", {"first_line_hr_low": "0"}, "Write hours or minutes"),
    ("hours", {"day_0": "12-9"}, "each must end after it begins"),
    ("hours", {f"day_{n}": "" for n in range(7)}, "at least one day"),
    ("hours", {"region": "99"}, "no such department or Land"),
    ("hours", {"region": "BY"}, "no such department or Land"),
    ("hours", {"half_days": "Christmas"}, "Write one day and its hours"),
    ("hours", {"client_closures": "14 July"}, "Write one day on each line"),
    ("rules", {"reminder_days": "5, 1"}, "ascending order"),
    ("rules", {"cap": "101"}, "percentage"),
    ("rules", {"limit_hr": "much"}, "not an amount"),
    ("rules", {"approval_days": "0"}, "1"),
]


@pytest.mark.parametrize(("part", "typed", "words"), WRONG, ids=str)
def test_what_makes_no_sense_is_refused_and_kept(
    stage: Stage, world: World, browser: FlaskClient, base: str, part: str,
    typed: dict[str, str], words: str,
) -> None:  # fmt: skip
    browser.post(f"{base}/draft")
    answer = save(browser, base, part, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Nothing yet." in browser.get(base).text


def test_two_who_write_one_draft(world: World, browser: FlaskClient, base: str) -> None:
    browser.post(f"{base}/draft")
    stale = fields_of(browser.get(f"{base}/rules").text)
    assert save(browser, base, "rules", approval_days="3").status_code == 303
    answer = browser.post(f"{base}/rules", data=stale | {"approval_days": "4"})
    assert answer.status_code == 409
    assert "Somebody else changed this draft" in answer.text
    assert 'value="4"' in answer.text


def test_nothing_new_earlier_months_and_no_draft_are_refused(
    stage: Stage, world: World, browser: FlaskClient, base: str
) -> None:
    make_contract(stage, world.a)
    browser.post(f"{base}/draft")
    assert into_force(browser, base, now().date()).status_code == 409
    save(browser, base, "rules", approval_days="3")
    refused = into_force(browser, base, now().date() - timedelta(days=40))
    assert refused.status_code == 422
    assert "Earlier months stay as they were agreed." in refused.text
    revision = fields_of(browser.get(base).text)["revision"]
    assert browser.post(f"{base}/draft/drop", data={"revision": revision}).status_code == 303
    assert browser.get(f"{base}/rules").status_code == 200
    assert browser.get(f"{base}/no_such_part").status_code == 404
    assert terms(stage, world).number == 1


def test_others_than_the_providers_administrators_have_no_way_in(
    world: World, base: str, sign_in_as: SignIn
) -> None:
    for person in (world.supervisor, world.operator_a, world.a.admin):
        assert sign_in_as(person).get(base).status_code in (403, 404)
        assert sign_in_as(person).post(f"{base}/draft").status_code in (403, 404)


def test_saving_a_part_begins_the_draft(world: World, browser: FlaskClient, base: str) -> None:
    stale = fields_of(browser.get(f"{base}/rules").text)
    assert save(browser, base, "rules", approval_days="3").status_code == 303
    assert "Draft of the first version" in browser.get(base).text
    assert browser.post(f"{base}/rules", data=stale | {"approval_days": "4"}).status_code == 409


def test_two_who_begin_a_draft_at_once(
    stage: Stage, world: World, sign_in_as: SignIn, base: str
) -> None:
    browsers = [sign_in_as(world.provider_admin) for _ in range(3)]
    values = fields_of(browsers[0].get(f"{base}/rules").text)
    answers = at_once([partial(one.post, f"{base}/rules", data=values) for one in browsers])
    assert sorted(one.status_code for one in answers) == [303, 409, 409]
    assert "Somebody else changed this draft" in next(
        one.text for one in answers if one.status_code == 409
    )


def test_two_who_click_on_begin_at_once(
    stage: Stage, world: World, sign_in_as: SignIn, base: str
) -> None:
    browsers = [sign_in_as(world.provider_admin) for _ in range(3)]
    answers = at_once([partial(one.post, f"{base}/draft") for one in browsers])
    found = [one.status_code for one in answers]
    assert set(found) <= {303, 409}, found


def test_two_who_put_a_contract_into_force_at_once(
    stage: Stage, world: World, sign_in_as: SignIn, base: str
) -> None:
    browsers = [sign_in_as(world.provider_admin) for _ in range(3)]
    browsers[0].post(f"{base}/draft")
    save(browsers[0], base, "rules", approval_days="3")
    values = fields_of(browsers[0].get(base).text) | {"valid_from": now().date().isoformat()}
    answers = at_once([partial(one.post, f"{base}/activate", data=values) for one in browsers])
    found = sorted(one.status_code for one in answers)
    assert found[0] == 303
    assert set(found[1:]) <= {404, 409}
    count = "SELECT count(*) FROM contract_versions WHERE tenant_id = :t"
    assert stage.value(count, t=world.a.id) == 1
