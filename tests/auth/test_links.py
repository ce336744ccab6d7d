import json
import re

import pytest

from app.auth import mails
from tenants import keys
from tenants.core.errors import Conflict
from tenants.services.invitations import Mail, invite
from tenants.services.members import add_member
from tests.factories import PASSWORD, acting
from tests.factories.people import LINES, now

NEW = "nine copper otters dance"


def mail_to(stage, email):
    """The mails promised to this address, opened as the delivering worker would."""
    rows = stage.rows("SELECT tenant_id, id, params FROM outbox ORDER BY created_at, id")
    opened = [
        json.loads(
            keys.ring().open(row.params["sealed"], f"{row.tenant_id}|outbox.params|{row.id}")
        )
        for row in rows
        if "sealed" in row.params
    ]
    return [mail for mail in opened if mail["to"] == email]


def ask(client, email):
    return client().post("/forgot-password", data={"email": email})


def reset_link(stage, client, person):
    ask(client, person.email)
    params = mail_to(stage, person.email)[-1]
    return re.findall(r"http://localhost(/link/\S+)", params["text"])[0]


def choose(browser, link, password=NEW):
    return browser.post(link, data={"password": password})


def test_the_answer_is_the_same_for_anybody(stage, world, client):
    known, unknown = ask(client, world.a.user.email), ask(client, "nobody@nowhere.example")
    assert known.status_code == unknown.status_code == 200
    without_nonce = [re.sub(r'nonce="[^"]+"', "", page.text) for page in (known, unknown)]
    assert without_nonce[0] == without_nonce[1]
    assert len(mail_to(stage, world.a.user.email)) == 1
    assert mail_to(stage, "nobody@nowhere.example") == []


def test_the_mail_speaks_its_readers_language(stage, world, client, monkeypatch):
    stage.run("UPDATE users SET language = 'de' WHERE id = :id", id=world.a.user.id)
    reset_link(stage, client, world.a.user)
    assert '<html lang="de">' in mail_to(stage, world.a.user.email)[0]["html"]


def test_a_link_works_once_and_ends_every_other_session(stage, world, client, sign_in_as):
    user = world.a.user
    elsewhere = sign_in_as(user)
    first, second = reset_link(stage, client, user), reset_link(stage, client, user)
    browser = client()
    # Looking at it uses nothing up.
    assert browser.get(second).status_code == 200
    assert browser.get(second).status_code == 200
    assert choose(browser, second).status_code == 303
    assert browser.get("/account").status_code == 200
    assert elsewhere.get("/account").location.startswith("/sign-in")
    for spent in (second, first):
        assert client().get(spent).status_code == 404
        assert choose(client(), spent, "five green kettles sing").status_code == 404
    signed_in = client().post("/sign-in", data={"email": user.email, "password": NEW})
    assert signed_in.status_code == 303
    refused = client().post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert refused.status_code == 422


def test_a_reset_does_not_replace_the_second_factor(stage, world, client):
    browser = client()
    answer = choose(browser, reset_link(stage, client, world.a.admin))
    assert answer.location.startswith("/sign-in/code")
    assert browser.get("/account").location.startswith("/sign-in/code")


def test_a_link_out_of_date_is_dead(stage, world, client):
    link = reset_link(stage, client, world.a.user)
    stage.run(
        "UPDATE user_tokens SET expires_at = now() - interval '1 second' WHERE user_id = :id",
        id=world.a.user.id,
    )
    assert client().get(link).status_code == 404
    assert choose(client(), link).status_code == 404


def test_a_link_lives_for_an_hour(stage, world, client):
    reset_link(stage, client, world.a.user)
    assert stage.value(
        "SELECT expires_at BETWEEN now() + interval '59 minutes' AND now() + interval '1 hour'"
        " FROM user_tokens WHERE user_id = :id",
        id=world.a.user.id,
    )


def test_dead_and_invented_links_answer_alike(stage, world, client):
    link = reset_link(stage, client, world.a.user)
    choose(client(), link)

    def page(path):
        text = re.sub(r'nonce="[^"]+"', "", client().get(path).text)
        return re.sub(r"<code>[^<]+</code>|/link/[\w-]+", "", text)

    assert page(link) == page("/link/invented")


@pytest.mark.parametrize("password", ["short", "password1", "x" * 129])
def test_a_weak_password_is_refused_and_the_link_stays_good(stage, world, client, password):
    link = reset_link(stage, client, world.a.user)
    assert choose(client(), link, password).status_code == 422
    assert choose(client(), link).status_code == 303


def test_an_invitation_leads_a_new_person_in(app, stage, world, client):
    admin, email = world.a.admin, f"newcomer@{world.a.slug}.example"
    links = []

    def write(to):
        links.append(to.link)
        return Mail("s", to.link, to.link)

    with acting(stage, admin.scope()):
        member = add_member(
            email=email, display_name=world.a.text("Newcomer"), role="client_user", lines=LINES,
            actor=admin.actor(), now=now(),
        )  # fmt: skip
        invite(
            email=email, display_name=member.display_name, language="fr", write=write,
            base_url="http://localhost", actor=admin.actor(), now=now(),
        )  # fmt: skip
    browser = client()
    assert choose(browser, links[0].removeprefix("http://localhost")).status_code == 303
    assert world.a.text("Newcomer") in browser.get("/account").text
    # Somebody who can sign in already is never handed a link to set a password.
    with acting(stage, admin.scope()):
        again = invite(
            email=email, display_name=world.a.text("Newcomer"), language="fr", write=write,
            base_url="http://localhost", actor=admin.actor(), now=now(),
        )  # fmt: skip
    assert again is None
    assert links[1] == "http://localhost/sign-in"


def test_the_invitation_mail_names_the_company(app, stage, world):
    from tenants.services.invitations import Recipient

    with app.test_request_context("/"):
        mail = mails.invitation("Conserverie & Fils")(Recipient("Léa <b>", "en", "http://x/link/1"))
    assert "Conserverie & Fils" in mail.subject
    assert "Léa <b>" in mail.text
    assert "<b>" not in mail.html


def test_nothing_of_a_link_or_a_session_is_kept_readable(stage, world, client):
    link = reset_link(stage, client, world.a.user)
    browser = client()
    choose(browser, link)
    secrets = [link.rpartition("/")[2], browser.get_cookie("coulisse").value, NEW]
    for table in ("user_tokens", "sign_in_sessions", "users", "audit_events", "jobs", "outbox"):
        dump = stage.value(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")
        assert not any(secret in dump for secret in secrets), table


def test_account_acts_are_recorded_without_their_content(stage, world, client):
    user = world.a.user
    choose(client(), reset_link(stage, client, user))
    rows = stage.rows(
        "SELECT name, facts FROM audit_events WHERE actor_id = :id ORDER BY id", id=user.id
    )
    assert [row[0] for row in rows] == ["account.reset.used"]
    assert json.loads(rows[0][1]) == {}


def test_a_member_who_is_here_is_not_added_twice(stage, world):
    with pytest.raises(Conflict), acting(stage, world.a.admin.scope()):
        add_member(
            email=world.a.user.email.upper(), display_name="x", role="client_user", lines=LINES,
            actor=world.a.admin.actor(), now=now(),
        )  # fmt: skip
