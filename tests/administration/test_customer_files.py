"""A request opens a file of a customer: from what the client wrote to the sealed sheet."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
import pytest

from app.administration.customer_files.prefilling import prefilled
from app.directory import queries, uses
from app.directory.services.accounts import add_account
from billing.sources import find_sources
from tests.administration.test_letters import file_of
from tests.documents.words import words_of
from tests.factories import acting
from tests.factories.directory import make_party, siren_of, vat_of
from tests.factories.lifecycle import make_request
from tests.factories.people import make_grant, now

ASKED = {
    "title": "Moulin du Lac SAS", "role": "customer", "kind": "company",
    "registration": siren_of(7), "vat": vat_of(7), "street": "12 rue du Lac", "postcode": "74000",
    "city": "Annecy", "country": "fr", "delivery": "Dépôt Nord\n4 rue Neuve\n69003 Lyon",
    "contact_name": "Anne Roux", "contact_email": "anne@moulin.example",
    "accounts_name": "Bob Petit", "accounts_email": "bob@moulin.example",
    "e_invoice": siren_of(7), "payment_days": "30", "payment_text": "30 jours nets",
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        ({"registration": "732 829 320", "country": "fr"}, {"siren": "732829320"}),
        ({"registration": "73282932000074", "country": "fr"}, {"siret": "73282932000074"}),
        ({"registration": "München HRB 1", "country": "de"}, {"register": "München HRB 1"}),
        ({"registration": "732829320", "country": "de"}, {"register": "732829320"}),
        ({"e_invoice": "a@b.example"}, {"endpoint_scheme": "EM", "endpoint_value": "a@b.example"}),
        ({"e_invoice": "0204:991-1"}, {"endpoint_scheme": "0204", "endpoint_value": "991-1"}),
        ({"e_invoice": "ask them"}, {"endpoint_value": "ask them"}),
        ({"delivery": "somewhere"}, {}),
        ({"delivery": "D-80331 München"}, {"delivery_postcode": "80331",
                                           "delivery_city": "München"}),
        ({"payment_days": "soon"}, {"payment_days": None}),
        ({"payment_days": 45, "end_of_month": True}, {"payment_days": 45, "end_of_month": True}),
        ({"country": "other", "role": "both"}, {"billing_country": "", "supplier": True}),
    ],
)  # fmt: skip
def test_what_the_client_wrote_is_filled_in(
    written: dict[str, Any], fields: dict[str, Any]
) -> None:
    found = prefilled(written)
    assert {name: found.get(name) for name in fields} == fields
    if written == {"delivery": "somewhere"}:
        assert "delivery_city" not in found


class Case:
    def __init__(self, stage: Any, world: Any, sign_in_as: Any) -> None:
        self.stage, self.world = stage, world
        self.browser = sign_in_as(world.operator_a)
        self.made = make_request(
            stage, world.a, state="in_progress", item="customer_file", title=ASKED["title"],
            operator=world.operator_a, values=ASKED,
        )  # fmt: skip
        self.url = f"{self.made.url}/customer-file"

    def form(self, **more: str) -> dict[str, str]:
        """What a browser would send."""
        tree: Any = lxml.html.document_fromstring(self.browser.get(self.url).text)
        found = dict(tree.get_element_by_id("party-form").form_values())
        return {**found, "client": self.world.a.slug, **more}

    def post(self, what: str = "", **data: Any) -> Any:
        return self.browser.post(self.url + what, data={"client": self.world.a.slug} | data)

    def rows(self, statement: str) -> list[Any]:
        return list(self.stage.rows(statement, r=self.made.id))

    @property
    def party(self) -> Any:
        with acting(self.stage, self.world.a.user.scope()):
            [row] = queries.list_by_names(["moulin du lac"])
            return row.id


@pytest.fixture
def case(stage: Any, world: Any, sign_in_as: Any) -> Case:
    return Case(stage, world, sign_in_as)


def test_from_the_request_to_the_sheet(case: Case) -> None:
    assert "Open the file" in case.browser.get(case.made.url).text
    page = case.browser.get(case.url).text
    assert "Nobody in the directory has its name" in page
    assert page.count("Sound") >= 3
    answer = case.browser.post(case.url, data=case.form())
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-2000:]
    party_id = case.party
    with acting(case.stage, case.world.a.user.scope()):
        assert {one.name for one in queries.load_parts([party_id])[party_id].contacts} == {
            "Anne Roux", "Bob Petit",
        }  # fmt: skip
        assert set(uses.used([party_id])) == {party_id}
    assert case.browser.post(case.url, data={"client": case.world.a.slug}).status_code in (409, 422)
    assert case.post("/finish").status_code == 303
    [made] = case.rows(
        "SELECT f.sha256, d.kind FROM deliverables d JOIN files f ON f.id = d.file_id"
        " WHERE d.request_id = :r"
    )
    [version] = case.rows(
        "SELECT v.sha256, d.about_type, d.about_id FROM document_versions v"
        " JOIN documents d ON d.id = v.document_id WHERE d.request_id = :r"
    )
    assert (made.kind, made.sha256) == ("customer_file", version.sha256)
    assert (version.about_type, version.about_id) == ("party", party_id)
    said = " ".join(words_of(file_of(case.stage, case.made, made.sha256)).split())
    for words in (siren_of(7), vat_of(7), "Dépôt Nord", "Bob Petit", "Anne Roux", "Annecy"):
        assert words in said, said
    # A change of the entry asks for a new sheet, which takes the place of the one before.
    here = case.world.a.url("directory/1/contacts/new")
    shown = re.search(r'name="version" value="(\d+)"', case.browser.get(here).text)
    assert shown
    case.browser.post(
        here, data={"client": case.world.a.slug, "version": shown[1], "name": "Zoé Blanc"}
    )
    assert "changed since its sheet" in case.browser.get(case.url).text
    assert case.post("/finish").status_code == 303
    assert len(case.rows(
        "SELECT 1 FROM document_versions v JOIN documents d ON d.id = v.document_id"
        " WHERE d.request_id = :r"
    )) == 2  # fmt: skip
    with acting(case.stage, case.world.operator_a.scope(case.world.a)):
        source = find_sources([("request", case.made.id)])[case.made.id]
    assert source.title == "Moulin du Lac SAS"


def test_whom_the_directory_has_is_offered_and_taken(case: Case) -> None:
    make_party(case.stage, case.world.a, name="Moulin du Lac", siren=siren_of(7))
    form = case.form()
    assert "Take this one" in case.browser.get(case.url).text
    assert case.browser.post(case.url, data=form).status_code == 409
    assert case.post("/take", party="999").status_code == 404
    assert case.post("/take", party="x").status_code == 422
    assert case.post("/take", party="1").status_code == 303
    assert "Was there already" in case.browser.get(case.url).text
    assert case.browser.post(case.url, data=form).status_code == 409
    assert len(case.rows("SELECT 1 FROM customer_files WHERE request_id = :r")) == 1


def test_what_is_wrong_is_said_and_nothing_is_kept(case: Case) -> None:
    for wrong, words in (
        ({"siren": "123456789"}, "nine digits"),
        ({"second_email": "bob@"}, "not an e-mail address"),
        ({"billing_city": ""}, "at least town"),
    ):
        answer = case.browser.post(case.url, data=case.form(**wrong))
        assert (answer.status_code, words in answer.text) == (422, True), wrong
    assert not case.rows("SELECT 1 FROM customer_files WHERE request_id = :r")
    assert case.post("/finish").status_code == 404
    with acting(case.stage, case.world.a.user.scope()):
        assert not queries.list_parties().items
    answer = case.browser.post(case.url, data=case.form(name="株式会社"))
    assert answer.status_code == 303
    answer = case.post("/finish")
    assert (answer.status_code, "none of our fonts" in answer.text) == (422, True)


def test_a_number_without_check_digits_is_not_called_sound(case: Case) -> None:
    data = case.form(siren="", siret="", vat="", register="RCS Annecy B 1", billing_city="")
    page = case.browser.post(case.url, data=data | {"endpoint_scheme": "", "endpoint_value": ""})
    assert page.status_code == 422
    assert "Not checked" in page.text
    assert "Sound" not in page.text


def test_it_is_the_operators_alone(case: Case, sign_in_as: Any) -> None:
    world = case.world
    for person, status in ((world.a.admin, 403), (world.operator_b, 404), (world.b.user, 404)):
        browser = sign_in_as(person)
        assert browser.get(case.url).status_code == status
        assert browser.post(f"{case.url}/finish", data={}).status_code == status
    assert "Open the file" not in sign_in_as(world.a.user).get(case.made.url).text
    stage = case.stage
    make_grant(stage, world.a, world.operator_b, lines=("hr",))
    other = make_request(stage, world.a, item="hr_question", title="Leave of Anne")
    browser = sign_in_as(world.operator_b)
    here = f"/c/{world.a.slug}/requests/{other.number}/customer-file"
    assert browser.get(here).status_code == 404
    taking = {"client": world.a.slug, "party": "1"}
    assert browser.post(f"{here}/take", data=taking).status_code == 404
    assert browser.post(f"{here}/finish", data={"client": world.a.slug}).status_code == 404
    elsewhere = case.browser.post(case.url, data=case.form(client=world.b.slug))
    assert elsewhere.status_code == 409


def _versions(case: Case) -> int:
    return len(case.rows(
        "SELECT 1 FROM document_versions v JOIN documents d ON d.id = v.document_id"
        " WHERE d.request_id = :r"
    ))  # fmt: skip


def test_who_clicks_twice_replaces_nothing(case: Case) -> None:
    case.browser.post(case.url, data=case.form())
    shown = re.search(r'/finish">.*?name="version" value="(\d+)"', case.browser.get(case.url).text)
    assert shown
    stale = case.post("/finish", version=str(int(shown[1]) - 1))
    assert (stale.status_code, "changed since you opened it" in stale.text) == (409, True)
    for _ in range(2):
        assert case.post("/finish", version=shown[1]).status_code == 303
    assert _versions(case) == 1
    assert len(case.rows("SELECT 1 FROM deliverables WHERE request_id = :r")) == 1
    # What an account is used for doesn't count as a version of the entry.
    case.stage.run(
        "INSERT INTO audit_events (tenant_id, id, at, actor_name, actor_side, name, object_type,"
        " object_id, facts) SELECT tenant_id, uuidv7(), now() + interval '1 second', '', 'client',"
        " 'directory.account.retired', 'party', :p, '{}' FROM customer_files WHERE request_id = :r",
        p=case.party, r=case.made.id,
    )  # fmt: skip
    assert case.post("/finish", version=shown[1]).status_code == 303
    assert _versions(case) == 2


def test_the_sheet_says_what_is_not_released_and_when_it_is_due(case: Case) -> None:
    answer = case.browser.post(case.url, data=case.form(end_of_month="true"))
    assert answer.status_code == 303
    case.stage.run("UPDATE parties SET end_of_month = true WHERE id = :p", p=case.party)
    with acting(case.stage, case.world.a.user.scope()):
        add_account(
            party=queries.get_party(party_id=case.party), iban="FR7630006000011234567890189",
            source="a letter", actor=case.world.a.user.actor(), now=now(),
        )  # fmt: skip
    assert case.post("/finish").status_code == 303
    [made] = case.rows("SELECT sha256 FROM deliverables WHERE request_id = :r")
    said = " ".join(words_of(file_of(case.stage, case.made, made.sha256)).split())
    assert "not released yet" in said
    assert "30, due at the end of the month" in said
