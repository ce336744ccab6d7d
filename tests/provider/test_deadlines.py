"""The provider's administrators say what the law wants, and recurring work follows."""

import pytest

from tests.factories.people import now
from tests.factories.recurring import make_recurring

FORM = {
    "title_en": "Local levy", "title_fr": "Taxe locale", "title_de": "", "country": "FR",
    "line": "finance", "legal": "By-law 12", "every": "quarter", "month": "2", "day": "20",
    "business_day": "", "business_days_later": "0", "shift": "after", "about": "-1", "own_from": "",
    "own_to": "", "valid_from": "", "valid_until": "", "note": "Asked the town", "revision": "0",
}  # fmt: skip


def offered(browser, company):
    return browser.get(company.url("recurring/new?item=finance_question&kind=deadline")).text


def test_all_that_ship_are_listed_with_their_next_days(world, sign_in_as):
    browser = sign_in_as(world.provider_admin)
    page = browser.get("/provider/deadlines")
    assert page.status_code == 200
    assert "Gewerbesteuer" not in page.text
    assert "Trade tax, advance payment" in page.text
    one = browser.get("/provider/deadlines/de.gewst")
    assert "§ 19 GewStG" in one.text
    assert one.text.count("about ") >= 12
    assert browser.get("/provider/deadlines/de.nothing").status_code == 404


def test_one_of_their_own_is_offered_to_operators_of_its_country(world, stage, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    made = admin.post("/provider/new-deadline", data=FORM)
    assert made.status_code == 303, made.text
    assert admin.get(made.headers["Location"]).status_code == 200
    browser = sign_in_as(world.operator_a)
    assert "Local levy" in offered(browser, world.a)
    again = admin.post("/provider/new-deadline", data=FORM)
    assert again.headers["Location"] != made.headers["Location"]
    row = make_recurring(
        stage, world.a, world.operator_a, rule={"kind": "deadline", "code": "own.local_levy"}
    )
    gone = admin.post(
        "/provider/deadlines/own.local_levy/withdraw", data={"note": "x", "revision": "1"}
    )
    assert gone.status_code == 303
    assert offered(browser, world.a).count("Local levy") == 1, "the other one"
    kept = browser.get(f"{row.url}/edit").text
    assert 'value="own.local_levy" selected' in kept


def test_another_day_than_what_ships_counts_until_it_is_taken_back(world, stage, sign_in_as):
    admin, url = sign_in_as(world.provider_admin), "/provider/deadlines/fr.cfe"
    form = FORM | {"every": "year", "month": "12", "day": "18", "title_en": "CFE"}
    assert admin.post(url, data=form).status_code == 303
    assert admin.post(url, data=form).status_code == 409, "made from what was there before"
    assert "Changed by you" in admin.get("/provider/deadlines").text
    assert "Go back to what ships" in admin.get(url).text
    back = admin.post(f"{url}/shipped", data={"note": "it was wrong", "revision": "1"})
    assert back.status_code == 303
    assert "Changed by you" not in admin.get("/provider/deadlines").text
    assert "it was wrong" in admin.get(url).text
    assert admin.post(f"{url}/else", data={"note": "x", "revision": "2"}).status_code == 404


@pytest.mark.parametrize("change", [
    {"day": ""}, {"business_day": "2"}, {"month": "5"}, {"title_en": ""}, {"note": ""},
    {"country": "XX"}, {"valid_until": f"{now().year - 2}-01-01"},
])  # fmt: skip
def test_what_says_no_day_is_refused_at_its_field(world, sign_in_as, change):
    answer = sign_in_as(world.provider_admin).post("/provider/new-deadline", data=FORM | change)
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_nobody_else_comes_in(world, sign_in_as):
    for person in (world.operator_a, world.supervisor, world.a.admin):
        browser = sign_in_as(person)
        assert browser.get("/provider/deadlines").status_code in (403, 404)
        assert browser.post("/provider/new-deadline", data=FORM).status_code in (403, 404)
