"""One's own account: devices, events, recovery codes, the second factor, who hears of a change."""

import re
from uuid import uuid4

import pyotp
import pytest

from app.auth.devices import device_of
from app.auth.second_factor import new_recovery_codes, recovery_hash, recovery_hashes
from tenants import keys
from tenants.core.crypto import KeyRing
from tenants.models import PROVIDER_TENANT
from tests.auth.test_links import mail_to
from tests.auth.test_second_factor import by_password, enrol, found, send_code
from tests.factories import PASSWORD
from tests.factories.jobs import run_jobs

CODES = r"<li><code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code></li>"
NEW = "nine copper otters dance"


def told(stage, person):
    run_jobs(stage, PROVIDER_TENANT, name="notifications.tell")
    return [mail["subject"] for mail in mail_to(stage, person.email)]


@pytest.mark.parametrize(
    ("agent", "program", "system"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0",
         "Edge", "Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1 Version/18.1 Safari/605.1",
         "Safari", "macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
         "Firefox", "Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/142.0 Safari/604.1",
         "Chrome", "iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/142.0 Mobile Safari/537.36",
         "Chrome", "Android"),
        ("", "", ""),
        ("<script>", "", ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_by_what_it_says(agent, program, system):
    device = device_of(agent)
    assert (device.program, device.system) == (program, system)


def test_sessions_and_events_are_ones_own(stage, world, client, sign_in_as):
    user = world.a.user
    browser = client()
    browser.post("/sign-in", data={"email": user.email, "password": "wrong"})
    firefox = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0"}
    browser.post("/sign-in", data={"email": user.email, "password": PASSWORD}, headers=firefox)
    page = browser.get("/account/sessions").text
    assert "Firefox on Linux" in page
    assert "This one" in page
    events = page[page.index("events-title") :]
    assert events.index("Signed in with the password") < events.index("Wrong password at sign-in")
    others = sign_in_as(world.a.admin).get("/account/sessions").text
    assert "Wrong password" not in others
    assert "Signed in with" not in others


def test_refused_attempts_stay_in_the_audit(stage, world, client):
    admin = world.a.admin

    def refusals():
        return [
            tuple(row)
            for row in stage.rows(
                "SELECT name, actor_id, address FROM audit_events WHERE tenant_id = :t"
                " AND object_id = :u AND name LIKE '%refused' ORDER BY at",
                t=PROVIDER_TENANT, u=admin.id,
            )
        ]  # fmt: skip

    def unknown():
        return stage.value(
            "SELECT count(*) FROM audit_events WHERE tenant_id = :t AND object_id IS NULL"
            " AND name = 'account.sign_in.refused'", t=PROVIDER_TENANT,
        )  # fmt: skip

    browser = client()
    assert browser.post("/sign-in", data={"email": admin.email, "password": "x"}).status_code == 422
    assert refusals() == [("account.sign_in.refused", None, "127.0.0.1")]
    assert send_code(by_password(client, admin), "000000").status_code == 422
    assert refusals()[1:] == [("account.second_factor.refused", None, "127.0.0.1")]
    before = unknown()
    browser.post("/sign-in", data={"email": "nobody@nowhere.example", "password": "x"})
    assert unknown() == before + 1


def test_a_changed_password_is_told_by_mail_and_a_weak_one_refused_at_its_field(
    stage, world, sign_in_as
):
    user = world.a.user
    browser = sign_in_as(user)
    weak = browser.post(
        "/account/password", data={"current_password": PASSWORD, "password": "a" * 9}
    )
    assert weak.status_code == 422
    assert 'id="p-password-error"' in weak.text
    assert told(stage, user) == []
    good = browser.post("/account/password", data={"current_password": PASSWORD, "password": NEW})
    assert good.location == "/account/security?done=password"
    assert told(stage, user) == ["Your password was changed"]


def test_recovery_codes_have_eighty_bits_and_a_keyed_hash(monkeypatch):
    codes = new_recovery_codes(500)
    assert len(set(codes)) == 500
    assert all(len(code.replace("-", "")) == 16 for code in codes)
    assert len({sign for code in codes for sign in code} - {"-"}) == 32
    old, new = KeyRing([b"a" * 32]), KeyRing([b"b" * 32, b"a" * 32])
    one, other = uuid4(), uuid4()
    monkeypatch.setattr(keys, "_ring", old)
    stored = recovery_hash(one, "abcd-efgh-ijkm-npqr")
    assert stored == recovery_hash(one, " ABCDEFGH ijkmnpqr ")
    assert stored != recovery_hash(other, "abcd-efgh-ijkm-npqr")
    # After a new master key, codes made under the old one are still good.
    monkeypatch.setattr(keys, "_ring", new)
    assert recovery_hash(one, "abcd-efgh-ijkm-npqr") != stored
    assert stored in recovery_hashes(one, "abcd-efgh-ijkm-npqr")


def test_new_recovery_codes_need_a_code_and_void_the_old(stage, world, client, sign_in_as):
    user = world.a.user
    browser = sign_in_as(user)
    _secret, old = enrol(browser)
    assert "10 left" in browser.get("/account/security").text
    refused = browser.post("/account/recovery-codes", data={"code": "000000"})
    assert refused.status_code == 422
    assert not re.findall(CODES, refused.text)
    answer = browser.post("/account/recovery-codes", data={"code": old[0]})
    assert answer.status_code == 200
    new = re.findall(CODES, answer.text)
    assert len(new) == 10
    assert not set(new) & set(old)
    assert 'download="coulisse-recovery-codes.txt"' in answer.text
    assert new[0] not in browser.get("/account/security").text
    assert send_code(by_password(client, user), old[1]).status_code == 422
    assert send_code(by_password(client, user), new[1].replace("-", "")).status_code == 303
    assert "9 left" in browser.get("/account/security").text
    assert told(stage, user).count("Your second factor was changed") == 2


def test_who_chose_the_factor_freely_may_remove_it(stage, world, client, sign_in_as):
    user = world.a.user
    browser, other = sign_in_as(user), sign_in_as(user)
    _secret, codes = enrol(browser)
    assert "Remove the app" in browser.get("/account/security").text
    assert browser.post("/account/second-factor/remove", data={"code": "1"}).status_code == 422
    assert stage.value(
        "SELECT count(*) FROM audit_events WHERE object_id = :u"
        " AND name = 'account.second_factor.refused'", u=user.id,
    ) == 1  # fmt: skip
    done = browser.post("/account/second-factor/remove", data={"code": codes[0]})
    assert done.status_code == 303
    assert other.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200
    again = client().post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert "/sign-in/code" not in again.location
    assert stage.rows("SELECT FROM recovery_codes WHERE user_id = :u", u=user.id) == []


def test_whose_role_needs_the_factor_only_replaces_it(world, sign_in_as):
    for person in (world.a.admin, world.a.approver, world.operator_a):
        browser = sign_in_as(person)
        page = browser.get("/account/security").text
        assert "Remove the app" not in page
        assert "Replace the app" in page
        refused = browser.post("/account/second-factor/remove", data={"code": person.code()})
        assert refused.status_code == 409


def test_replacing_leads_back_to_where_it_began(stage, world, sign_in_as):
    admin = world.a.admin
    browser = sign_in_as(admin)
    stage.run(
        "UPDATE sign_in_sessions SET second_factor_at = now() - interval '1 hour'"
        " WHERE user_id = :u", u=admin.id,
    )  # fmt: skip
    asked = browser.get("/sign-in/enrol?next=/account/security")
    assert asked.location.startswith("/sign-in/code?next=")
    confirmed = browser.post(asked.location, data={"code": admin.code()})
    assert confirmed.location == "/sign-in/enrol?next=/account/security"
    page = browser.get(confirmed.location).text
    sealed = found(r'name="sealed" value="([^"]+)"', page)
    secret = found(r"<code>([A-Z2-7]{32})</code>", page)
    done = browser.post(
        confirmed.location, data={"sealed": sealed, "code": pyotp.TOTP(secret).now()}
    )
    assert 'href="/account/security"' in done.text


def test_the_language_of_pages_is_the_language_of_mails(stage, world, sign_in_as):
    user = world.a.user
    browser = sign_in_as(user)
    browser.post("/account/language", data={"lang": "de", "next": "/"})
    browser.post("/account/password", data={"current_password": PASSWORD, "password": NEW})
    run_jobs(stage, PROVIDER_TENANT, name="notifications.tell")
    assert 'lang="de"' in mail_to(stage, user.email)[-1]["html"]


def test_attempts_from_many_addresses_are_limited_together(limited_app, world, client):
    """Twenty in ten minutes on one account, wherever they come from; its owner's own browser, where
    it signed in before, isn't locked out by them."""
    user = world.a.user
    own = client(of=limited_app)
    assert own.post("/sign-in", data={"email": user.email, "password": PASSWORD}).status_code == 303

    def guess(address):
        return client(of=limited_app).post(
            "/sign-in", data={"email": user.email, "password": "wrong"},
            environ_overrides={"REMOTE_ADDR": address},
        ).status_code  # fmt: skip

    answers = [guess(f"127.0.1.{number}") for number in range(22)]
    assert answers == [422] * 20 + [429] * 2
    elsewhere = {"email": user.email, "password": PASSWORD}
    stranger = client(of=limited_app)
    assert stranger.post("/sign-in", data=elsewhere).status_code == 429
    assert own.post("/sign-in", data=elsewhere).status_code == 303
    # The mark is of this account alone.
    assert own.post("/sign-in", data=elsewhere | {"email": world.a.admin.email}).status_code == 303


def test_one_address_is_limited_over_all_accounts(limited_app, world, client):
    browser = client(of=limited_app)

    def attempt(email, password="wrong"):
        return browser.post(
            "/sign-in", data={"email": email, "password": password},
            environ_overrides={"REMOTE_ADDR": "127.0.2.77"},
        ).status_code  # fmt: skip

    answers = [attempt(f"nobody-{number}@x.example") for number in range(61)]
    assert answers == [422] * 60 + [429]
