import re
import time

import pyotp
import pytest

from app.auth.services import verify_second_factor
from tenants.core.crypto import token_hash
from tenants.core.errors import Invalid
from tests.factories import PASSWORD, acting, make_member, make_session
from tests.factories.people import now


def found(pattern, page):
    match = re.search(pattern, page)
    assert match, pattern
    return match[1]


def by_password(client, person):
    browser = client()
    browser.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    return browser


def send_code(browser, code):
    return browser.post("/sign-in/code", data={"code": code})


def test_a_code_is_good_once(world, client):
    admin = world.a.admin
    code = admin.code()
    assert send_code(by_password(client, admin), code).status_code == 303
    answer = send_code(by_password(client, admin), code)
    assert answer.status_code == 422
    assert "used already" in answer.text
    # The next step's code is fine, and the step before is then over too.
    assert send_code(by_password(client, admin), admin.code(at=time.time() + 30)).status_code == 303
    assert send_code(by_password(client, admin), admin.code()).status_code == 422


def test_a_code_of_another_time_or_person_is_refused(world, client):
    admin = world.a.admin
    for code in (
        admin.code(at=time.time() - 120),
        admin.code(at=time.time() + 120),
        world.b.admin.code(),
        "abcdef",
        "12345",
    ):
        assert send_code(by_password(client, admin), code).status_code == 422


def test_the_token_changes_with_the_second_factor(world, client):
    browser = by_password(client, world.a.admin)
    before = browser.get_cookie("coulisse").value
    send_code(browser, world.a.admin.code())
    assert browser.get_cookie("coulisse").value != before
    old = client()
    old.set_cookie("coulisse", before, domain="localhost")
    assert old.get("/account").location.startswith("/sign-in?")


def enrol(browser, *, wrong_first=False):
    page = browser.get("/sign-in/enrol").text
    assert 'src="data:image/svg+xml;base64,' in page
    if wrong_first:
        sealed = found(r'name="sealed" value="([^"]+)"', page)
        secret = found(r"<code>([A-Z2-7]{32})</code>", page)
        page = browser.post("/sign-in/enrol", data={"sealed": sealed, "code": "000000"})
        assert page.status_code == 422
        page = page.text
        assert secret in page
    sealed = found(r'name="sealed" value="([^"]+)"', page)
    secret = found(r"<code>([A-Z2-7]{32})</code>", page)
    answer = browser.post(
        "/sign-in/enrol", data={"sealed": sealed, "code": pyotp.TOTP(secret).now()}
    )
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"<li><code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code></li>", answer.text)
    assert len(set(codes)) == 10
    return secret, codes


def test_a_role_that_needs_it_enrols_before_anything_else(stage, world, client):
    person = make_member(stage, world.a, key="new", role="client_admin", second_factor=False)
    browser = client()
    answer = browser.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.location.startswith("/sign-in/enrol")
    assert browser.get("/account").location.startswith("/sign-in/enrol")
    secret, codes = enrol(browser, wrong_first=True)
    assert browser.get("/account").status_code == 200
    # Nothing of it lies readable in the database.
    stored = stage.value(
        "SELECT u::text || (SELECT string_agg(r::text, '') FROM recovery_codes r"
        " WHERE r.user_id = u.id) FROM users u WHERE id = :id",
        id=person.id,
    )
    assert secret not in stored
    assert not any(code in stored for code in codes)
    # The page shows them this once.
    assert codes[0] not in browser.get("/sign-in/enrol").text


def test_a_recovery_code_is_good_once(stage, world, client):
    person = make_member(stage, world.a, key="new", role="client_admin", second_factor=False)
    _secret, codes = enrol(by_password(client, person))
    assert send_code(by_password(client, person), f" {codes[3].upper()} ").status_code == 303
    assert send_code(by_password(client, person), codes[3]).status_code == 422
    assert send_code(by_password(client, person), codes[4]).status_code == 303


def test_a_password_alone_does_not_replace_the_factor(stage, world, client, sign_in_as):
    admin = world.a.admin
    browser = by_password(client, admin)
    assert browser.get("/sign-in/enrol").location.startswith("/sign-in/code")
    # A secret that was sealed for somebody else doesn't help either.
    other = make_member(stage, world.a, key="new", role="client_admin", second_factor=False)
    page = by_password(client, other).get("/sign-in/enrol").text
    sealed = found(r'name="sealed" value="([^"]+)"', page)
    secret = found(r"<code>([A-Z2-7]{32})</code>", page)
    data = {"sealed": sealed, "code": pyotp.TOTP(secret).now()}
    assert browser.post("/sign-in/enrol", data=data).status_code == 403
    fresh = sign_in_as(admin)
    assert fresh.post("/sign-in/enrol", data=data).status_code == 422
    # Freshly confirmed, the person may; a confirmation of an hour ago isn't enough.
    enrol(fresh)
    stage.run(
        "UPDATE sign_in_sessions SET second_factor_at = now() - interval '1 hour'"
        " WHERE user_id = :id",
        id=admin.id,
    )
    assert fresh.get("/sign-in/enrol").location.startswith("/sign-in/code")


def test_who_set_one_up_by_choice_is_asked_for_it(world, client, sign_in_as):
    user = world.a.user
    enrol(sign_in_as(user))
    browser = by_password(client, user)
    assert browser.get("/account").location.startswith("/sign-in/code")


def test_step_up_in_the_scope_of_a_client(stage, world):
    approver, company = world.a.approver, world.a
    token = make_session(stage, approver, second_factor=False)
    with acting(stage, approver.scope(company)):
        verify_second_factor(user_id=approver.id, code=approver.code(), now=now())
    # It confirmed one act, not the session; and it is used up in every scope.
    assert stage.value(
        "SELECT second_factor_at IS NULL FROM sign_in_sessions WHERE token_hash = :hash",
        hash=token_hash(token),
    )
    with pytest.raises(Invalid) as refused, acting(stage, approver.scope()):
        verify_second_factor(user_id=approver.id, code=approver.code(), now=now())
    assert "code" in refused.value.field_errors
