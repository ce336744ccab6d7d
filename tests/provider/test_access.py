"""Grants on the company's page: given, changed, ended, told, and used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.web.formats import date_text
from tests.auth.test_links import mail_to
from tests.factories.jobs import run_jobs
from tests.factories.people import make_staff, now


@pytest.fixture
def admin(world: Any, sign_in_as: Any) -> Any:
    return sign_in_as(world.provider_admin)


def terms(**changes: Any) -> dict[str, Any]:
    return {"level": "work", "period": "91", "day": "", "reason": "New contract", **changes}


def url(company: Any, path: str = "") -> str:
    return f"/provider/companies/{company.slug}{path}"


def live(stage: Any, company: Any, person: Any) -> list[Any]:
    return list(stage.rows(
        "SELECT * FROM grants WHERE tenant_id = :t AND user_id = :u AND ended_at IS NULL"
        " ORDER BY line", t=company.id, u=person.id,
    ))  # fmt: skip


def test_several_lines_at_once(stage: Any, world: Any, admin: Any, sign_in_as: Any) -> None:
    person = world.operator_none
    browser = sign_in_as(person)
    assert browser.get(world.a.url("requests")).status_code == 404
    page = admin.post(url(world.a, "/access/new"),
                      data=terms(user_id=person.id, lines=["finance", "hr"]))  # fmt: skip
    assert page.status_code == 303
    given = live(stage, world.a, person)
    assert [(one.line, one.level, one.reason) for one in given] == [
        ("finance", "work", "New contract"), ("hr", "work", "New contract"),
    ]  # fmt: skip
    assert timedelta(days=90) < given[0].expires_at - now() < timedelta(days=92)
    assert browser.get(world.a.url("requests")).status_code == 200
    assert browser.get(world.b.url("requests")).status_code == 404
    assert person.name in admin.get(url(world.a)).text


def test_people_are_told_once(stage: Any, world: Any, admin: Any) -> None:
    person = world.operator_none
    admin.post(url(world.a, "/access/new"), data=terms(user_id=person.id, lines=["hr", "it"]))
    run_jobs(stage, world.a.id, name="notifications.tell")
    verbs = [row.verb for row in stage.rows(
        "SELECT verb FROM outbox WHERE tenant_id = :t AND verb LIKE 'notice.%'", t=world.a.id
    )]  # fmt: skip
    assert sorted(verbs) == ["notice.access.opened", "notice.grant.given"]
    grant, _other = live(stage, world.a, person)
    for _ in range(2):
        admin.post(url(world.a, f"/access/{grant.id}/end"))
    run_jobs(stage, world.a.id, name="notifications.tell")
    ended = "SELECT count(*) FROM outbox WHERE tenant_id = :t AND verb = 'notice.grant.ended'"
    assert stage.value(ended, t=world.a.id) == 1
    # Nothing of the client may be open to them any more: the mail leads to their own home.
    [mail] = [one for one in mail_to(stage, person.email) if "ended" in one["subject"]]
    assert f"/c/{world.a.slug}" not in mail["html"]


def test_the_last_day_is_the_companys(stage: Any, world: Any, admin: Any) -> None:
    """Midnight in Lisbon is the next day already where the provider is."""
    stage.run("UPDATE tenants SET time_zone = 'Europe/Lisbon' WHERE id = :t", t=world.a.id)
    day = (now() + timedelta(days=150)).date()
    admin.post(url(world.a, "/access/new"),
               data=terms(user_id=world.operator_none.id, lines=["hr"], period="day",
                          day=day.isoformat()))  # fmt: skip
    page = admin.get(url(world.a)).text
    assert f"to {date_text(day, 'en')}" in page
    assert f"to {date_text(day + timedelta(days=1), 'en')}" not in page


def test_an_access_is_changed_in_its_place(stage: Any, world: Any, admin: Any) -> None:
    before = world.operator_a.grants[f"{world.a.slug}/finance"]
    day = (now() + timedelta(days=20)).date()
    page = admin.post(url(world.a, f"/access/{before}"),
                      data=terms(level="review", period="day", day=day.isoformat()))  # fmt: skip
    assert page.status_code == 303
    [now_live] = [g for g in live(stage, world.a, world.operator_a) if g.line == "finance"]
    assert (now_live.level, now_live.granted_by) == ("review", world.provider_admin.id)
    assert now_live.id != before
    assert "Ends soon" in admin.get(url(world.a)).text
    # The old one ended: it can't be changed once more.
    assert admin.post(url(world.a, f"/access/{before}"), data=terms()).status_code == 409


def test_ending_names_company_and_person(
    stage: Any, world: Any, admin: Any, sign_in_as: Any
) -> None:
    grant = world.operator_a.grants[f"{world.a.slug}/hr"]
    page = admin.get(url(world.a, f"/access/{grant}/end")).text
    assert world.a.name in page
    assert world.operator_a.name in page
    assert len(live(stage, world.a, world.operator_a)) == 5
    assert admin.post(url(world.a, f"/access/{grant}/end")).status_code == 303
    assert "hr" not in [one.line for one in live(stage, world.a, world.operator_a)]
    assert sign_in_as(world.operator_a).get(world.a.url("requests")).status_code == 200


REFUSED = [
    ({"lines": []}, "lines"), ({"lines": ["magic"]}, "lines"), ({"level": "all"}, "level"),
    ({"reason": "  "}, "reason"), ({"period": "day"}, "day"),
    ({"period": "day", "day": "2020-01-01"}, "day"),
    ({"period": "day", "day": "2090-01-01"}, "day"), ({"period": "9999"}, "period"),
    ({"user_id": "nobody"}, "user_id"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field"), REFUSED)
def test_what_is_wrong_is_said(
    stage: Any, world: Any, admin: Any, changes: dict[str, Any], field: str
) -> None:
    typed = terms(user_id=world.operator_none.id, lines=["finance"]) | changes
    page = admin.post(url(world.a, "/access/new"), data=typed)
    assert page.status_code == 422
    assert f'id="f-{field}-error"' in page.text
    assert not live(stage, world.a, world.operator_none)


def test_nobody_gives_to_themselves_or_to_a_stranger(stage: Any, world: Any, admin: Any) -> None:
    left = make_staff(stage)
    stage.run("UPDATE staff SET active = false WHERE user_id = :u", u=left.id)
    for person in (world.provider_admin, world.a.user, left):
        page = admin.post(url(world.a, "/access/new"),
                          data=terms(user_id=person.id, lines=["finance"]))  # fmt: skip
        assert page.status_code == 409
        assert not live(stage, world.a, person)


def test_the_use_of_a_grant_is_noted_once_a_minute(
    stage: Any, world: Any, sign_in_as: Any, admin: Any
) -> None:
    """By who opens the client with it: not by the desk, not by another, not by administration."""
    operator = world.operator_both
    used = "SELECT max(last_used_at) FROM grants WHERE tenant_id = :t AND user_id = :u"

    def last(company: Any) -> Any:
        return stage.value(used, t=company.id, u=operator.id)

    browser = sign_in_as(operator)
    browser.get("/desk")
    admin.get(url(world.a))
    sign_in_as(world.operator_a).get(world.a.url("requests"))
    half = sign_in_as(operator, second_factor=False)
    half.get(world.a.url("requests"))
    assert last(world.a) is None
    browser.get(world.a.url("requests"))
    first = last(world.a)
    assert first is not None
    assert last(world.b) is None
    browser.get(world.a.url("requests"))
    assert last(world.a) == first
    stage.run("UPDATE grants SET last_used_at = now() - interval '2 minutes' WHERE user_id = :u",
              u=operator.id)  # fmt: skip
    browser.get(world.a.url("requests"))
    assert last(world.a) > first


def test_an_ended_grant_is_not_used(stage: Any, world: Any, sign_in_as: Any) -> None:
    operator, a = world.operator_a, world.a
    stage.run(
        "UPDATE grants SET ended_at = now() WHERE user_id = :u AND line = 'hr'", u=operator.id
    )
    sign_in_as(operator).get(a.url("requests"))
    assert stage.value(
        "SELECT count(*) FROM grants WHERE user_id = :u AND line = 'hr' AND last_used_at IS NOT NULL",
        u=operator.id,
    ) == 0  # fmt: skip


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_of_another_age_is_refused(world: Any, admin: Any, day: str) -> None:
    typed = terms(user_id=world.operator_none.id, lines=["hr"], period="day", day=day)
    assert admin.post(url(world.a, "/access/new"), data=typed).status_code == 422


@pytest.mark.parametrize("by_the_client", [False, True])
def test_an_ended_access_ends_its_tokens_for_good(
    stage: Any, world: Any, admin: Any, sign_in_as: Any, api_as: Any, by_the_client: bool
) -> None:
    person = world.operator_none
    typed = terms(user_id=person.id, lines=["finance", "hr"])
    admin.post(url(world.a, "/access/new"), data=typed)
    program = api_as(person, world.a)
    seen = []
    for grant in live(stage, world.a, person):
        seen.append(program.get("/api/v1/requests").status_code)
        if by_the_client:
            sign_in_as(world.a.admin).post(
                world.a.url(f"people/provider/{grant.id}/end"), data={"client": world.a.slug}
            )
        else:
            admin.post(url(world.a, f"/access/{grant.id}/end"))
    admin.post(url(world.a, "/access/new"), data=typed)
    assert [*seen, program.get("/api/v1/requests").status_code] == [200, 200, 401]
