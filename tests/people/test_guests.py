"""External accountants and auditors: invited, changed, ended, and what they looked at."""

import re
import time
from datetime import timedelta

import pytest

from tenants.core.errors import Forbidden
from tenants.permissions import Actor
from tests.auth.test_links import NEW, mail_to
from tests.factories import acting, make_guest, make_session
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import now
from tests.notifications.mails import addresses, promised, told


@pytest.fixture
def email(world):
    return f"carla@{world.a.slug}.example"


def day(days):
    return (now() + timedelta(days=days)).date().isoformat()


@pytest.fixture
def invite(office, world, email):
    """Each time with a code of its own, since a code is good once."""
    steps = iter(range(3))

    def send(**data):
        values = {
            "display_name": office.company.text("Carla"), "email": email, "language": "en",
            "level": "read", "lines": ["finance"], "reason": office.company.text("Annual accounts"),
            "until": day(60), "code": world.a.admin.code(at=time.time() - 30 + 30 * next(steps)),
        }  # fmt: skip
        return office.send("/guests/invite", **(values | data))

    return send


def test_a_guest_comes_in_by_the_link_and_sets_up_a_second_factor(stage, world, office, invite, email,
                                                                  client):  # fmt: skip
    assert "Invite a guest" in office.page("/guests")
    assert invite().status_code == 303
    row = office.page("/guests")
    assert email in row
    assert "Invited" in row
    assert email not in office.page()
    [mail] = mail_to(stage, email)
    assert "as a guest" in mail["text"]
    browser = client()
    link = re.findall(r"http://localhost(/link/\S+)", mail["text"])[0]
    assert browser.post(link, data={"password": NEW}).status_code == 303
    answer = browser.get(world.a.url("guest"))
    assert (answer.status_code, "/sign-in/enrol" in answer.location
            or "second" in answer.location) == (303, True)  # fmt: skip


def test_every_administrator_is_told_of_a_new_guest_but_who_invited(stage, world, office, invite):
    stage.run("UPDATE members SET role = 'client_admin' WHERE id = :i", i=world.a.user.member_id)
    invite()
    stage.run("DELETE FROM outbox WHERE tenant_id = :t", t=world.a.id)
    assert told(stage, world.a, "guest.invited") == addresses(world.a.user)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"lines": []}, "lines"),
        ({"reason": " "}, "reason"),
        ({"until": day(-1)}, "until"),
        ({"until": day(367)}, "until"),
        ({"level": "work"}, "level"),
        ({"code": "000000"}, "code"),
        ({"code": ""}, "code"),
        ({"email": "nonsense"}, "email"),
    ],
)
def test_what_is_missing_is_said_at_its_field(stage, office, invite, email, data, field):
    answer = invite(**data)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert email not in office.page("/guests")
    assert mail_to(stage, email) == []


def test_who_is_here_already_is_not_invited(world, office, invite, email):
    assert invite(email=world.a.user.email).status_code == 409
    invite()
    answer = office.invite(email=email)
    assert answer.status_code == 409
    assert "End that access first" in answer.text
    assert invite().status_code == 409


def test_a_guest_is_none_of_the_companys_people(stage, world, office):
    """Not on the page of people, not to be made one there, and nobody's delegate."""
    guest = make_guest(stage, world.a)
    for path in ("", "/remove"):
        assert office.browser.get(office.url(f"/{guest.member_id}{path}")).status_code == 404
    answer = office.send(f"/{guest.member_id}", role="client_admin", seen="guest|0|finance")
    assert answer.status_code == 404
    assert office.send(f"/{world.a.user.member_id}", role="guest", seen="x").status_code == 422
    assert guest.name not in office.browser.get(world.a.url("delegates")).text


def test_taking_away_needs_no_code_giving_more_does(stage, world, office):
    guest = make_guest(stage, world.a, lines=("finance", "legal"))
    values = {"level": "read", "lines": ["finance"], "reason": "Audit", "until": day(30)}
    stage.run("UPDATE sign_in_sessions SET second_factor_at = now() - interval '1 hour'"
              " WHERE user_id = :u", u=world.a.admin.id)  # fmt: skip
    assert office.send(f"/guests/{guest.member_id}", **values).status_code == 303
    for more in ({"lines": ["finance", "hr"]}, {"level": "query"}, {"until": day(200)}):
        answer = office.send(f"/guests/{guest.member_id}", **(values | more))
        assert answer.status_code == 422, more
        assert 'id="f-code-error"' in answer.text
    assert office.member(guest.email).lines == ["finance"]
    answer = office.send(
        f"/guests/{guest.member_id}", code=world.a.admin.code(), **(values | {"level": "query"})
    )
    assert answer.status_code == 303
    assert office.member(guest.email).guest_level == "query"


def test_one_click_ends_it_at_once_and_twice_is_once(stage, world, office, sign_in_as):
    guest = make_guest(stage, world.a)
    browser = sign_in_as(guest)
    assert browser.get(world.a.url("guest")).status_code == 200
    for _ in range(2):
        assert office.send(f"/guests/{guest.member_id}/end").status_code == 303
    assert browser.get(world.a.url("guest")).status_code == 404
    assert world.a.url() not in browser.get("/").text
    page = office.page(f"/guests/{guest.member_id}")
    assert "Ended on" in page
    assert office.send(f"/guests/{guest.member_id}", level="read", lines=["finance"], reason="x",
                       until=day(5)).status_code == 404  # fmt: skip


def test_an_ended_guest_comes_back_as_a_colleague(stage, world, office, sign_in_as):
    guest = make_guest(stage, world.a, level="query")
    office.send(f"/guests/{guest.member_id}/end")
    assert office.invite(email=guest.email, role="client_user").status_code == 303
    row = office.member(guest.email)
    assert (row.role, row.guest_level, row.expires_at, row.guest_reason) == (
        "client_user", None, None, "",
    )  # fmt: skip
    assert sign_in_as(guest).get(world.a.url("requests")).status_code == 200


def test_at_its_time_the_access_is_over_before_any_job(stage, world, office, sign_in_as, client):
    guest = make_guest(stage, world.a)
    browser = sign_in_as(guest)
    stage.run("UPDATE members SET expires_at = now() WHERE id = :i", i=guest.member_id)
    assert browser.get(world.a.url("guest")).status_code == 404
    assert browser.get(world.a.url()).status_code == 404
    assert world.a.url() not in browser.get("/").text
    assert "Ended" in office.page("/guests")
    run_jobs(stage, world.a.id)
    with_job = _tend(stage, world.a)
    assert with_job == {"ended": 1, "leaving": 0}
    assert told(stage, world.a, "guest.ended") == addresses(world.a.admin)
    assert _tend(stage, world.a) == {"ended": 0, "leaving": 0}


def _tend(stage, company):
    from app.people.services import guests
    from tenants.permissions import system_actor

    with acting(stage, company.scope):
        ended, leaving = guests.tend_guests(actor=system_actor(company.id), now=now())
    return {"ended": ended, "leaving": leaving}


def test_the_administrator_is_warned_14_days_before_once_for_each_last_day(stage, world):
    guest = make_guest(stage, world.a, expires_at=now() + timedelta(days=15))
    _tend(stage, world.a)
    assert told(stage, world.a) == set()
    stage.run("UPDATE members SET expires_at = now() + interval '13 days' WHERE id = :i",
              i=guest.member_id)  # fmt: skip
    for _ in range(3):
        _tend(stage, world.a)
    assert told(stage, world.a, "guest.ends_soon") == addresses(world.a.admin)
    [mail] = promised(stage, world.a)
    assert f"/people/guests/{guest.member_id}" in mail.text
    stage.run("UPDATE members SET expires_at = now() + interval '10 days' WHERE id = :i",
              i=guest.member_id)  # fmt: skip
    _tend(stage, world.a)
    assert told(stage, world.a) == addresses(world.a.admin)
    assert len(promised(stage, world.a)) == 2


def test_what_they_looked_at_stands_there_with_files(stage, world, office, sign_in_as):
    guest = make_guest(stage, world.a)
    made = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor, title=world.a.text("Check"))  # fmt: skip
    browser = sign_in_as(guest)
    browser.get(world.a.url(f"guest/requests/{made.number}"))
    browser.get(world.a.url(f"guest/requests/{made.number}/evidence"))
    browser.get(world.a.url("guest/service-levels"))
    file_id = stage.value("SELECT file_id FROM deliverables WHERE request_id = :r", r=made.id)
    url = world.a.url(f"guest/requests/{made.number}/files/{file_id}")
    assert browser.get(url).status_code == 200
    page = office.page(f"/guests/{guest.member_id}")
    looks = page[page.index('id="looks"') :]
    for words in ("Opened the request", "Opened the evidence", "Downloaded a file",
                  "Opened the service levels", "Check"):  # fmt: skip
        assert words in looks
    name = stage.value("SELECT name FROM files WHERE id = :i", i=file_id)
    assert name in looks
    assert "Never" not in office.page("/guests").split("</table>")[0].split("Last looked")[-1]


def test_an_administrator_without_the_line_reads_numbers_only(stage, world, office, sign_in_as):
    guest = make_guest(stage, world.a)
    made = make_request(stage, world.a, title=world.a.text("Secret words"))
    sign_in_as(guest).get(world.a.url(f"guest/requests/{made.number}"))
    stage.run("UPDATE members SET lines = '{hr}' WHERE id = :i", i=world.a.admin.member_id)
    page = office.page(f"/guests/{guest.member_id}")
    assert f"#{made.number}" in page
    assert "Secret words" not in page


def test_a_lost_phone_is_reset_by_the_administrator(stage, world, office, sign_in_as):
    guest = make_guest(stage, world.a)
    make_session(stage, guest)
    path = f"/guests/{guest.member_id}/second-factor"
    assert office.send(path, code="000000").status_code == 422
    assert office.send(path, code=world.a.admin.code()).status_code == 303
    assert stage.value("SELECT totp_confirmed_at FROM users WHERE id = :i", i=guest.id) is None


def test_a_service_asks_for_the_second_factor_itself(stage, world, email):
    from tenants.services.guests import add_guest

    stale = Actor(
        user_id=world.a.admin.id, name="x", side="client", tenant_id=world.a.id,
        role="client_admin", second_factor_at=now() - timedelta(hours=1),
    )  # fmt: skip
    with pytest.raises(Forbidden), acting(stage, world.a.admin.scope()):
        add_guest(
            email=email, display_name="Carla", level="read", lines=["finance"], reason="x",
            until=now().date(), actor=stale, now=now(), real_now=now(),
        )  # fmt: skip


def test_who_is_a_guest_elsewhere_too_is_reset_by_the_provider(stage, world, office, sign_in_as):
    guest = make_guest(stage, world.a)
    stage.run(
        "INSERT INTO members (tenant_id, id, user_id, display_name, email, role, lines,"
        " guest_level, guest_reason, expires_at) VALUES (:t, uuidv7(), :u, 'x', :e, 'guest',"
        " '{hr}', 'read', 'x', now() + interval '1 day')",
        t=world.b.id, u=guest.id, e=guest.email,
    )  # fmt: skip
    assert "works elsewhere too" in office.page(f"/guests/{guest.member_id}")
    code = world.a.admin.code()
    refused = office.send(f"/guests/{guest.member_id}/second-factor", **{"r-code": code}, code=code)
    assert refused.status_code == 409
    browser = sign_in_as(world.provider_admin)
    company = f"/provider/companies/{world.a.slug}"
    assert guest.name in browser.get(company).text
    path = f"{company}/people/{guest.member_id}/second-factor"
    assert "Guest" in browser.get(path).text
    sent = browser.post(path, data={"code": world.provider_admin.code()})
    assert sent.status_code == 303
    assert stage.value("SELECT totp_confirmed_at FROM users WHERE id = :i", i=guest.id) is None
