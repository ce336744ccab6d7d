"""Several addresses, contacts and e-invoice addresses of one entry."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest

from app.directory import queries, showing
from app.directory.data import PartyData
from app.directory.services import parties, parts
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tests.factories import acting
from tests.factories.directory import make_party, siren_of
from tests.factories.people import now

PLACE = {"kind": "delivery", "name": "Depot", "street": "rue Neuve", "house_number": "4",
         "postcode": "69003", "city": "Lyon", "country": "FR"}  # fmt: skip
EMAIL = {"scheme": "EM", "value": "invoices@mill.example"}


@pytest.fixture
def entry(stage: Any, world: Any) -> Any:
    return Entry(stage, world.a, siren=siren_of(7), billing_city="Annecy", contact_name="Anne",
                 endpoint_scheme="0225", endpoint_value=siren_of(7))  # fmt: skip


class Entry:
    def __init__(self, stage: Any, company: Any, **values: Any) -> None:
        self.stage, self.company = stage, company
        self.party = make_party(stage, company, **values)

    def do(self, verb: str, kind: str, **more: Any) -> Any:
        person = self.company.user
        with acting(self.stage, person.scope(self.company)):
            return getattr(parts, verb)(
                party=self.party, kind=kind, actor=person.actor(self.company), now=now(),
                **{"expected_version": None} | more,
            )  # fmt: skip

    def add(self, kind: str, values: dict[str, Any], **more: Any) -> Any:
        return self.do("add_part", kind, values=values, **more)

    @property
    def parts(self) -> queries.Parts:
        with acting(self.stage, self.company.user.scope()):
            found = queries.load_parts([self.party.id])[self.party.id]
            db.session.expunge_all()
            return found

    def update(self, **values: Any) -> None:
        company = self.company
        with acting(self.stage, company.user.scope(company)):
            parties.update_party(
                party=self.party, data=PartyData(name="Mill", siren=siren_of(7), **values),
                expected_version=None, actor=company.user.actor(company), now=now(),
            )  # fmt: skip

    def card(self, on: date | None = None) -> Any:
        with acting(self.stage, self.company.user.scope()):
            return showing.get_card(party_id=self.party.id, on=on)


def test_the_first_of_a_kind_is_taken_by_default_until_another_is_chosen(entry: Entry) -> None:
    first = entry.add("addresses", PLACE)
    second = entry.add("addresses", PLACE | {"city": "Paris", "postcode": "75004"})
    assert entry.card().delivery.city == "Lyon"
    assert [one.city for one in entry.card().deliveries] == ["Lyon", "Paris"]
    entry.do("make_main", "addresses", part_id=second)
    assert entry.card().delivery.city == "Paris"
    assert entry.card().billing.city == "Annecy"
    entry.do("remove_part", "addresses", part_id=second)
    assert entry.card().delivery.city == "Lyon"
    entry.do("remove_part", "addresses", part_id=first)
    assert entry.card().delivery is None
    bob = entry.add("contacts", {"name": "Bob", "email": "bob@mill.example"}, main=True)
    assert entry.card().contact == "Bob"
    entry.do("change_part", "contacts", part_id=bob, values={"name": "Bob Roux"})
    assert [one.name for one in entry.card().contacts] == ["Bob Roux", "Anne"]


def test_an_e_invoice_address_holds_in_its_days(entry: Entry) -> None:
    today = now().date()
    old = entry.parts.endpoints[0]
    own = {"scheme": "0225", "value": siren_of(7)}
    entry.do("change_part", "endpoints", part_id=old.id,
             values=own | {"valid_from": None, "valid_until": today})  # fmt: skip
    entry.add("endpoints", EMAIL | {"valid_from": today + timedelta(1), "valid_until": None})
    assert entry.card(on=today).endpoint_scheme == "0225"
    assert entry.card(on=today + timedelta(1)).endpoint_scheme == "EM"
    with pytest.raises(Invalid) as refused:
        entry.add("endpoints", {"scheme": "EM", "value": "x@y.example", "valid_from": today,
                                "valid_until": today - timedelta(1)})  # fmt: skip
    assert set(refused.value.field_errors) == {"valid_until"}


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("addresses", PLACE | {"city": ""}, "city"),
        ("addresses", PLACE | {"postcode": "7500"}, "postcode"),
        ("addresses", PLACE | {"country": "XX"}, "country"),
        ("addresses", PLACE | {"kind": "office"}, "kind"),
        ("addresses", PLACE | {"street": "x" * 121}, "street"),
        ("contacts", {"name": "", "job": ""}, "name"),
        ("contacts", {"name": "Bob", "email": "bob"}, "email"),
        ("contacts", {"name": "Anne"}, "name"),
        ("endpoints", {"scheme": "0225", "value": siren_of(8)}, "value"),
        ("endpoints", {"scheme": "", "value": ""}, "scheme"),
        ("endpoints", {"scheme": "ZZZ", "value": "1"}, "scheme"),
        ("endpoints", {"scheme": "0225", "value": siren_of(7)}, "value"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    entry: Entry, kind: str, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        entry.add(kind, values)
    assert field in refused.value.field_errors


def test_who_saw_an_older_state_is_refused_and_others_find_nothing(
    entry: Entry, stage: Any, world: Any
) -> None:
    made = entry.add("contacts", {"name": "Bob"}, expected_version=1)
    with pytest.raises(Conflict):
        entry.do("remove_part", "contacts", part_id=made, expected_version=1)
    with pytest.raises(NotFound):
        entry.do("remove_part", "endpoints", part_id=made)
    with pytest.raises(NotFound):
        entry.do("make_main", "numbers", part_id=made)
    for n in range(parts.MOST - 2):
        entry.add("contacts", {"name": f"Person {n}"})
    with pytest.raises(parts.TooMany):
        entry.add("contacts", {"name": "One more"})


def test_the_main_ones_change_with_the_entry_and_further_ones_stay(entry: Entry) -> None:
    entry.add("endpoints", EMAIL)
    entry.add("contacts", {"name": "Bob"})
    entry.update(endpoint_scheme="EM", endpoint_value=EMAIL["value"])
    assert [(one.scheme, one.main) for one in entry.parts.endpoints] == [
        ("EM", True), ("0225", False),
    ]  # fmt: skip
    assert [(one.name, one.main) for one in entry.parts.contacts] == [("Bob", True)]


def test_another_main_e_invoice_address_has_no_days_of_the_one_before(entry: Entry) -> None:
    today = now().date()
    over = {"valid_from": today - timedelta(90), "valid_until": today - timedelta(1)}
    own = {"scheme": "0225", "value": siren_of(7)}
    entry.do("change_part", "endpoints", part_id=entry.parts.endpoints[0].id, values=own | over)
    entry.add("endpoints", EMAIL | over)
    assert entry.card(on=today).endpoint_value == ""
    entry.update(endpoint_scheme="0225", endpoint_value=siren_of(7), reference="K1")
    assert entry.parts.endpoints[0].valid_until == over["valid_until"]
    entry.update(endpoint_scheme="0225", endpoint_value=f"{siren_of(7)}_NEW")
    assert entry.card(on=today).endpoint_value == f"{siren_of(7)}_NEW"
    entry.update(endpoint_scheme="EM", endpoint_value=EMAIL["value"])
    assert entry.card(on=today).endpoint_value == EMAIL["value"]
    main = entry.parts.endpoints[0]
    assert (main.valid_from, main.valid_until) == (over["valid_from"], None)


def test_an_e_invoice_address_may_hold_again_on_other_days(entry: Entry) -> None:
    days = [
        (None, date(2026, 3, 31)),
        (date(2026, 9, 1), date(2026, 9, 30)),
        (date(2027, 1, 1), None),
    ]
    for first, last in days:
        entry.add("endpoints", EMAIL | {"valid_from": first, "valid_until": last})
    own = entry.parts.endpoints[0].id
    entry.do("change_part", "endpoints", part_id=own, values={
        "scheme": "0225", "value": siren_of(7), "valid_until": date(2025, 1, 1)})  # fmt: skip
    for day, held in (
        (date(2026, 3, 31), True), (date(2026, 4, 1), False), (date(2026, 9, 30), True),
        (date(2026, 12, 31), False), (date(2030, 1, 1), True),
    ):  # fmt: skip
        assert (entry.card(on=day).endpoint_value == EMAIL["value"]) is held, day
    for first, last in (
        (None, None), (date(2026, 3, 31), date(2026, 4, 1)), (date(2026, 9, 2), date(2026, 9, 3)),
        (date(2026, 12, 1), date(2027, 1, 1)), (date(2028, 1, 1), None), (None, date(2020, 1, 1)),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            entry.add("endpoints", EMAIL | {"valid_from": first, "valid_until": last})
        assert set(refused.value.field_errors) == {"value"}
    entry.update(endpoint_scheme="EM", endpoint_value=EMAIL["value"])
    main = entry.parts.endpoints[0]
    assert (main.main, main.valid_from) == (True, date(2027, 1, 1))


def test_a_further_address_that_becomes_the_main_one_keeps_days_to_come(entry: Entry) -> None:
    today = now().date()
    entry.add("endpoints", EMAIL | {"valid_from": today + timedelta(1)})
    entry.update(endpoint_scheme="EM", endpoint_value=EMAIL["value"])
    assert entry.card(on=today).endpoint_value == siren_of(7)
    assert entry.card(on=today + timedelta(1)).endpoint_value == EMAIL["value"]


def test_all_of_them_go_into_a_file(stage: Any, world: Any, sign_in_as: Any) -> None:
    party = Entry(stage, world.a, name="Mill", contact_name="Anne", reference="K1")
    party.add("contacts", {"name": "=Bob", "email": "bob@mill.example"})
    party.add("addresses", PLACE)
    party.add("endpoints", EMAIL | {"valid_until": date(2027, 1, 31)})
    browser = sign_in_as(world.a.user)
    here = world.a.url("directory/export?")
    table = browser.get(f"{here}of=contacts").get_data(as_text=True).splitlines()
    assert table[1:] == ["1;K1;Mill;yes;Anne;;;", "1;K1;Mill;;'=Bob;;bob@mill.example;"]
    assert "2027-01-31" in browser.get(f"{here}of=endpoints").get_data(as_text=True)
    assert "Delivery address;Depot;rue Neuve" in browser.get(f"{here}of=addresses").text
    assert browser.get(f"{here}of=numbers").status_code == 404
    book = browser.get(f"{here}kind=xlsx").data
    with zipfile.ZipFile(io.BytesIO(book)) as found:
        assert sum(name.startswith("xl/worksheets/sheet") for name in found.namelist()) == 4


def _version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_the_pages(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_party(stage, world.a, name=world.a.text("Mill"), contact_name="Anne")
    browser, here = sign_in_as(world.operator_a), world.a.url("directory/1")
    page = browser.get(f"{here}/contacts/new").text
    sent = {"client": world.a.slug, "version": _version(page), "name": "Bob", "main": "1"}
    wrong = browser.post(f"{here}/contacts/new", data=sent | {"email": "bob"})
    assert (wrong.status_code, "not an e-mail" in wrong.text) == (422, True)
    assert browser.post(f"{here}/contacts/new", data=sent).status_code == 303
    assert browser.post(f"{here}/contacts/new", data=sent).status_code == 409
    page = browser.get(here).text
    anne = re.search(r"/contacts/([0-9a-f-]{36})/main", page)
    assert anne
    edit = f"{here}/contacts/{anne[1]}"
    assert "Anne" in browser.get(edit).text
    done = {"client": world.a.slug, "version": _version(browser.get(edit).text)}
    assert browser.post(edit, data=done | {"name": "Anne Roux"}).status_code == 303
    done["version"] = _version(browser.get(edit).text)
    assert browser.post(f"{edit}/main", data=done).status_code == 303
    done["version"] = _version(browser.get(edit).text)
    elsewhere = browser.post(f"{edit}/remove", data=done | {"client": world.b.slug})
    assert elsewhere.status_code == 409
    assert browser.post(f"{edit}/remove", data=done).status_code == 303
    assert "Anne Roux" not in browser.get(here).text
    assert browser.get(f"{here}/numbers/new").status_code == 404
    assert browser.get(edit).status_code == 404
