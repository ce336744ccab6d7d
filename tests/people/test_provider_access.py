"""Who of the provider can see the company, and the client's right to end it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.web.formats import date_text
from tests.factories import make_grant
from tests.factories.people import now


def grant_of(world, person, line="finance"):
    return person.grants[f"{world.a.slug}/{line}"]


def test_it_shows_who_sees_what_why_and_until_when(stage, world, office):
    stage.run(
        "UPDATE grants SET granted_by = :by WHERE id = :id",
        by=world.provider_admin.id, id=grant_of(world, world.operator_a),
    )  # fmt: skip
    page = office.page("/provider")
    for person in (world.operator_a, world.operator_both, world.supervisor, world.provider_admin):
        assert person.name in page
    assert world.operator_b.name not in page
    assert world.a.text("contract") in page
    assert world.b.canary not in page
    assert "Last used" in page


def test_an_access_is_shown_with_its_last_day(stage, world, office):
    last = (now() + timedelta(days=40)).date()
    ends = datetime.combine(last + timedelta(days=1), time(), ZoneInfo("Europe/Paris"))
    make_grant(stage, world.a, world.operator_none, lines=("hr",), expires_at=ends)
    page = office.page("/provider")
    assert date_text(last, "en") in page
    assert date_text(ends.date(), "en") not in page
    # A reader far to the east has the next day by then; the access is the company's all the same.
    stage.run("UPDATE users SET time_zone = 'Pacific/Auckland' WHERE id = :u", u=world.a.admin.id)
    assert date_text(last, "en") in office.page("/provider")


def test_ended_ones_stand_below_for_a_year(stage, world, office):
    make_grant(stage, world.a, world.operator_none, lines=("hr",),
               expires_at=now() - timedelta(days=30))  # fmt: skip
    assert world.operator_none.name in office.page("/provider").split("Ended in the last")[1]
    stage.run(
        "UPDATE grants SET expires_at = now() - interval '2 years' WHERE id = :id",
        id=grant_of(world, world.operator_none, "hr"),
    )
    assert world.operator_none.name not in office.page("/provider")


def test_the_client_ends_an_access_at_once(stage, world, office, sign_in_as):
    theirs = sign_in_as(world.operator_a)
    assert theirs.get(world.a.url("requests")).status_code == 200
    for line in ("administration", "finance", "hr", "sales", "logistics"):
        grant_id = grant_of(world, world.operator_a, line)
        question = office.page(f"/provider/{grant_id}/end")
        assert world.operator_a.name in question
        assert office.send(f"/provider/{grant_id}/end").status_code == 303
    assert theirs.get(world.a.url("requests")).status_code == 404
    # Ending twice is once.
    assert office.send(f"/provider/{grant_id}/end").status_code == 303
    assert stage.value(
        "SELECT count(*) FROM audit_events WHERE tenant_id = :t AND name = 'tenants.grant.ended'",
        t=world.a.id,
    ) == 5  # fmt: skip


def test_what_was_replaced_is_not_told_as_ended(stage, world, office):
    replaced = grant_of(world, world.operator_a, "hr")
    stage.run("UPDATE grants SET ended_at = now() WHERE id = :id", id=replaced)
    assert office.send(f"/provider/{replaced}/end").status_code == 303
    told = "SELECT count(*) FROM jobs WHERE tenant_id = :t AND name = 'notifications.tell'"
    assert stage.value(told, t=world.a.id) == 0
    assert office.send(f"/provider/{grant_of(world, world.operator_a)}/end").status_code == 303
    assert stage.value(told, t=world.a.id) == 1


def test_another_companys_access_is_not_found(world, office):
    foreign = world.operator_b.grants[f"{world.b.slug}/finance"]
    assert office.browser.get(office.url(f"/provider/{foreign}/end")).status_code == 404
    assert office.send(f"/provider/{foreign}/end").status_code == 404
