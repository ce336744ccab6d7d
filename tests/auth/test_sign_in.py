import re
import statistics
import time

import pytest

from app.auth import passwords
from tests.factories import PASSWORD, make_member

# The other tests' application makes cheap ones.
AS_COSTLY_AS_IT_IS = {"_hasher": passwords._hasher, "_NOBODY": passwords._NOBODY}
ROLES = ["a.user", "a.approver", "a.admin", "operator_a", "supervisor", "provider_admin"]


def person_of(world, path):
    found = world
    for part in path.split("."):
        found = getattr(found, part)
    return found


def submit(browser, email, password=PASSWORD, **options):
    return browser.post("/sign-in", data={"email": email, "password": password}, **options)


@pytest.mark.parametrize("path", ROLES)
def test_every_role_signs_in_and_reaches_its_home(world, client, path):
    person, browser = person_of(world, path), client()
    answer = submit(browser, person.email)
    if person.totp_secret:
        assert answer.location.startswith("/sign-in/code")
        # The password alone opens nothing.
        assert browser.get("/account").location.startswith("/sign-in/code")
        answer = browser.post("/sign-in/code", data={"code": person.code()})
    assert answer.status_code == 303
    assert answer.location == "/"
    assert browser.get("/", follow_redirects=True).status_code == 200
    assert person.name in browser.get("/account").text


def test_the_way_leads_on_to_the_page_that_was_asked_for(world, client):
    browser = client()
    asked = browser.get("/account?done=x")
    assert asked.status_code == 303
    answer = browser.post(asked.location, data={"email": world.a.admin.email, "password": PASSWORD})
    answer = browser.post(answer.location, data={"code": world.a.admin.code()})
    assert answer.location == "/account?done=x"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
               "/%09/evil.example\t", "evil"]
)  # fmt: skip
def test_nobody_is_sent_to_another_site(world, client, target):
    answer = client().post(
        "/sign-in",
        query_string={"next": target},
        data={"email": world.a.user.email, "password": PASSWORD},
    )
    assert answer.location == "/"


def test_unknown_wrong_and_closed_accounts_answer_alike(stage, world, client):
    closed = make_member(stage, world.a, key="closed")
    stage.run("UPDATE users SET active = false WHERE id = :id", id=closed.id)
    invited = make_member(stage, world.a, key="invited")
    stage.run("UPDATE users SET password_hash = NULL WHERE id = :id", id=invited.id)
    attempts = [
        (world.a.user.email, "wrong"),
        ("nobody@nowhere.example", PASSWORD),
        (closed.email, PASSWORD),
        (invited.email, PASSWORD),
        (invited.email, "nobody has this password"),
    ]
    pages = []
    for email, password in attempts:
        answer = submit(client(), email, password)
        assert answer.status_code == 422
        assert "Set-Cookie" not in answer.headers
        pages.append(re.sub(r'nonce="[^"]+"', "", answer.text.replace(email, "EMAIL")))
    assert len(set(pages)) == 1
    assert "This e-mail address or password is not right." in pages[0]


def test_an_unknown_account_takes_as_long_as_a_wrong_password(stage, world, monkeypatch, client):
    for name, value in AS_COSTLY_AS_IT_IS.items():
        monkeypatch.setattr(passwords, name, value)
    known_hash = passwords.hash_password(PASSWORD)
    stage.run("UPDATE users SET password_hash = :h WHERE id = :i", h=known_hash, i=world.a.user.id)
    asked: list[object] = []
    verify = passwords.verify

    def noted(known, given):
        asked.append(known)
        return verify(known, given)

    monkeypatch.setattr(passwords, "verify", noted)
    times: dict[str, list[float]] = {"nobody@nowhere.example": [], world.a.user.email: []}
    browser = client()
    for _ in range(5):
        for email, taken in times.items():
            begin = time.perf_counter()
            submit(browser, email, "wrong")
            taken.append(time.perf_counter() - begin)
    unknown, wrong = (statistics.median(taken) for taken in times.values())
    assert unknown > wrong * 0.5
    assert len(asked) == 10


def test_a_cookie_on_loopback_has_no_prefix_and_is_still_closed_to_scripts(world, client):
    cookie = submit(client(), world.a.user.email).headers["Set-Cookie"]
    assert cookie.startswith("coulisse=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie


def test_a_cookie_over_https_is_bound_to_its_host(world, client, https_app):
    browser = client(of=https_app)
    cookie = submit(browser, world.a.user.email, base_url="https://back.office.example").headers[
        "Set-Cookie"
    ]
    assert cookie.startswith("__Host-coulisse=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    # A cookie of the plain name means nothing there.
    token = cookie.partition("=")[2].partition(";")[0]
    other = client(of=https_app)
    other.set_cookie("coulisse", token, domain="back.office.example")
    answer = other.get("/account", base_url="https://back.office.example")
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_forms_of_other_sites_are_refused(world, client, headers):
    browser = client(same_origin=False)
    answer = submit(browser, world.a.user.email, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_an_older_browser_is_known_by_its_origin(world, client):
    answer = submit(
        client(same_origin=False), world.a.user.email, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 303


def test_signing_in_again_ends_the_session_before(stage, world, client):
    browser = client()
    submit(browser, world.a.user.email)
    submit(browser, world.a.user.email)
    ended = stage.rows(
        "SELECT ended_at IS NOT NULL FROM sign_in_sessions WHERE user_id = :id ORDER BY created_at",
        id=world.a.user.id,
    )
    assert [row[0] for row in ended] == [True, False]


def test_too_many_attempts_are_slowed_for_this_account_only(limited_app, world, client):
    browser = client(of=limited_app)
    answers = [submit(browser, world.a.user.email, "wrong").status_code for _ in range(11)]
    assert answers[:10] == [422] * 10
    assert answers[10] == 429
    assert submit(browser, world.b.user.email).status_code == 303


def test_the_language_of_public_pages_is_a_cookie(client):
    browser = client()
    answer = browser.post("/language", data={"lang": "de", "next": "/sign-in"})
    assert answer.location == "/sign-in"
    assert 'lang="de"' in browser.get("/sign-in").text
    answer = browser.post("/language", data={"lang": "xx", "next": "//evil.example"})
    assert answer.location == "/"
