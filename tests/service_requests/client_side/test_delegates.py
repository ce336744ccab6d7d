"""A colleague decides for an approver: on the named lines, on the named days, in both names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.service_requests.services import delegations
from tenants.core.errors import Forbidden
from tests.factories import acting, make_member
from tests.factories.lifecycle import make_request, row_state
from tests.factories.offers import accept, make_offer, make_outside
from tests.factories.people import make_grant, make_staff, now
from tests.notifications.mails import told
from tests.service_requests.browsing import package_on, send


@pytest.fixture
def colleague(world, stage):
    return make_member(stage, world.a, key="colleague", second_factor=True)


@pytest.fixture
def made(world, stage):
    return make_request(
        stage, world.a, item="payment_control", state="awaiting_approval",
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip


def today():
    return now().date()


def name(browser, company, delegate, *, lines=("finance",), first=None, last=None, **more):
    form = {
        "client": company.slug, "delegate_id": str(delegate.id), "lines": list(lines),
        "starts_on": (first or today()).isoformat(), "ends_on": (last or today()).isoformat(),
        **more,
    }  # fmt: skip
    return browser.post(company.url("requests/delegates"), data=form)


def decide(stage, browser, made, person):
    return send(stage, browser, made, "approve", sha256=package_on(browser, made),
                code=person.code())  # fmt: skip


def test_the_delegate_decides_in_both_names(world, stage, sign_in_as, made, colleague):
    other = sign_in_as(colleague)
    assert "Approve and release" not in other.get(made.url).text
    assert name(sign_in_as(world.a.approver), world.a, colleague).status_code == 303
    page = other.get(made.url).text
    assert f"You decide for {world.a.approver.name}." in page
    assert made.url in other.get(world.a.url()).text
    assert decide(stage, other, made, colleague).status_code == 303
    assert row_state(stage, made) == "delivered"
    assert f"Approved for {world.a.approver.name}" in other.get(made.url).text
    [row] = stage.rows("SELECT * FROM approvals WHERE tenant_id = :t", t=world.a.id)
    assert (row.approver_id, row.voice_id) == (colleague.id, world.a.approver.id)
    [event] = stage.rows(
        "SELECT facts FROM audit_events WHERE tenant_id = :t"
        " AND name = 'service_requests.approval.delegated'", t=world.a.id,
    )  # fmt: skip
    assert str(colleague.id) in str(event.facts)


@pytest.mark.parametrize(
    ("first", "last", "lines"), [(1, 5, ("finance",)), (0, 5, ("hr",))],
    ids=["not yet", "another line"],
)  # fmt: skip
def test_not_outside_what_was_named(world, stage, sign_in_as, made, colleague, first, last, lines):
    day = today()
    given = name(sign_in_as(world.a.approver), world.a, colleague, lines=lines,
                 first=day + timedelta(days=first), last=day + timedelta(days=last))  # fmt: skip
    assert given.status_code == 303
    browser = sign_in_as(colleague)
    assert "Approve and release" not in browser.get(made.url).text
    sent = send(stage, browser, made, "approve", sha256="0" * 64, code=colleague.code())
    assert sent.status_code == 403
    assert send(stage, browser, made, "refuse", sha256="0" * 64, reason="x").status_code == 403
    assert row_state(stage, made) == "awaiting_approval"


def test_what_ends_ends_the_right_at_once(world, stage, sign_in_as, made, colleague):
    approver, other = sign_in_as(world.a.approver), sign_in_as(colleague)
    for end in (
        "UPDATE approval_delegations SET starts_at = now() - interval '1 day',"  # noqa: ISC004
        " ends_at = now() - interval '1 second' WHERE tenant_id = :t AND ended_at IS NULL",
        "UPDATE members SET approver = false WHERE tenant_id = :t AND user_id = :p",
    ):
        name(approver, world.a, colleague)
        assert "You decide for" in other.get(made.url).text
        stage.run(end, t=world.a.id, **({"p": world.a.approver.id} if ":p" in end else {}))
        assert "You decide for" not in other.get(made.url).text
    stage.run("UPDATE members SET approver = true WHERE user_id = :p", p=world.a.approver.id)
    for ender in (world.a.approver, world.a.admin):
        name(approver, world.a, colleague)
        last = stage.value(
            "SELECT id FROM approval_delegations WHERE tenant_id = :t AND ended_at IS NULL"
            " ORDER BY created_at DESC LIMIT 1", t=world.a.id,
        )  # fmt: skip
        stage.run("UPDATE approval_delegations SET ended_at = now() WHERE tenant_id = :t"
                  " AND id <> :i", t=world.a.id, i=last)  # fmt: skip
        url = world.a.url(f"requests/delegates/{last}/end")
        assert other.post(url, data={"client": world.a.slug}).status_code == 404
        assert sign_in_as(ender).post(url, data={"client": world.a.slug}).status_code == 303
        assert "You decide for" not in other.get(made.url).text
        assert sign_in_as(ender).post(url, data={"client": world.a.slug}).status_code == 409


def test_who_can_not_be_named(world, stage, sign_in_as, colleague):
    approver = sign_in_as(world.a.approver)
    second = make_member(stage, world.a, key="second", approver=True)
    staff_too = make_staff(stage)
    make_grant(stage, world.a, staff_too)
    member_and_staff = make_member(stage, world.a, key="both")
    stage.run("INSERT INTO staff (user_id, display_name, role) VALUES (:u, 'Both', 'operator')",
              u=member_and_staff.id)  # fmt: skip
    removed = make_member(stage, world.a, key="removed")
    stage.run("UPDATE members SET removed_at = now() WHERE id = :i", i=removed.member_id)
    for person in (world.a.approver, second, staff_too, member_and_staff, removed, world.b.user):
        assert name(approver, world.a, person).status_code == 422, person.name
    finance_only = world.a.people["finance_only"]
    assert name(approver, world.a, finance_only, lines=("finance", "hr")).status_code == 422
    assert name(approver, world.a, colleague, lines=()).status_code == 422
    yesterday = today() - timedelta(days=1)
    for days in (
        {"last": yesterday},
        {"last": today() + timedelta(days=400)},
        {"first": today() + timedelta(days=5), "last": today() + timedelta(days=4)},
    ):
        assert name(approver, world.a, colleague, **days).status_code == 422
    assert name(approver, world.a, colleague, client=world.b.slug).status_code == 409
    assert not stage.rows("SELECT id FROM approval_delegations WHERE tenant_id = :t", t=world.a.id)


def test_no_chain(world, stage, sign_in_as, colleague, made):
    name(sign_in_as(world.a.approver), world.a, colleague)
    assert name(sign_in_as(colleague), world.a, world.a.user).status_code == 403
    with acting(stage, colleague.scope()), pytest.raises(Forbidden):
        delegations.delegate(
            actor=colleague.actor(), now=now(), delegate_id=world.a.user.id, lines=["finance"],
            starts_on=today(), ends_on=today(), time_zone="Europe/Paris",
        )  # fmt: skip
    assert row_state(stage, made) == "awaiting_approval"


def test_only_an_approver_names_and_each_sees_their_own(world, stage, sign_in_as, colleague):
    for person in (world.a.user, world.a.admin, world.operator_a, world.supervisor):
        if not person.approver:
            assert name(sign_in_as(person), world.a, colleague).status_code == 403
    name(sign_in_as(world.a.approver), world.a, colleague)
    page = world.a.url("requests/delegates")
    for person, sees in (
        (world.a.approver, True), (colleague, True), (world.a.admin, True), (world.a.user, False),
    ):  # fmt: skip
        assert (f"{colleague.name}" in sign_in_as(person).get(page).text) == sees, person.name
    assert sign_in_as(world.operator_a).get(page).status_code == 403


def test_a_delegate_without_a_second_factor_is_told_what_to_do(world, stage, sign_in_as, made):
    plain = make_member(stage, world.a, key="plain", second_factor=False)
    name(sign_in_as(world.a.approver), world.a, plain)
    browser = sign_in_as(plain)
    sent = send(stage, browser, made, "approve", sha256=package_on(browser, made), code="123456")
    assert sent.status_code == 422
    assert "Set up an authenticator app" in sent.text
    assert row_state(stage, made) == "awaiting_approval"


def test_two_voices_are_two_approvers(world, stage, sign_in_as, made, colleague):
    """The delegate and who named them are one voice."""
    stage.run("UPDATE approval_rounds SET needed = 2 WHERE tenant_id = :t", t=world.a.id)
    approver = sign_in_as(world.a.approver)
    name(approver, world.a, colleague)
    browser = sign_in_as(colleague)
    assert decide(stage, browser, made, colleague).status_code == 303
    sent = send(stage, approver, made, "approve",
                sha256=stage.value("SELECT sha256 FROM approval_rounds WHERE tenant_id = :t",
                                   t=world.a.id), code=world.a.approver.code())  # fmt: skip
    assert sent.status_code == 409
    assert "A second approver has to decide." in sent.text
    assert row_state(stage, made) == "awaiting_approval"


def test_delegates_are_told_what_waits(world, stage, sign_in_as, colleague):
    name(sign_in_as(world.a.approver), world.a, colleague)
    make_request(
        stage, world.a, item="payment_control", state="awaiting_approval",
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip
    assert {colleague.email, world.a.approver.email} <= told(stage, world.a, "request.to_approve")


def test_a_day_that_is_never_reached_is_refused_at_its_field(world, stage, sign_in_as, colleague):
    last = date(9999, 12, 31)
    refused = name(sign_in_as(world.a.approver), world.a, colleague, first=last, last=last)
    assert refused.status_code == 422
    assert "in the next five years" in refused.text


def test_a_delegate_of_two_has_the_voice_that_is_free(world, stage, sign_in_as, made, colleague):
    second = make_member(stage, world.a, key="second", approver=True, second_factor=True)
    stage.run("UPDATE approval_rounds SET needed = 2 WHERE tenant_id = :t", t=world.a.id)
    approver = sign_in_as(world.a.approver)
    for person in (approver, sign_in_as(second)):
        assert name(person, world.a, colleague).status_code == 303
    assert decide(stage, approver, made, world.a.approver).status_code == 303
    browser = sign_in_as(colleague)
    assert f"You decide for {second.name}." in browser.get(made.url).text
    assert decide(stage, browser, made, colleague).status_code == 303
    assert row_state(stage, made) == "delivered"


def test_a_price_is_the_approvers_own_to_accept(world, stage, sign_in_as, colleague):
    """Whoever can't decide isn't told that they should."""
    name(sign_in_as(world.a.approver), world.a, colleague)
    made = make_outside(stage, world.a)
    make_offer(stage, made, world.operator_a)
    assert told(stage, world.a, "request.quoted") == {world.a.approver.email}
    with pytest.raises(Forbidden):
        accept(stage, made, colleague)
