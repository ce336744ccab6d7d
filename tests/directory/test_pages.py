"""The directory's pages: written and read by who may, with what is wrong beside its field."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.factories import make_grant, make_guest, make_member, make_staff
from tests.factories.directory import FRENCH, GERMAN, make_party, siren_of
from tests.factories.jobs import run_jobs


def _form(company: Any, **more: Any) -> dict[str, Any]:
    return {"client": company.slug, "name": company.text("Mill"), "customer": "1",
            "billing_city": "Annecy", "billing_postcode": "74000"} | more  # fmt: skip


def test_an_entry_is_made_changed_found_and_archived(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    browser = sign_in_as(world.operator_a)
    assert browser.get(world.a.url("directory/new")).status_code == 200
    made = browser.post(
        world.a.url("directory/new"), data=_form(world.a, siren=siren_of(3), iban=FRENCH)
    )
    assert made.status_code == 303
    page = browser.get(made.location).text
    assert siren_of(3) in page
    assert "FR76 … 0189" in page
    assert FRENCH not in page
    wrong = browser.post(world.a.url("directory/new"), data=_form(world.a, siren="123456789"))
    assert (wrong.status_code, "nine digits" in wrong.text) == (422, True)
    twice = browser.post(world.a.url("directory/new"), data=_form(world.a, siren=siren_of(3)))
    assert (twice.status_code, "/directory/1" in twice.text) == (409, True)
    alike = browser.post(world.a.url("directory/new"), data=_form(world.a))
    assert (alike.status_code, "create it anyway" in alike.text) == (409, True)
    again = browser.post(world.a.url("directory/new"), data=_form(world.a, anyway="1"))
    assert again.status_code == 303
    edit = browser.get(world.a.url("directory/1/edit")).text
    version = re.search(r'name="version" value="(\d+)"', edit)
    assert version
    changed = _form(world.a, name=world.a.text("Other"), version=version[1])
    assert browser.post(world.a.url("directory/1/edit"), data=changed).status_code == 303
    assert browser.post(world.a.url("directory/1/edit"), data=changed).status_code == 409
    assert world.a.text("Other") in browser.get(world.a.url("directory?q=other")).text
    gone = browser.post(world.a.url("directory/1/archive"), data={"client": world.a.slug})
    assert gone.status_code == 303
    assert world.a.text("Other") not in browser.get(world.a.url("directory")).text
    assert world.a.text("Other") in browser.get(world.a.url("directory?state=archived")).text
    for kind in ("csv", "xlsx"):
        assert browser.get(world.a.url(f"directory/export?kind={kind}")).status_code == 200
    elsewhere = _form(world.a, client=world.b.slug)
    assert browser.post(world.a.url("directory/new"), data=elsewhere).status_code == 409


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("siren", "123", "nine digits"), ("siren", siren_of(8), "Stands here already"),
     ("iban", GERMAN, "Sound"), ("vat", "", "")],
)  # fmt: skip
def test_a_number_is_checked_as_it_is_typed(
    stage: Any, world: Any, sign_in_as: Any, field: str, value: str, said: str
) -> None:
    make_party(stage, world.a, siren=siren_of(8))
    found = sign_in_as(world.a.user).post(
        world.a.url(f"directory/check?field={field}"), data={field: value, "country": "FR"}
    )
    assert (found.status_code, said in found.text) == (200, True)


def test_who_may(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_party(stage, world.a, name=world.a.text("Mill"))
    readers = [make_guest(stage, world.a, key="g"), make_staff(stage, role="operator", name="Rita")]
    make_grant(stage, world.a, readers[1], lines=("finance",), level="read")
    for person in readers:
        browser = sign_in_as(person)
        assert world.a.text("Mill") in browser.get(world.a.url("directory")).text
        assert browser.get(world.a.url("directory/1")).status_code == 200
        assert browser.post(world.a.url("directory/new"), data=_form(world.a)).status_code == 403
    hr = make_member(stage, world.a, role="client_user", key="hr", lines=("hr",))
    assert sign_in_as(hr).get(world.a.url("directory/1")).status_code == 404
    assert sign_in_as(world.operator_b).get(world.a.url("directory/1")).status_code == 404


def test_a_later_account_is_released_by_a_second_person(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    make_party(stage, world.a, iban=FRENCH)
    first = sign_in_as(world.a.admin)
    url = world.a.url("directory/1/accounts")
    wrong = first.post(url, data={"client": world.a.slug, "iban": "FR76", "source": "letter"})
    assert (wrong.status_code, "not an IBAN" in wrong.text) == (422, True)
    given = {"client": world.a.slug, "iban": GERMAN, "source": "letter"}
    assert first.post(url, data=given).status_code == 303
    page = first.get(world.a.url("directory/1")).text
    assert "In quarantine" in page
    found = re.search(r"accounts/([0-9a-f-]{36})/release", page)
    assert found
    call = {"client": world.a.slug, "called_number": "+33 4", "called_person": "Anne"}
    own = first.post(f"{url}/{found[1]}/release", data=call)
    assert (own.status_code, "Somebody else" in own.text) == (403, True)
    second = sign_in_as(
        make_member(stage, world.a, role="client_admin", key="b", lines=("finance",))
    )
    assert second.post(f"{url}/{found[1]}/release", data=call).status_code == 303
    assert "Anne confirmed it" in second.get(world.a.url("directory/1")).text


def test_two_become_one_and_two_again(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_party(stage, world.a, name=world.a.text("Kept"), siren=siren_of(1), contact_name="Anne")
    make_party(stage, world.a, name=world.a.text("Gone"), siren=siren_of(2), gln="4006381333931",
               reference="K9", contact_name="Bea", billing_city="Lyon", supplier=True)  # fmt: skip
    browser = sign_in_as(world.a.user)
    assert "Gone" in browser.get(world.a.url("directory/1/merge?q=gone")).text
    page = browser.get(world.a.url("directory/1/merge?other=2")).text
    assert siren_of(2) in page
    form = {"client": world.a.slug, "other": "2", "kept_version": "1", "other_version": "1"}
    stale = browser.post(world.a.url("directory/1/merge"), data=form | {"other_version": "7"})
    assert stale.status_code == 409
    assert browser.post(world.a.url("directory/1/merge"), data=form).status_code == 303
    page = browser.get(world.a.url("directory/1")).text
    for said in ("4006381333931", "Lyon", "Bea", "K9", siren_of(1)):
        assert said in page
    assert "part of another one" in browser.get(world.a.url("directory/2")).text
    undo = re.search(r"merges/[0-9a-f-]{36}/undo", page)
    assert undo
    undone = browser.post(world.a.url(f"directory/1/{undo[0]}"), data={"client": world.a.slug})
    assert undone.status_code == 303
    kept, other = (browser.get(world.a.url(f"directory/{n}")).text for n in (1, 2))
    assert ("4006381333931" in kept, "Bea" in kept, "K9" in kept) == (False, False, False)
    assert "4006381333931" in other
    assert stage.rows("SELECT number, customer, supplier, version FROM parties WHERE tenant_id = :t"
                      " ORDER BY number", t=world.a.id)[0].supplier is False  # fmt: skip


def test_a_list_is_sent_looked_at_taken_and_taken_back(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    browser = sign_in_as(world.a.user)
    content = f"Nom;SIREN;Ville\n{world.a.text('=Bon')};{siren_of(4)};Lyon\n{world.a.text('Faux')};12;Lyon\n"
    url = world.a.url("directory/imports/new")
    assert browser.post(url, data={"client": world.a.slug}).status_code == 422
    sent = browser.post(url, data={"client": world.a.slug, "role": "supplier",
                                   "file": (io.BytesIO(content.encode()), "liste.csv")})  # fmt: skip
    assert sent.status_code == 303
    assert "Being read" in browser.get(sent.location).text
    run_jobs(stage, world.a.id)
    page = browser.get(sent.location).text
    assert "Nothing is written yet" in page
    assert "nine digits" in page
    rejected = browser.get(f"{sent.location}/rejected").get_data(as_text=True)
    assert "nine digits" in rejected
    assert world.a.text("Bon") not in rejected
    assert browser.post(f"{sent.location}/take", data={"client": world.a.slug}).status_code == 303
    run_jobs(stage, world.a.id)
    assert world.a.text("=Bon") in browser.get(world.a.url("directory?role=supplier")).text
    exported = browser.get(world.a.url("directory/export")).get_data(as_text=True)
    assert f"{world.a.text('=Bon')};" in exported
    assert browser.post(f"{sent.location}/undo", data={"client": world.a.slug}).status_code == 303
    run_jobs(stage, world.a.id)
    assert "1 lines are taken back" in browser.get(sent.location).text
    assert browser.post(f"{sent.location}/undo", data={"client": world.a.slug}).status_code == 409
    for path in ("directory/imports", "directory/imports/template"):
        assert browser.get(world.a.url(path)).status_code == 200
