"""Items that the provider makes itself, from nothing or from another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import html

from app.catalogue.files import shipped
from app.catalogue.memory import get_item
from dev.engines import Urls
from tests.catalogue.working import make_office, raise_work_deliver
from tests.factories import Stage
from tests.factories.catalogue import empty_catalogue, install

NEW, CODE = "/provider/catalogue/new-item", "office_tour"
PAGE = f"/provider/catalogue/{CODE}"


@pytest.fixture(autouse=True)
def alone(stage: Stage) -> Iterator[None]:
    yield
    empty_catalogue(stage)


def _form(**changes: Any) -> dict[str, Any]:
    """Written in French alone."""
    form: dict[str, Any] = {
        "code": CODE, "line": "administration", "do": "publish", "note": "Demandé par trois clients",
        "icon": "building", "working_days": "3", "approvals": "1", "review": "always",
        "countries": "", "meters": "operator_minutes", "gated": "1",
        "title.fr": "Visite de locaux", "summary.fr": "Nous visitons vos locaux.",
        "fields.0.name": "title", "fields.0.kind": "text", "fields.0.required": "1",
        "fields.0.label.fr": "Adresse", "fields.0.max": "120", "fields.0.currency": "EUR",
        "fields.0.choices": "", "fields.1.name": "floor", "fields.1.kind": "choice",
        "fields.1.required": "1", "fields.1.label.fr": "Étage", "fields.1.currency": "EUR",
        "fields.1.choices": "low | | Bas |\nhigh | | Haut |",
        "steps.0.kind": "do", "steps.0.mandatory": "1", "steps.0.label.fr": "Prendre les photos",
        "steps.1.kind": "attach", "steps.1.mandatory": "1", "steps.1.needs": "photos",
        "steps.1.label.fr": "Joindre les photos",
        "results.0.code": "photos", "results.0.required": "1", "results.0.accept": ".pdf",
        "results.0.label.fr": "Photos",
    }  # fmt: skip
    return form | changes


def test_one_is_raised_worked_and_delivered_like_those_that_ship(world, stage, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    made = admin.post(NEW, data=_form())
    assert made.status_code == 303, made.text
    assert "Deutsch: 9 texts are missing" in admin.get(PAGE).text
    assert "Your own item" in admin.get("/provider/catalogue").text
    with stage.app.app_context():
        item = get_item(CODE)
    assert (item.title.in_language("fr"), item.title.in_language("de")) == ("Visite de locaux",) * 2
    request = raise_work_deliver(item, make_office(stage, "FR"), stage, sign_in_as)
    assert admin.post(f"{PAGE}/withdraw").status_code == 303
    catalogue = sign_in_as(world.a.user).get(world.a.url("requests/new")).text
    assert "Visite de locaux" not in catalogue
    assert admin.post(f"{PAGE}/offer").status_code == 303
    assert stage.rows(
        "SELECT FROM audit_events WHERE name = 'catalogue.item.begun' AND facts::jsonb"
        " @> jsonb_build_object('item', CAST(:c AS text))", c=CODE,
    )  # fmt: skip
    assert request.number


def test_another_language_follows_text_by_text(world, sign_in_as):
    admin, user = sign_in_as(world.provider_admin), sign_in_as(world.a.user)
    admin.post(NEW, data=_form())
    assert "Visite de locaux" in user.get(world.a.url("requests/new")).text
    english = {"title.en": "Look at premises", "base": "1"}
    answer = admin.post(f"{PAGE}/edit", data=_form(**english))
    assert answer.status_code == 303, answer.text
    page = user.get(world.a.url(f"requests/new/{CODE}")).text
    assert "Look at premises" in page
    assert "Étage" in page
    assert "English: 8 texts are missing" in admin.get(PAGE).text


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"code": "no"}, "code"), ({"code": "Office"}, "code"), ({"code": "new-item"}, "code"),
     ({"code": "payment_control"}, "code"), ({"code": "tour_question"}, "code"), ({"line": "x"}, "line"),
     ({"note": ""}, "note"), ({"title.fr": ""}, "title.fr"), ({"results.0.label.fr": ""}, "results.0.label.fr"),
     ({"title.fr": "", "title.de": "Besuch"}, "title.fr"),
     ({"steps.0.kind": "compute"}, "steps.0.kind")],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_place(world, stage, sign_in_as, changes, place):
    answer = sign_in_as(world.provider_admin).post(NEW, data=_form(**changes))
    assert answer.status_code == 422
    assert f'id="e-{place}"' in answer.text
    assert "Prendre les photos" in answer.text
    assert stage.value("SELECT count(*) FROM catalogue_versions WHERE origin = 'own'") == 0


def test_the_second_of_two_with_one_code_is_refused(world, stage, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    assert admin.post(NEW, data=_form()).status_code == 303
    again = admin.post(NEW, data=_form())
    assert again.status_code == 422
    assert "with this code already" in again.text
    assert stage.value("SELECT count(*) FROM catalogue_versions WHERE code = :c", c=CODE) == 1


def test_rows_are_added_and_nothing_is_lost(world, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    page = admin.post(NEW, data=_form(do="add.files")).text
    assert 'name="files.0.name"' in page
    assert f'value="{CODE}"' in page


@pytest.mark.parametrize("code", sorted(shipped()))
def test_a_copy_of_any_item_can_be_published_as_it_is(code, world, stage, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    page = admin.get(f"{NEW}?copy={code}").text
    form = _sent_by(page) | {"code": "copied_item", "note": "Copied", "do": "publish"}
    answer = admin.post(NEW, data=form)
    assert answer.status_code == 303, re.findall(r'id="e-[^"]+"', answer.text)
    stored = stage.value(
        "SELECT document FROM catalogue_versions WHERE code = 'copied_item' AND version = 1"
    )
    assert (stored["line"], stored["job"]) == (shipped()[code]["line"], None)


def test_from_nothing_it_asks_for_a_title_and_a_code_only(world, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    form = _sent_by(admin.get(NEW).text) | {"note": "Ours", "do": "publish"}
    answer = admin.post(NEW, data=form)
    assert answer.status_code == 422
    wrong = set(re.findall(r'id="e-([^"]+)"', answer.text))
    assert wrong == {"code", "title.en", "summary.en"}


def test_a_file_with_the_same_code_waits_beside_or_is_left_out(world, sign_in_as, urls: Urls):
    admin = sign_in_as(world.provider_admin)
    admin.post(NEW, data=_form())
    file = shipped()["administration_question"] | {"code": CODE}
    [said] = install(urls, {CODE: file | {"line": "it"}})
    assert "left out" in said
    assert "A newer version ships" not in admin.get(PAGE).text
    [said] = install(urls, {CODE: file})
    assert "own goes on" in said
    page = admin.get(PAGE).text
    assert "A newer version ships" in page
    assert "Visite de locaux" in page
    english = _form(**{"base": "1", "title.en": "Visit"})
    assert admin.post(f"{PAGE}/edit", data=english).status_code == 303


def test_only_administrators_make_items(world, stage, sign_in_as):
    for person in (world.supervisor, world.operator_a, world.a.admin):
        browser = sign_in_as(person)
        assert browser.get(NEW).status_code in (403, 404)
        assert browser.post(NEW, data=_form()).status_code in (403, 404)


def _sent_by(page: str) -> dict[str, str]:
    """What a browser would send of the editor's form."""
    document: Any = html.document_fromstring(page)
    [form] = [one for one in document.forms if "note" in one.fields]
    return {name: str(value) for name, value in form.form_values()}
