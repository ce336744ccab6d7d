"""The hook: only our own mail server hands mails over, and each is answered once it is kept."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.mail_in.delivering import DOMAIN, hand_over, intake, rows
from tests.mail_in.writing import letter


@pytest.fixture
def raw(world):
    return letter("someone@sender.example", intake(world.a), world.a.text("words"))


def test_what_is_signed_is_kept(world, stage, client, raw):
    assert hand_over(client(same_origin=False), raw, intake(world.a)).status_code == 200
    [row] = rows(stage, world.a)
    assert (row.source, row.state, row.line) == ("hook", "received", "finance")
    assert rows(stage, world.b) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another"},
        {"X-Coulisse-Signature": ""},
        {"X-Coulisse-Signature": "v1=é".encode().decode("latin-1")},
        {"X-Coulisse-Timestamp": ""},
        {"X-Coulisse-Timestamp": "1e9"},
        {"X-Mail-From": "other@sender.example"},
        {"at": "old"},
        {"at": "future"},
    ],
)
def test_what_is_not_is_refused(world, stage, client, raw, changes: dict[str, Any]):
    times = {"old": int(time.time()) - 301, "future": int(time.time()) + 302}
    changes = {k: times[v] if k == "at" else v for k, v in changes.items()}
    assert hand_over(client(), raw, intake(world.a), **changes).status_code == 401
    assert rows(stage, world.a) == []


def test_the_signature_is_over_the_recipient_and_the_mail(world, stage, client, raw):
    changed: dict[str, Any] = {"X-Rcpt-To": intake(world.b)}
    assert hand_over(client(), raw, intake(world.a), **changed).status_code == 401
    assert rows(stage, world.b) == []


@pytest.mark.parametrize(
    "to",
    [
        f"nobody@{DOMAIN}", "{slug}@elsewhere.example", f"{{slug}}+nothing@{DOMAIN}",
        f"reply+abc@{DOMAIN}", f"@{DOMAIN}", "", f"coulisse@{DOMAIN}", f"{{slug}}\0@{DOMAIN}",
    ],
)  # fmt: skip
def test_nobodys_addresses_are_not_found(world, client, raw, to):
    answer = hand_over(client(), raw, to.replace("{slug}", world.a.slug).replace("\0", "%00"))
    assert answer.status_code == 404


def test_a_closed_company_has_no_address(world, stage, client, raw):
    stage.run("UPDATE tenants SET state = 'closed' WHERE id = :t", t=world.a.id)
    assert hand_over(client(), raw, intake(world.a)).status_code == 404


def test_an_address_may_be_written_in_capitals(world, stage, client, raw):
    assert hand_over(client(), raw, intake(world.a).upper()).status_code == 200
    assert rows(stage, world.a)[0].recipient == intake(world.a)


def test_thirty_megabytes_are_too_many(world, stage, client):
    big = letter("a@b.example", intake(world.a), files=[("a", "a/b", b"x" * 16_000_000)])
    assert hand_over(client(), big, intake(world.a)).status_code == 413
    assert rows(stage, world.a) == []


def test_without_a_secret_nobody_may(world, client, raw, app, monkeypatch):
    from dataclasses import replace

    settings = replace(app.config["SETTINGS"], mail_in_hook_secrets=())
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    assert hand_over(client(), raw, intake(world.a)).status_code == 401
