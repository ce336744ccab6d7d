"""The screens of recurring work, as operators and clients use them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.service_requests.recurring.words import KINDS
from tests.factories.people import now
from tests.factories.recurring import make_recurring, run_day

BASE = {
    "title": "Reminders", "f_details": "as every month", "about": "-1", "lead_days": "2",
    "starts_on": "2026-01-01", "ends_on": "", "assignee": "", "questions": "Anything new?\n\n",
    "documents": "Bank statement", "shift": "before", "offset": "0",
}  # fmt: skip
RULES = {
    "week_day": {"nth": "2"},
    "month_day": {"nth": "15", "unit": "quarter", "month": "2"},
    "business_day": {"nth": "-1", "unit": "month", "month": ""},
    "deadline": {"code": "fr.dsn_15", "day": "", "offset": "-3", "about": ""},
    "rrule": {"text": "FREQ=MONTHLY;BYDAY=1MO"},
}


def form(company, kind, **changes):
    return {**BASE, **RULES[kind], "client": company.slug, **changes}


def begin(browser, company, kind="month_day", item="finance_question", **changes):
    url = company.url(f"recurring/new?item={item}&kind={kind}")
    return browser.post(url, data=form(company, kind, **changes))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_rule_is_written_shown_and_changed(world, stage, sign_in_as, kind):
    browser, company = sign_in_as(world.operator_a), world.a
    page = browser.get(company.url(f"recurring/new?item=finance_question&kind={kind}"))
    assert page.status_code == 200
    begun = begin(browser, company, kind)
    assert begun.status_code == 303, begun.text
    shown = browser.get(begun.headers["Location"])
    assert "It comes by itself from now on." in shown.text
    url = company.url("recurring/1")
    edit = browser.get(f"{url}/edit")
    assert 'value="Reminders"' in edit.text
    assert "Anything new?" in edit.text
    changed = browser.post(f"{url}/edit", data=form(company, kind, title="Changed", revision="1"))
    assert changed.status_code == 303, changed.text
    row = stage.rows("SELECT * FROM recurrences WHERE tenant_id = :t", t=company.id)[0]
    assert (row.title, row.revision, row.questions, row.documents) == (
        "Changed", 2, ["Anything new?"], ["Bank statement"],
    )  # fmt: skip
    assert row.about == -1
    late = browser.post(f"{url}/edit", data=form(company, kind, title="Late", revision="1"))
    assert late.status_code == 409
    assert "Somebody else changed this recurring work" in late.text
    assert "Late" in late.text, "what was typed is kept"


def test_the_days_are_shown_before_anything_is_saved(world, stage, sign_in_as):
    browser = sign_in_as(world.operator_a)
    page = begin(browser, world.a, "business_day", show="1")
    assert page.status_code == 200
    assert page.text.count("<li><strong>") == 12
    assert stage.value("SELECT count(*) FROM recurrences WHERE tenant_id = :t", t=world.a.id) == 0


@pytest.mark.parametrize(("kind", "change", "sentence"), [
    ("rrule", {"text": "FREQ=DAILY;UNTIL=20300101"}, "Leave COUNT and UNTIL out"),
    ("rrule", {"text": "every day"}, "Write the rule like"),
    ("month_day", {"nth": "31", "month": "5"}, "There is no such day"),
    ("month_day", {"title": ""}, "Missing"),
    ("deadline", {"code": "de.gewst_x"}, "Choose a deadline"),
    ("week_day", {"ends_on": "2026-01-02"}, "no day comes"),
    ("week_day", {"f_details": ""}, "Details"),
])  # fmt: skip
def test_a_refusal_stands_at_its_field(world, sign_in_as, kind, change, sentence):
    page = begin(sign_in_as(world.operator_a), world.a, kind, **change)
    assert page.status_code == 422
    assert sentence in page.text or "field-error" in page.text


def test_without_an_item_it_is_asked_for(world, sign_in_as):
    browser = sign_in_as(world.operator_a)
    for args in ("", "?item=finance_question", "?item=nothing&kind=month_day"):
        answer = browser.post(world.a.url(f"recurring/new{args}"), data={"client": world.a.slug})
        assert answer.status_code == 422
        assert "field-error" in answer.text


def test_it_is_paused_left_out_raised_and_ended(world, stage, sign_in_as):
    made = make_recurring(stage, world.a, world.operator_a, rule={"kind": "week_day", "nth": 3})
    browser, client = sign_in_as(world.operator_a), {"client": world.a.slug}
    periods = [
        one.split('"')[0] for one in browser.get(made.url).text.split('name="period" value="')[1:]
    ]
    assert browser.post(f"{made.url}/skip", data=client | {"period": "2026-99"}).status_code == 404
    for verb, data in (
        ("skip", {"period": periods[0]}), ("raise", {"period": periods[2]}),
        ("pause", {"first": "2026-12-01", "last": "2027-12-31"}), ("go-on", {}), ("end", {}),
    ):  # fmt: skip
        answer = browser.post(f"{made.url}/{verb}", data=client | data)
        assert answer.status_code == 303, (verb, answer.text)
        assert browser.get(answer.headers["Location"]).status_code == 200
    again = browser.post(f"{made.url}/raise", data=client | {"period": periods[2]})
    assert again.status_code == 409
    assert "This recurring work has ended" in again.text
    wrong = browser.post(f"{made.url}/pause", data=client | {"first": "", "last": ""})
    assert wrong.status_code in (409, 422)
    other = browser.post(f"{made.url}/end", data={"client": world.b.slug})
    assert other.status_code == 409


def test_the_past_is_previewed_and_chosen(world, stage, sign_in_as):
    made = make_recurring(stage, world.a, world.operator_a)
    browser = sign_in_as(world.operator_a)
    last = (now() - timedelta(days=40)).date()
    span = {"first": (last - timedelta(days=200)).isoformat(), "last": last.isoformat()}
    page = browser.get(f"{made.url}/backfill", query_string=span)
    assert page.status_code == 200
    periods = [one.split('"')[0] for one in page.text.split('name="period" value="')[1:]]
    assert len(periods) >= 5
    data = {**span, "client": world.a.slug, "period": periods[:2]}
    assert browser.post(f"{made.url}/backfill", data=data).status_code == 303
    assert browser.post(f"{made.url}/backfill", data=data).status_code == 409
    assert (
        browser.post(f"{made.url}/backfill", data=span | {"client": world.a.slug}).status_code
        == 422
    )
    assert browser.get(f"{made.url}/backfill?first=x&last=").status_code == 422
    found = stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id)
    assert found == 2


def test_the_client_reads_and_nothing_more(world, stage, sign_in_as):
    at = datetime(2026, 6, 1, 5, tzinfo=UTC)
    made = make_recurring(stage, world.a, world.operator_a, at=at, questions=["Anything new?"])
    run_day(stage, made, at + timedelta(days=14))
    browser = sign_in_as(world.a.user)
    listed = browser.get(world.a.url("recurring"))
    assert "What comes regularly" in listed.text
    assert "/recurring/new" not in listed.text
    page = browser.get(made.url)
    assert page.status_code == 200
    assert (
        f"/requests/{stage.value('SELECT number FROM requests WHERE tenant_id = :t', t=world.a.id)}"
        in page.text
    )
    assert "<form" not in page.text.split("<main")[1].split("</main>")[0]
    for path in ("new", "1/edit", "1/backfill"):
        assert browser.get(world.a.url(f"recurring/{path}")).status_code == 403
    assert browser.post(f"{made.url}/end", data={"client": world.a.slug}).status_code == 403
    other = sign_in_as(world.a.people["finance_only"])
    assert other.get(made.url).status_code == 200
    hr = make_recurring(stage, world.a, world.operator_a, item="hr_question", title="Payroll")
    assert other.get(hr.url).status_code == 404
    assert "Payroll" not in other.get(world.a.url("recurring")).text


def test_what_stands_still_is_said_and_can_be_raised(world, stage, sign_in_as):
    at = datetime(2026, 6, 1, 5, tzinfo=UTC)
    first = make_recurring(stage, world.a, world.operator_a, at=at)
    second = make_recurring(stage, world.a, world.operator_a, at=at)
    for one in (first, second):
        run_day(stage, one, at + timedelta(days=14))
    browser = sign_in_as(world.operator_a)
    assert "1 needs you" in browser.get(world.a.url("recurring")).text
    page = browser.get(second.url)
    assert "There is a request for the same work and period already." in page.text
    refused = browser.post(
        f"{second.url}/raise", data={"client": world.a.slug, "period": "2026-06"}
    )
    assert refused.status_code == 409
    assert "There is a request for the same work" in refused.text


def test_a_company_has_so_many_at_a_time(world, stage, sign_in_as, monkeypatch):
    few = replace(stage.app.config["SETTINGS"], recurring_most=1)
    monkeypatch.setitem(stage.app.config, "SETTINGS", few)
    browser = sign_in_as(world.operator_a)
    first = begin(browser, world.a, "month_day")
    assert first.status_code == 303
    refused = begin(browser, world.a, "week_day")
    assert refused.status_code == 409
    assert "has 1 recurring works, which is all there may be" in refused.text
    made = first.headers["Location"].partition("?")[0]
    assert browser.post(f"{made}/end", data={"client": world.a.slug}).status_code == 303
    assert begin(browser, world.a, "week_day").status_code == 303
