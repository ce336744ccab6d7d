"""Whom a company sells to and buys from: numbers that are sound, nobody twice."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.directory import queries, showing
from app.directory.conflicts import AlreadyThere, LooksAlike
from app.directory.data import PartyData
from app.directory.services import accounts, parties
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import acting, make_member
from tests.factories.directory import FRENCH, GERMAN, make_party, siren_of, siret_of, vat_of
from tests.factories.people import now

WHOLE = PartyData(
    name="Moulin du Lac", customer=True, supplier=True, kind="company", reference="C-17",
    siren=siren_of(77), siret=siret_of(77), vat=vat_of(77), billing_street="rue du Lac",
    billing_house_number="12 bis", billing_postcode="74000", billing_city="Annecy",
    endpoint_scheme="0225", endpoint_value=siren_of(77), contact_name="Anne Roux",
    contact_email="anne@moulin.example", payment_days=45, end_of_month=True, iban=FRENCH,
    holder="Moulin du Lac SAS",
)  # fmt: skip


@contextmanager
def as_user(stage: Any, company: Any, person: Any = None) -> Any:
    who = person or company.user
    with acting(stage, who.scope(company)):
        yield {"actor": who.actor(company), "now": now()}


def test_what_is_kept_is_what_an_invoice_gets(stage: Any, world: Any) -> None:
    with as_user(stage, world.a) as who:
        made_id = parties.create_party(data=WHOLE, **who).id
        card = showing.get_card(party_id=made_id, with_account=True)
    assert (card.number, card.customer, card.supplier) == (1, True, True)
    assert (card.siren, card.siret, card.vat) == (siren_of(77), siret_of(77), vat_of(77))
    assert card.billing is not None
    assert (card.billing.lines, card.country) == (("12 bis rue du Lac",), "FR")
    assert (card.payment_days, card.end_of_month, card.currency) == (45, True, "EUR")
    assert (card.contact, card.endpoint_scheme, card.endpoint_value) == (
        "Anne Roux",
        "0225",
        siren_of(77),
    )
    assert (card.iban, card.holder) == (FRENCH, "Moulin du Lac SAS")
    assert FRENCH not in str(stage.rows("SELECT * FROM party_accounts"))
    with as_user(stage, world.a):
        row = queries.get_party(party_id=made_id)
        again = showing.data_of(row, queries.load_parts([row.id])[row.id])
        assert queries.list_parties(search="moulin", role="supplier").items[0].id == made_id
        assert queries.list_parties(search=siren_of(77)[:6]).items[0].id == made_id
        assert not queries.list_parties(search="nobody").items
    assert again == replace(
        WHOLE, iban="", holder="", currency="EUR", language=again.language, billing_country="FR"
    )
    with as_user(stage, world.b), pytest.raises(NotFound):
        queries.get_party(party_id=made_id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("name", "x" * 10_000), ("siren", "123456789"), ("siren", siret_of(5)),
        ("siren", "\u0661\u0662\u0663456782"), ("siret", siret_of(5)[:-1] + "x"),
        ("siret", siret_of(6)), ("vat", vat_of(6)), ("vat", "136695976"), ("vat", "DE136695975"),
        ("leitweg", "04011000-1234512345-07"), ("gln", "4006381333932"), ("register", "HRB 1"),
        ("endpoint_value", siren_of(6)), ("endpoint_value", "💥"), ("endpoint_scheme", "9999"),
        ("billing_city", ""), ("billing_postcode", "7400"), ("billing_country", "XX"),
        ("iban", FRENCH[:-1] + "8"), ("bic", "DEUTDEFF"), ("contact_email", "anne at home"),
        ("payment_days", 366), ("currency", "EURO"), ("customer", False), ("kind", "robot"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(stage: Any, world: Any, field: str, value: Any) -> None:
    given = replace(WHOLE, siren=siren_of(5), siret=siret_of(5), vat=vat_of(5), supplier=False,
                    endpoint_value=siren_of(5), billing_country="FR")  # fmt: skip
    with as_user(stage, world.a) as who, pytest.raises(Invalid) as refused:
        parties.create_party(data=given.changed({field: value}), **who)
    assert field in refused.value.field_errors
    assert not stage.rows("SELECT FROM parties WHERE tenant_id = :t", t=world.a.id)


def test_direction_marks_and_control_characters_go_other_letters_stay(
    stage: Any, world: Any
) -> None:
    made = make_party(stage, world.a, name="\u202eBäckerei\x00 שלום 🥖\u2066", note="a\r\nb\u202e")
    assert (made.name, made.note) == ("Bäckerei שלום 🥖", "a\nb")


def test_nobody_stands_there_twice(stage: Any, world: Any) -> None:
    first = make_party(stage, world.a, name="Moulin SAS", siren=siren_of(1), reference="K1",
                       billing_city="Annecy", billing_postcode="74000")  # fmt: skip
    with as_user(stage, world.a) as who:
        with pytest.raises(AlreadyThere) as taken:
            parties.create_party(
                data=PartyData(name="Else", vat=vat_of(1), siren=siren_of(1)), **who
            )
        assert (taken.value.others[0].id, list(taken.value.field_errors)) == (first.id, ["siren"])
        with pytest.raises(AlreadyThere):
            parties.create_party(data=PartyData(name="Else", reference="K1"), **who)
        alike = PartyData(name="MOULIN", billing_city="Annecy", billing_postcode="74000")
        with pytest.raises(LooksAlike):
            parties.create_party(data=alike, **who)
        assert parties.find_or_create(data=alike, **who) == (
            queries.get_party(party_id=first.id), False)  # fmt: skip
        found, new = parties.find_or_create(data=replace(alike, siren=siren_of(2)), **who)
        assert (new, found.number) == (True, 2)
        assert parties.create_party(data=alike, anyway=True, **who).number == 3
    assert make_party(stage, world.b, siren=siren_of(1)).number == 1


def test_sites_of_one_company_share_its_numbers_but_no_siret(stage: Any, world: Any) -> None:
    for site in (1, 2):
        make_party(stage, world.a, siret=siret_of(9, site), vat=vat_of(9))
    with as_user(stage, world.a) as who:
        for siret in (siret_of(9, 2), ""):
            with pytest.raises(AlreadyThere):
                parties.create_party(
                    data=PartyData(name="Third", siren=siren_of(9), siret=siret), **who
                )


def test_a_change_meets_the_version_that_was_read(stage: Any, world: Any) -> None:
    made = make_party(stage, world.a, siren=siren_of(1), billing_city="Lyon")
    data = PartyData(name="New name", siren=siren_of(2), supplier=True)
    with as_user(stage, world.a) as who:
        changed = parties.update_party(party=made, data=data, expected_version=1, **who)
        assert {"name", "siren", "supplier", "billing_city"} <= set(changed)
        assert parties.update_party(party=made, data=data, expected_version=2, **who) == []
        with pytest.raises(Conflict):
            parties.update_party(party=made, data=data, expected_version=1, **who)
        parties.archive_party(party=made, **who)
        assert not queries.list_parties().items
        assert queries.list_parties(state="archived").items
        parties.restore_party(party=made, **who)
        assert queries.list_parties().items


def test_another_account_waits_for_a_second_person(stage: Any, world: Any) -> None:
    made = make_party(stage, world.a, iban=FRENCH)
    other = make_member(stage, world.a, role="client_admin", key="second", lines=("finance",))
    with as_user(stage, world.a, world.a.admin) as who:
        with pytest.raises(Invalid):
            accounts.add_account(party=made, iban=FRENCH, source="letter", **who)
        new = accounts.add_account(party=made, iban=GERMAN, source="Mail of today", **who)
        db.session.refresh(new)
        db.session.expunge(new)
        assert showing.get_card(party_id=made.id, with_account=True).iban == FRENCH
        call: dict[str, Any] = {"called_number": "+33 4 50 00 00 00", "called_person": "Anne"}
        with pytest.raises(Forbidden):
            accounts.release_account(party=made, account=new, **call, **who)
    with as_user(stage, world.a, world.a.user) as who, pytest.raises(Forbidden):
        accounts.release_account(party=made, account=new, **call, **who)
    with as_user(stage, world.a, other) as who:
        with pytest.raises(Invalid):
            accounts.release_account(
                party=made, account=new, called_number="", called_person="", **who
            )
        accounts.release_account(party=made, account=new, **call, **who)
        card = showing.get_card(party_id=made.id, with_account=True)
        with pytest.raises(Conflict):
            accounts.refuse_account(party=made, account=new, note="late", **who)
    assert card.iban == GERMAN
    assert [row.state for row in stage.rows("SELECT state FROM party_accounts WHERE tenant_id = :t ORDER BY id", t=world.a.id)] == [
        "retired", "active"]  # fmt: skip


def test_people_of_other_lines_have_no_directory(stage: Any, world: Any) -> None:
    hr = make_member(stage, world.a, role="client_user", key="hr", lines=("hr",))
    with as_user(stage, world.a, hr) as who, pytest.raises(Forbidden):
        parties.create_party(data=WHOLE, **who)
