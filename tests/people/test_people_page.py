"""The client administrator's people: who is here, invited, changed, removed."""

import re

from tests.auth.test_links import NEW, mail_to
from tests.factories import make_member, make_session
from tests.factories.jobs import run_jobs
from tests.factories.people import Person
from tests.people.conftest import seen_in


def test_the_list_shows_each_person_with_what_matters(stage, world, office):
    make_session(stage, world.a.user)
    page = office.page()
    for person in world.a.people.values():
        assert person.name in page
        assert person.email in page
    assert world.b.canary not in page
    row = page[page.index(world.a.approver.email) :].split("</tr>")[0]
    assert "Approver" in row
    assert "Set up" in row
    assert "Never" in row
    assert "Never" not in page[page.index(world.a.user.email) :].split("</tr>")[0]


def test_search_and_filter(world, office):
    page = office.page(q="finance_ONLY")
    assert world.a.people["finance_only"].email in page
    assert world.a.user.email not in page
    admins = office.page(role="client_admin")
    assert world.a.admin.email in admins
    assert world.a.user.email not in admins
    assert world.a.approver.email in office.page(role="approver")
    assert "Nobody fits" in office.page(q="%_nobody")


def test_two_hundred_people_are_paged_and_each_stands_once(stage, world, office, count_statements):
    for number in range(120):
        make_member(stage, world.a, key=f"p{number:03d}", second_factor=False)
    with count_statements() as found:
        page = office.page()
    assert len(found) <= 4, found.texts
    seen = []
    while True:
        seen += re.findall(r"/people/([0-9a-f-]{36})\"", page)
        link = re.search(r'href="([^"]+)" rel="next"', page)
        if link is None:
            break
        page = office.browser.get(link[1].replace("&amp;", "&")).text
    assert len(seen) == len(set(seen)) == 124


def test_an_invited_person_comes_in_by_the_link(stage, world, office, client):
    email = "nina@first.example"
    assert "Send the invitation" in office.page("/invite")
    assert office.invite(email=email).status_code == 303
    row = office.page(q=email)
    assert "Invited" in row
    assert "Not set up" in row
    [mail] = mail_to(stage, email)
    assert 'lang="de"' in mail["html"]
    link = re.findall(r"http://localhost(/link/\S+)", mail["text"])[0]
    browser = client()
    assert browser.post(link, data={"password": NEW}).status_code == 303
    assert browser.get(world.a.url("requests")).status_code == 200
    assert browser.get(world.b.url("requests")).status_code == 404
    assert browser.get(office.url()).status_code == 403
    assert "Active" in office.page(q=email)


def test_a_member_is_not_invited_twice_but_comes_back_after_removal(stage, world, office):
    user = world.a.user
    answer = office.invite(email=user.email.upper())
    assert answer.status_code == 409
    assert "already a member" in answer.text
    assert 'id="f-email-error"' in answer.text
    assert office.send(f"/{user.member_id}/remove").status_code == 303
    assert office.invite(email=user.email, lines=["hr", "sales"]).status_code == 303
    row = office.member(user.email)
    assert (row.id, row.removed_at, row.lines) == (user.member_id, None, ["hr", "sales"])


def test_an_invitation_is_sent_again_and_cancelled(stage, world, office):
    email = "late@first.example"
    office.invite(email=email)
    member_id = office.member(email).id
    assert office.send(f"/{member_id}/invite").status_code == 303
    assert len(mail_to(stage, email)) == 2
    assert "Cancel the invitation" in office.page(f"/{member_id}")
    office.send(f"/{member_id}/remove")
    assert office.browser.get(office.url(f"/{member_id}")).status_code == 404
    assert email not in office.page()
    answer = office.send(f"/{world.a.user.member_id}/invite")
    assert answer.status_code == 409
    assert "needs no invitation" in answer.text


def links_to(stage, email):
    return [re.findall(r"http://localhost(/link/\S+)", mail["text"])[0]
            for mail in mail_to(stage, email)]  # fmt: skip


def test_a_cancelled_invitation_opens_nothing(stage, world, office, client):
    email = "cancelled@first.example"
    office.invite(email=email)
    member_id = office.member(email).id
    office.send(f"/{member_id}/invite")
    links = links_to(stage, email)
    assert len(links) == 2
    office.send(f"/{member_id}/remove")
    for link in links:
        assert client().post(link, data={"password": NEW}).status_code == 404
    assert stage.value("SELECT password_hash IS NULL FROM users WHERE email = :e", e=email)


def test_who_is_invited_elsewhere_too_keeps_their_link(stage, world, office, client):
    email = "both@first.example"
    office.invite(email=email)
    row = office.member(email)
    stage.run(
        "INSERT INTO members (tenant_id, user_id, display_name, email, role, lines)"
        " VALUES (:t, :u, 'x', 'x', 'client_user', '{finance}')", t=world.b.id, u=row.user_id,
    )  # fmt: skip
    office.send(f"/{row.id}/remove")
    [link] = links_to(stage, email)
    assert client().post(link, data={"password": NEW}).status_code == 303


def test_one_used_link_ends_the_others_and_each_speaks_the_language_chosen(
    stage, world, office, client
):
    email = "again@first.example"
    office.invite(email=email, language="de")
    office.send(f"/{office.member(email).id}/invite")
    assert ['<html lang="de">' in mail["html"] for mail in mail_to(stage, email)] == [True, True]
    first, second = links_to(stage, email)
    assert client().post(first, data={"password": NEW}).status_code == 303
    assert client().post(second, data={"password": NEW}).status_code == 404


def test_wrong_entries_stand_at_their_fields(world, office):
    answer = office.invite(email="no address", display_name=" ", role="provider_admin")
    assert answer.status_code == 422
    for name in ("email", "display_name", "role"):
        assert f'id="f-{name}-error"' in answer.text
    answer = office.invite(approver="1", lines=[])
    assert answer.status_code == 422
    assert "in which this person approves" in answer.text


def test_no_form_carries_more_than_it_shows(stage, world, office):
    """Tenant, user, state, staff role: whatever else is sent is not read."""
    email = "mass@first.example"
    office.invite(
        email=email, tenant_id=str(world.b.id), user_id=str(world.b.admin.id),
        removed_at="2020-01-01", staff_role="provider_admin", id=str(world.b.user.member_id),
    )  # fmt: skip
    row = office.member(email)
    assert (row.tenant_id, row.role, row.approver) == (world.a.id, "client_user", False)
    assert stage.rows("SELECT FROM staff WHERE user_id = :u", u=row.user_id) == []
    user = world.a.user
    office.change(user, tenant_id=str(world.b.id), email="x@y.example", lines=["hr"])
    assert office.member(user.email).lines == ["hr"]


def test_role_lines_and_the_right_to_approve_change(stage, world, office, sign_in_as):
    user = world.a.user
    answer = office.change(user, role="client_admin", approver="1", lines=["finance", "hr"])
    assert answer.status_code == 303
    row = office.member(user.email)
    assert (row.role, row.approver, row.lines) == ("client_admin", True, ["finance", "hr"])
    assert stage.rows(
        "SELECT FROM audit_events WHERE tenant_id = :t AND name = 'tenants.member.changed'"
        " AND object_id = :m", t=world.a.id, m=user.member_id,
    )  # fmt: skip
    refused = office.change(world.a.approver, approver="1", lines=[])
    assert refused.status_code == 422
    run_jobs(stage, world.a.id, name="notifications.tell")
    [mail] = mail_to(stage, world.a.admin.email)
    assert "new administrator" in mail["subject"]
    assert office.change(user, role="god").status_code == 422


def test_two_administrators_at_once_see_what_the_other_changed(world, office):
    user = world.a.user
    seen = seen_in(office.page(f"/{user.member_id}"))
    office.change(user, approver="1", lines=["finance"])
    mine = {"role": "client_user", "lines": ["hr"]}
    answer = office.send(f"/{user.member_id}", seen=seen, **mine)
    assert answer.status_code == 409
    assert "<del>No</del>" in answer.text
    assert "<ins>Yes</ins>" in answer.text
    assert office.member(user.email).lines == ["finance"]
    # What was chosen is kept; saved again from here, it counts.
    assert re.search(r'value="hr" checked', answer.text)
    now_seen = seen_in(answer.text)
    assert office.send(f"/{user.member_id}", seen=now_seen, **mine).status_code == 303
    assert office.member(user.email).lines == ["hr"]
    assert office.send(f"/{user.member_id}", seen="nonsense", **mine).status_code == 409


def test_the_last_administrator_stays(stage, world, office):
    admin = world.a.admin
    page = office.page(f"/{admin.member_id}")
    assert "last one" in page
    assert "disabled" in page
    answer = office.change(admin, role="client_user", lines=["finance"], sure="1")
    assert answer.status_code == 409
    assert "last administrator" in answer.text
    assert office.send(f"/{admin.member_id}/remove").status_code == 409
    assert office.member(admin.email).role == "client_admin"


def test_giving_up_ones_own_administration_is_asked_twice(stage, world, office):
    make_member(stage, world.a, key="second", role="client_admin")
    admin = world.a.admin
    asked = office.change(admin, role="client_user", lines=["finance"])
    assert asked.status_code == 422
    assert "confirm that you want this" in asked.text
    done = office.change(admin, role="client_user", lines=["finance"], sure="1")
    assert done.location == world.a.url("")
    assert office.browser.get(office.url()).status_code == 403


def test_a_removed_person_is_out_at_once_and_asked_about_by_name(world, office, sign_in_as):
    user = world.a.user
    theirs = sign_in_as(user)
    assert theirs.get(world.a.url("requests")).status_code == 200
    question = office.page(f"/{user.member_id}/remove")
    assert user.name in question
    dialog = office.browser.get(
        office.url(f"/{user.member_id}/remove"), headers={"HX-Request-Type": "partial"}
    ).text
    assert "<dialog" in dialog
    assert "<html" not in dialog
    assert office.send(f"/{user.member_id}/remove").status_code == 303
    assert theirs.get(world.a.url("requests")).status_code == 404
    assert office.send(f"/{user.member_id}/remove").status_code == 404


def test_a_form_for_another_company_does_nothing(world, office):
    answer = office.send(f"/{world.a.user.member_id}/remove", client=world.b.slug)
    assert answer.status_code == 409
    assert office.member(world.a.user.email).removed_at is None


def test_only_administrators_manage_people(world, sign_in_as):
    for person in (world.a.user, world.a.approver, world.operator_a):
        browser = sign_in_as(person)
        assert browser.get(world.a.url("people")).status_code == 403
        assert browser.get(world.a.url("people/provider")).status_code == 403
    assert sign_in_as(world.b.admin).get(world.a.url("people")).status_code == 404


def joined(stage, company, person: Person) -> None:
    """The person becomes a member of another company too."""
    stage.run(
        "INSERT INTO members (tenant_id, user_id, display_name, email, role, lines)"
        " VALUES (:t, :u, :n, :e, 'client_user', '{finance}')",
        t=company.id, u=person.id, n=company.text("also"), e=person.email,
    )  # fmt: skip


def test_sign_ins_of_somebody_who_is_elsewhere_too_stay_unseen(stage, world, office):
    make_session(stage, world.a.user)
    joined(stage, world.b, world.a.user)
    page = office.page(f"/{world.a.user.member_id}")
    assert "works elsewhere too" in page
    assert world.b.canary not in page


def test_the_audit_says_who_was_invited(stage, world, office):
    assert office.invite(email="invited@new.example").status_code == 303
    assert stage.value(
        "SELECT object_id FROM audit_events WHERE tenant_id = :t"
        " AND name = 'tenants.invitation.sent'", t=world.a.id,
    ) == office.member("invited@new.example").user_id  # fmt: skip
