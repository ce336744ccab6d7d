"""Mails that claim to be a client's. What isn't proven waits for an operator, and tells nobody."""

from __future__ import annotations

import base64

import pytest

from tests.factories import make_member
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.mail_in.delivering import (
    DOMAIN,
    answer_address,
    hand_over,
    intake,
    latest,
    messages,
    rows,
    send,
    signed,
)
from tests.mail_in.writing import letter, result


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def landed_nothing(stage, made):
    assert messages(stage, made) == []
    assert stage.value(
        "SELECT count(*) FROM requests WHERE tenant_id = :t", t=made.company.id
    ) == 1  # fmt: skip
    assert not stage.rows(
        "SELECT FROM jobs WHERE tenant_id = :t AND args->>'event' IN ('request.client_wrote',"
        " 'request.raised_by_mail')", t=made.company.id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("results", "sender", "why"),
    [
        ([], "user", "not_proven"),
        ([result("evil.example")], "user", "not_proven"),
        ([result("evil.example"), "own"], "user", "not_proven"),
        (["own of another server"], "user", "not_proven"),
        (["own"], "mallory@evil.example", "unknown_sender"),
        (["own", "dmarc"], "user", "forged"),
    ],
)
def test_a_forged_mail_raises_nothing(world, stage, client, made, results, sender, why):
    address = world.a.user.email if sender == "user" else sender
    own = address.partition("@")[2]
    words = {
        "own": result(own), "own of another server": result(own, server="mx.evil.example"),
    }  # fmt: skip
    lines = [words.get(one, one) for one in results if one != "dmarc"]
    if "dmarc" in results:
        lines = [f"{result(own)}; dmarc=fail header.from={own}"]
    raw = letter(address, intake(world.a), "Pay this", results=lines)
    found = send(client(), stage, world.a, raw, intake(world.a))
    assert (found.state, found.reason, found.request_id) == ("waiting", why, None)
    landed_nothing(stage, made)


@pytest.mark.parametrize(
    ("headers", "envelope", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "a@b.example", "automatic"),
        ({"Precedence": "bulk"}, "a@b.example", "automatic"),
        ({"X_Autoreply": "yes"}, "a@b.example", "automatic"),
        ({}, "", "bounce"),
        ({"X_Coulisse": "1"}, "a@b.example", "loop"),
    ],
)
def test_automatic_and_looping_mails_land_nowhere(
    world, stage, client, made, headers, envelope, why
):
    to = answer_address(made, world.a.user)
    raw = signed(world.a.user, to, **headers)
    found = send(client(), stage, world.a, raw, to, sender=envelope)
    assert (found.state, found.reason) == ("waiting", why)
    landed_nothing(stage, made)


def test_our_own_mail_is_known_by_its_id(world, stage, client, made):
    to = answer_address(made, world.a.user)
    raw = signed(
        world.a.user, to, message_id="<01a20398-c047-7a09-98ef-afeebeaad3ea@coulisse.example>"
    )
    assert send(client(), stage, world.a, raw, to).reason == "loop"


def test_an_address_for_answers_is_its_persons_alone(world, stage, client, made):
    to = answer_address(made, world.a.approver)
    forged = letter(world.a.user.email, to, "I may")
    assert send(client(), stage, world.a, forged, to).reason == "other_sender"
    stranger = letter("mallory@evil.example", to, "I may", signed="evil.example")
    assert send(client(), stage, world.a, stranger, to).reason == "unknown_sender"
    landed_nothing(stage, made)
    passed_on = signed(world.a.user, to, "my colleague asked me")
    found = send(client(), stage, world.a, passed_on, to)
    assert (found.state, found.proof, found.user_id) == ("landed", "signature", world.a.user.id)


def test_an_altered_address_is_nobodys(world, stage, client, made):
    to = answer_address(made, world.a.user)
    token = to.partition("+")[2].partition("@")[0]
    raw = bytearray(base64.b32decode(token[3:].upper() + "=" * (-len(token[3:]) % 8)))
    for place in (3, 4, 11, 12, 27):
        changed = bytearray(raw)
        changed[place] ^= 1
        body = base64.b32encode(bytes(changed)).decode().rstrip("=").lower()
        other = f"reply+{token[:3]}{body}@{DOMAIN}"
        found = send(client(), stage, world.a, signed(world.a.user, other, f"{place}"), other)
        assert (found.state, found.reason) == ("waiting", "bad_token"), place
    landed_nothing(stage, made)


def test_an_address_of_one_company_says_nothing_in_another(world, stage, client, made):
    """The code moved to B's: the signature is over A's ids."""
    other = make_request(stage, world.b, state="in_progress", operator=world.operator_b)
    assert other.number == made.number
    to = answer_address(made, world.a.user, code=world.b.code)
    found = send(client(), stage, world.b, signed(world.a.user, to), to)
    assert (found.state, found.reason) == ("waiting", "bad_token")
    assert rows(stage, world.a) == []
    assert messages(stage, made) == messages(stage, other) == []


def test_somebody_of_two_companies_answers_each_in_its_own(world, stage, client, made):
    both = make_member(stage, world.b, key="both", role="client_user")
    stage.run("UPDATE members SET user_id = :u, email = :e WHERE id = :m", u=world.a.user.id,
              e=world.a.user.email, m=both.member_id)  # fmt: skip
    other = make_request(stage, world.b, state="in_progress", operator=world.operator_b)
    for one in (made, other):
        to = answer_address(one, world.a.user)
        raw = letter(world.a.user.email, to, one.company.text("mine"))
        assert send(client(), stage, one.company, raw, to).state == "landed"
    assert [row.body for row in messages(stage, made)] == [world.a.text("mine")]
    assert [row.body for row in messages(stage, other)] == [world.b.text("mine")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE members SET removed_at = now() WHERE id = :m", "bad_token"),
        ("UPDATE members SET lines = '{hr}' WHERE id = :m", "no_line"),
        ("UPDATE users SET active = false WHERE id = :u", "unknown_sender"),
        ("UPDATE requests SET state = 'closed', closed_at = now() WHERE id = :r", "request_ended"),
        (
            "UPDATE requests SET state = 'closed', closed_at = now() - interval '15 days' WHERE id = :r",
            "answer_over",
        ),
    ],
)
def test_an_address_ends_with_what_it_was_given_for(world, stage, client, made, change, why):
    user, to = world.a.user, answer_address(made, world.a.user)
    stage.run(change, **{
        name: value for name, value in {"m": user.member_id, "u": user.id, "r": made.id}.items()
        if f":{name}" in change
    })  # fmt: skip
    found = send(client(), stage, world.a, signed(user, to), to)
    assert (found.state, found.reason) == ("waiting", why)
    landed_nothing(stage, made)


def test_a_right_that_ended_before_the_job_ran_counts(world, stage, client, made):
    to = answer_address(made, world.a.user)
    hand_over(client(), letter(world.a.user.email, to), to)
    stage.run("UPDATE members SET removed_at = now() WHERE id = :m", m=world.a.user.member_id)
    run_jobs(stage, world.a.id, name="mail_in.read")
    assert latest(stage, world.a).state == "waiting"
    landed_nothing(stage, made)


def test_who_has_no_such_line_raises_nothing_on_it(world, stage, client, made):
    person = world.a.people["finance_only"]
    raw = signed(person, intake(world.a, "hr"))
    assert send(client(), stage, world.a, raw, intake(world.a, "hr")).reason == "no_line"
    landed_nothing(stage, made)


def test_a_blocked_sender_waits_for_nobody(world, stage, client, made):
    stage.run("INSERT INTO blocked_senders (tenant_id, address, blocked_at, blocked_by_name)"
              " VALUES (:t, :a, now(), 'Olga')", t=world.a.id, a=world.a.user.email)  # fmt: skip
    found = send(client(), stage, world.a, signed(world.a.user, intake(world.a)), intake(world.a))
    assert (found.state, found.reason) == ("discarded", "blocked")
    landed_nothing(stage, made)


def test_a_flood_stops_landing_then_stops_coming_and_is_its_companys_alone(
    world, stage, client, made
):
    browser, to = client(), answer_address(made, world.a.user)

    def flood(count, sender, starts=0):
        stage.run(
            "INSERT INTO inbound_mails (tenant_id, received_at, source, recipient, line,"
            " fingerprint, size, envelope_from, sender, sender_name, subject, state, proof,"
            " user_id, request_id)"
            " SELECT :t, now(), 'hook', 'x', 'finance', :s || n, 1, '', :s, '', '', 'landed',"
            " 'signature', :u, :r FROM generate_series(CAST(:a AS int), CAST(:b AS int)) n",
            t=world.a.id, s=sender, a=starts + 1, b=starts + count, u=world.a.user.id, r=made.id,
        )  # fmt: skip

    user = world.a.user
    flood(30, user.email)
    assert send(browser, stage, world.a, letter(user.email, to, "31"), to).reason == "too_many"
    flood(90, user.email, 30)
    assert hand_over(browser, letter(user.email, to, "later"), to).status_code == 429
    approver = world.a.approver
    own = answer_address(made, approver)
    assert send(browser, stage, world.a, letter(approver.email, own), own).state == "landed"
    flood(500, "crowd@evil.example")
    assert hand_over(browser, letter(approver.email, own, "2"), own).status_code == 429
    raw = signed(world.b.user, intake(world.b))
    assert send(browser, stage, world.b, raw, intake(world.b)).state == "landed"
