"""A client company begins by the screens, in one transaction."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tenants.core.errors import Conflict
from tenants.models import PROVIDER_TENANT
from tests.factories.jobs import run_jobs
from tests.factories.people import Person


def form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Brasserie du Phare", "legal_form": "SAS", "country": "FR",
        "registration_number": "", "vat_id": "", "language": "fr", "document_language": "fr",
        "more_languages": ["en"], "time_zone": "", "colour": "#0F6B4F", "code": "", "slug": "",
        "admin_name": "Anne Le Goff", "admin_email": "anne@phare.example", "admin_language": "fr",
        **changes,
    }  # fmt: skip


def unique(stage: Any, **changes: Any) -> dict[str, Any]:
    """Tests share one database: an address that nobody had."""
    number = stage.value("SELECT count(*) FROM users")
    return form(**{"admin_email": f"anne-{number}@phare.example", **changes})


@pytest.fixture
def admin(world: Any, sign_in_as: Any) -> Any:
    return sign_in_as(world.provider_admin)


def begun(stage: Any, page: Any) -> Any:
    assert page.status_code == 303, page.text
    slug = page.location.split("/companies/")[1].partition("?")[0]
    [row] = stage.rows("SELECT * FROM tenants WHERE slug = :slug", slug=slug)
    return row


def counts(stage: Any) -> list[int]:
    return [
        stage.value(f"SELECT count(*) FROM {table}")
        for table in ("tenants", "users", "members", "user_tokens", "outbox", "jobs",
                      "billing_accounts", "audit_events")
    ]  # fmt: skip


def test_a_company_is_ready_with_one_form(stage: Any, admin: Any) -> None:
    typed = unique(stage, registration_number="732 829 320", vat_id="fr 44 732829320")
    page = admin.post("/provider/new-company", data=typed)
    company = begun(stage, page)
    assert (company.name, company.legal_form, company.country) == (
        "Brasserie du Phare",
        "SAS",
        "FR",
    )
    assert (company.registration_number, company.vat_id) == ("732829320", "FR44732829320")
    assert (company.language, company.document_languages) == ("fr", ["fr", "en"])
    assert (company.time_zone, company.colour) == ("Europe/Paris", "#0f6b4f")
    assert company.wrapped_key
    [member] = stage.rows("SELECT * FROM members WHERE tenant_id = :id", id=company.id)
    assert (member.email, member.role, member.approver) == (
        typed["admin_email"], "client_admin", False,
    )  # fmt: skip
    assert stage.value(
        "SELECT count(*) FROM user_tokens WHERE user_id = :u AND purpose = 'invitation'",
        u=member.user_id,
    ) == 1  # fmt: skip
    effects = stage.rows("SELECT kind, verb FROM outbox WHERE tenant_id = :id", id=company.id)
    assert {tuple(row) for row in effects} == {
        ("mail", "account.invitation"), ("stripe", "create_customer"),
    }  # fmt: skip
    # Nobody's card, and no test card: its invoices are sent.
    assert stage.rows("SELECT FROM outbox WHERE tenant_id = :id AND verb = 'create_customer'"
                      " AND params -> 'card' = 'null'", id=company.id)  # fmt: skip
    assert stage.value(
        "SELECT billing_email FROM billing_accounts WHERE tenant_id = :id", id=company.id
    ) == typed["admin_email"]  # fmt: skip
    names = [row.name for row in stage.rows(
        "SELECT name FROM audit_events WHERE tenant_id = :id ORDER BY id", id=company.id
    )]  # fmt: skip
    assert names == ["tenants.tenant.created", "tenants.member.added", "tenants.invitation.sent",
                     "billing.subscription.requested"]  # fmt: skip
    shown = admin.get(page.location).text
    assert "Brasserie du Phare" in shown
    assert typed["admin_email"] in shown
    assert "732829320" in shown


def test_a_company_that_chooses_its_plan_waits_for_it(stage: Any, admin: Any) -> None:
    page = admin.post("/provider/new-company", data=unique(stage, subscription="chosen"))
    company = begun(stage, page)
    assert company.access_state == "pending"
    assert stage.rows("SELECT FROM billing_accounts WHERE tenant_id = :id", id=company.id) == []
    assert stage.rows("SELECT FROM outbox WHERE tenant_id = :id AND kind = 'stripe'",
                      id=company.id) == []  # fmt: skip


def test_a_failing_invitation_leaves_nothing(
    stage: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = unique(stage)
    before = counts(stage)

    def broken(**_: Any) -> None:
        raise Conflict("no mail today")

    monkeypatch.setattr("tenants.services.invitations.invite", broken)
    page = admin.post("/provider/new-company", data=typed)
    assert page.status_code == 409
    assert "no mail today" in page.text
    assert counts(stage) == before


def test_the_administrator_starts_with_the_mails_link(
    stage: Any, admin: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: list[str] = []
    from app.auth import mails

    def listening(company: str) -> Any:
        write = mails.invitation(company)

        def note(to: Any) -> Any:
            links.append(to.link)
            return write(to)

        return note

    monkeypatch.setattr("app.provider.views.companies.invitation", listening)
    company = begun(stage, admin.post("/provider/new-company", data=unique(stage)))
    browser, path = client(), links[0].removeprefix("http://localhost")
    page = browser.post(path, data={"password": "heron-lantern-quartz-41"})
    assert page.status_code == 303
    assert "/sign-in/enrol" in browser.get("/").location
    assert company.state == "active"


WRONG = [
    ({"registration_number": "732829321"}, "registration_number", "SIREN"),
    ({"registration_number": "73282932000074"}, "registration_number", "SIRET"),
    ({"vat_id": "FR00732829320"}, "vat_id", "VAT"),
    ({"vat_id": "DE136695976"}, "vat_id", "letters"),
    ({"registration_number": "732829320", "vat_id": "FR83404833048"}, "vat_id", "another"),
    ({"country": "DE", "registration_number": "HRB 1"}, "registration_number", "München"),
    ({"country": "DE", "vat_id": "DE136695977"}, "vat_id", "VAT"),
    ({"country": "US"}, "country", ""),
    ({"name": " "}, "name", ""),
    ({"colour": "#fffff0"}, "colour", "would do"),
    ({"colour": "red"}, "colour", "#1f6f54"),
    ({"code": "L3N"}, "code", "Three letters"),
    ({"slug": "Phare!"}, "slug", "Small letters"),
    ({"time_zone": "Europe/Atlantis"}, "time_zone", ""),
    ({"language": "it"}, "language", ""),
    ({"document_language": ""}, "document_language", ""),
    ({"admin_email": "nobody"}, "admin_email", ""),
    ({"more_languages": ["it"]}, "more_languages", ""),
]


@pytest.mark.parametrize(("changes", "field", "words"), WRONG)
def test_what_is_wrong_is_said_at_its_field(
    stage: Any, admin: Any, changes: dict[str, Any], field: str, words: str
) -> None:
    before = stage.value("SELECT count(*) FROM tenants")
    page = admin.post("/provider/new-company", data=unique(stage, **changes))
    assert page.status_code == 422
    said = page.text.partition(f'id="f-{field}-error"')[2].partition("</div></div>")[0]
    assert said
    assert words in said
    assert stage.value("SELECT count(*) FROM tenants") == before


def test_german_numbers_are_kept_in_their_usual_form(stage: Any, admin: Any) -> None:
    typed = unique(stage, country="DE", registration_number=" muenchen  HRB 12345",
                   vat_id="DE 136 695 976", language="de", document_language="de")  # fmt: skip
    page = admin.post("/provider/new-company", data=typed)
    if page.status_code == 422:
        typed["registration_number"] = "München HRB 12345"
        page = admin.post("/provider/new-company", data=typed)
    company = begun(stage, page)
    assert (company.registration_number, company.vat_id) == ("München HRB 12345", "DE136695976")
    assert company.time_zone == "Europe/Berlin"


def test_what_is_taken_is_said_at_its_field(stage: Any, world: Any, admin: Any) -> None:
    for field in ("code", "slug"):
        taken = {field: getattr(world.a, field)}
        page = admin.post("/provider/new-company", data=unique(stage, **taken))
        assert page.status_code == 409
        assert "Another company has" in page.text.partition(f'id="f-{field}-error"')[2][:400]


def test_what_we_propose_makes_way(stage: Any, admin: Any) -> None:
    made = [
        begun(stage, admin.post("/provider/new-company", data=unique(stage, name="Zwilling Zwo")))
        for _ in range(3)
    ]
    assert len({one.slug for one in made}) == len({one.code for one in made}) == 3


def test_the_proposal_keeps_what_was_typed(admin: Any) -> None:
    page = admin.get("/provider/new-company/proposal?name=Müller+%26+Söhne+GmbH&slug=mine")
    assert 'value="mine"' in page.text
    assert 'name="code"' in page.text
    assert admin.get("/provider/new-company/proposal?name=%00&code=%00").status_code == 200


def test_facts_change_with_what_stood_before(stage: Any, admin: Any) -> None:
    company = begun(stage, admin.post("/provider/new-company", data=unique(stage)))
    url = f"/provider/companies/{company.slug}"
    seen = seen_in(admin.get(f"{url}/facts").text)
    changed = form(name="Brasserie du Grand Phare", document_language="de", seen=seen)
    assert admin.post(f"{url}/facts", data=changed).status_code == 303
    [row] = stage.rows("SELECT * FROM tenants WHERE id = :id", id=company.id)
    assert (row.name, row.document_languages) == ("Brasserie du Grand Phare", ["de", "en"])
    assert (row.code, row.slug, row.country) == (company.code, company.slug, "FR")
    facts = json.loads(stage.value(
        "SELECT facts FROM audit_events WHERE tenant_id = :id AND name = 'tenants.tenant.changed'",
        id=company.id,
    ))  # fmt: skip
    assert facts["changed"]["name"] == ["Brasserie du Phare", "Brasserie du Grand Phare"]
    assert set(facts["changed"]) == {"name", "document_languages"}
    # A form made before that change doesn't overwrite it.
    assert admin.post(f"{url}/facts", data=form(seen=seen)).status_code == 409
    assert "Brasserie du Grand Phare" in admin.get(url).text


def seen_in(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_the_invitation_is_sent_again(stage: Any, admin: Any, world: Any) -> None:
    company = begun(stage, admin.post("/provider/new-company", data=unique(stage)))
    member_id = stage.value("SELECT id FROM members WHERE tenant_id = :id", id=company.id)
    url = f"/provider/companies/{company.slug}/administrators"
    assert admin.post(f"{url}/{member_id}/invite").status_code == 303
    assert stage.value(
        "SELECT count(*) FROM outbox WHERE tenant_id = :id AND kind = 'mail'", id=company.id
    ) == 2  # fmt: skip
    foreign: Person = world.a.admin
    assert admin.post(f"{url}/{foreign.member_id}/invite").status_code == 404
    plain = url.replace(company.slug, world.a.slug)
    assert admin.post(f"{plain}/{world.a.user.member_id}/invite").status_code == 404


def test_the_list_finds_companies(world: Any, admin: Any) -> None:
    page = admin.get("/provider/companies", query_string={"q": world.a.slug})
    assert page.status_code == 200
    assert world.a.name in page.text
    assert world.b.name not in page.text
    for odd in ("%", "_", "/", "'", "²", "\0"):
        assert admin.get("/provider/companies", query_string={"q": odd}).status_code == 200
    assert admin.get("/provider/companies?cursor=nonsense").status_code == 422
    assert admin.get("/provider/companies?state=nonsense").status_code == 200


def test_administrators_of_the_provider_have_their_own_home(world: Any, sign_in_as: Any) -> None:
    home = sign_in_as(world.provider_admin).get("/")
    assert home.location == "/provider/companies"
    for person in (world.operator_a, world.supervisor):
        browser = sign_in_as(person)
        assert browser.get("/").location == "/desk"
        assert "/provider/" not in browser.get("/desk").text


def test_a_page_link_that_nobody_made_is_refused(admin: Any) -> None:
    made: list[Any] = [["\ud800", str(PROVIDER_TENANT)], ["\0", str(PROVIDER_TENANT)], ["a"], {}]
    for keys in made:
        cursor = base64.urlsafe_b64encode(json.dumps(keys).encode()).decode()
        page = admin.get("/provider/companies", query_string={"cursor": cursor})
        assert page.status_code in (400, 422)


def test_a_lost_second_factor_of_a_clients_person_is_reset(
    stage: Any, world: Any, admin: Any, sign_in_as: Any
) -> None:
    """Of somebody whose own administrator can't: they work for another client too."""
    a, person = world.a, world.a.approver
    stage.run("INSERT INTO members (tenant_id, user_id, display_name, email, role, lines)"
              " VALUES (:t, :u, 'x', 'x', 'client_user', '{finance}')",
              t=world.b.id, u=person.id)  # fmt: skip
    theirs = sign_in_as(person)
    url = f"/provider/companies/{a.slug}/people/{person.member_id}/second-factor"
    assert url in admin.get(f"/provider/companies/{a.slug}").text
    assert person.name in admin.get(url).text
    has = "SELECT totp_confirmed_at IS NOT NULL FROM users WHERE id = :u"
    for code in ("", "000000"):
        assert admin.post(url, data={"code": code}).status_code == 422
    assert stage.value(has, u=person.id)
    assert stage.value(
        "SELECT count(*) FROM audit_events WHERE object_id = :u"
        " AND name = 'account.second_factor.refused'", u=world.provider_admin.id,
    ) == 1  # fmt: skip
    assert theirs.get("/account").status_code == 200
    page = admin.post(url, data={"code": world.provider_admin.code()})
    assert page.status_code == 303
    assert not stage.value(has, u=person.id)
    assert theirs.get("/account").status_code == 303
    shown = admin.get(page.location).text
    assert "reset a second factor" in shown
    assert url not in shown
    run_jobs(stage, a.id, name="notifications.tell")
    assert stage.value(
        "SELECT count(*) FROM outbox WHERE verb = 'notice.account.second_factor_reset'"
        " AND tenant_id = :t", t=a.id,
    ) == 1  # fmt: skip
    assert stage.rows(
        "SELECT FROM audit_events WHERE tenant_id = :t AND actor_id = :a AND object_id = :u"
        " AND name = 'tenants.second_factor.reset'",
        t=a.id, a=world.provider_admin.id, u=person.id,
    )  # fmt: skip


def test_of_another_client_nobodys_factor_is_reset(stage: Any, world: Any, admin: Any) -> None:
    url = f"/provider/companies/{world.b.slug}/people/{world.a.approver.member_id}/second-factor"
    assert admin.get(url).status_code == 404
    assert admin.post(url, data={"code": world.provider_admin.code()}).status_code == 404
    assert stage.value("SELECT totp_confirmed_at IS NOT NULL FROM users WHERE id = :u",
                       u=world.a.approver.id)  # fmt: skip
