import pytest

from app.auth.queries import REF_LENGTH
from tenants.core.crypto import token_hash
from tests.factories import PASSWORD, make_session


def signed_out(browser):
    answer = browser.get("/account")
    return answer.status_code == 303 and answer.location.startswith("/sign-in?")


def age(stage, person, column, interval):
    stage.run(
        f"UPDATE sign_in_sessions SET {column} = now() - CAST(:age AS interval)"
        " WHERE user_id = :id",
        age=interval,
        id=person.id,
    )


def test_an_idle_session_ends(stage, world, sign_in_as):
    browser = sign_in_as(world.a.user)
    age(stage, world.a.user, "last_seen_at", "11 hours 55 minutes")
    assert not signed_out(browser)
    # It was seen just now, so it starts again.
    age(stage, world.a.user, "last_seen_at", "12 hours 1 minute")
    assert signed_out(browser)


def test_a_session_in_use_ends_after_its_absolute_limit(stage, world, sign_in_as):
    browser = sign_in_as(world.a.user)
    age(stage, world.a.user, "created_at", "13 days 23 hours")
    assert not signed_out(browser)
    age(stage, world.a.user, "created_at", "14 days 1 minute")
    assert signed_out(browser)


def test_a_new_token_does_not_prolong_the_absolute_limit(stage, world, sign_in_as):
    browser = sign_in_as(world.a.admin)
    age(stage, world.a.admin, "created_at", "13 days")
    assert browser.post("/sign-in/code", data={"code": world.a.admin.code()}).status_code == 303
    assert stage.value(
        "SELECT created_at < now() - interval '12 days' FROM sign_in_sessions"
        " WHERE user_id = :id AND ended_at IS NULL",
        id=world.a.admin.id,
    )


def test_signing_out_ends_the_session_itself(world, client, sign_in_as):
    browser = sign_in_as(world.a.user)
    token = browser.get_cookie("coulisse").value
    answer = browser.post("/sign-out")
    assert answer.location == "/sign-in"
    assert browser.get_cookie("coulisse") is None
    thief = client()
    thief.set_cookie("coulisse", token, domain="localhost")
    assert signed_out(thief)


def test_signing_out_by_a_link_does_nothing(world, sign_in_as):
    browser = sign_in_as(world.a.user)
    assert browser.get("/sign-out").status_code == 405
    assert not signed_out(browser)


def test_one_session_or_all_others_can_be_ended(stage, world, client, sign_in_as):
    user = world.a.user
    here, there, elsewhere = (sign_in_as(user) for _ in range(3))
    ref = token_hash(there.get_cookie("coulisse").value)[:REF_LENGTH]
    assert ref in here.get("/account/sessions").text
    assert here.post(f"/account/sessions/{ref}/end").status_code == 303
    assert signed_out(there)
    assert not signed_out(elsewhere)
    assert here.post("/account/sessions/others/end").status_code == 303
    assert signed_out(elsewhere)
    assert not signed_out(here)


@pytest.mark.parametrize("ref", ["%", "_" * REF_LENGTH, "0" * REF_LENGTH, "x"])
def test_nobody_ends_a_session_that_is_not_theirs(stage, world, sign_in_as, ref):
    stranger = sign_in_as(world.b.user)
    mine = sign_in_as(world.a.user)
    theirs = token_hash(stranger.get_cookie("coulisse").value)[:REF_LENGTH]
    for one in (ref, theirs):
        assert mine.post(f"/account/sessions/{one}/end").status_code == 404
    assert not signed_out(stranger)


def test_changing_the_password_needs_the_old_one_and_ends_the_other_sessions(world, sign_in_as):
    here, there = sign_in_as(world.a.user), sign_in_as(world.a.user)
    token = here.get_cookie("coulisse").value
    new = "nine copper otters dance"
    refused = here.post("/account/password", data={"current_password": "no", "password": new})
    assert refused.status_code == 422
    weak = {"current_password": PASSWORD, "password": "password"}
    assert here.post("/account/password", data=weak).status_code == 422
    done = here.post("/account/password", data={"current_password": PASSWORD, "password": new})
    assert done.status_code == 303
    assert here.get_cookie("coulisse").value != token
    assert not signed_out(here)
    assert signed_out(there)


def test_own_settings_are_kept_and_show_at_once(stage, world, sign_in_as):
    browser = sign_in_as(world.a.user)
    data = {"language": "fr", "time_zone": "Europe/Berlin"}
    assert browser.post("/account", data=data).status_code == 303
    page = browser.get("/account").text
    assert 'lang="fr"' in page
    assert 'data-keys="off"' in page
    row = stage.rows(
        "SELECT language, time_zone, single_keys FROM users WHERE id = :id", id=world.a.user.id
    )[0]
    assert tuple(row) == ("fr", "Europe/Berlin", False)
    for wrong in ({"language": "xx"}, {"language": "fr", "time_zone": "Mars/Olympus"}):
        assert browser.post("/account", data=wrong).status_code == 422
    browser.post("/account/language", data={"lang": "de", "next": "/account"})
    assert 'lang="de"' in browser.get("/account").text


def test_a_page_of_ones_own_costs_few_statements(world, sign_in_as, count_statements):
    browser = sign_in_as(world.a.user)
    with count_statements() as found:
        browser.get("/")
    assert len(found) == 2, found.texts


def test_a_closed_account_is_out_at_once(stage, world, sign_in_as):
    browser = sign_in_as(world.a.user)
    stage.run("UPDATE users SET active = false WHERE id = :id", id=world.a.user.id)
    assert signed_out(browser)


def test_a_junk_cookie_is_nobody(client):
    browser = client()
    for value in ("x", "", "é" * 10, "a" * 3000):
        browser.set_cookie("coulisse", value, domain="localhost")
        browser.set_cookie("remember_token", value, domain="localhost")
        assert signed_out(browser)


def test_a_token_hash_is_not_a_token(stage, world, client):
    token = make_session(stage, world.a.user)
    browser = client()
    browser.set_cookie("coulisse", token_hash(token), domain="localhost")
    assert signed_out(browser)
