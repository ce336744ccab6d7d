"""The provider edits its catalogue in the product."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from app.catalogue.files import shipped
from dev.engines import Urls
from tests.factories import Stage
from tests.factories.catalogue import empty_catalogue, install
from tests.factories.lifecycle import make_request

CODE = "sales_sample"
PAGE = f"/provider/catalogue/{CODE}"


def _document(version: int = 1, **changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(shipped()["sales_question"])
    title = {"en": "Sample", "fr": "Échantillon", "de": "Muster"}
    return {CODE: found | {"code": CODE, "version": version, "title": title} | changes}


@pytest.fixture
def sample(stage: Stage, urls: Urls) -> Iterator[None]:
    """An item of this test's own, gone afterwards."""
    install(urls, _document())
    yield
    empty_catalogue(stage)


def _form(**changes: Any) -> dict[str, Any]:
    """What the editor of the sample sends, untouched but for `changes`."""
    words = {"en": "Sample", "fr": "Échantillon", "de": "Muster"}
    form: dict[str, Any] = {
        "base": "1", "do": "publish", "note": "Five days are honest", "icon": "clipboard-list",
        "working_days": "2", "approvals": "1", "review": "sampled", "countries": "",
        "meters": "operator_minutes", "cut_off.rule": "", "cut_off.value": "",
        "fields.0.name": "title", "fields.0.kind": "text", "fields.0.required": "1",
        "fields.0.max": "120", "fields.0.currency": "EUR", "fields.0.choices": "",
        "steps.0.kind": "attach", "steps.0.mandatory": "1", "steps.0.needs": "",
        "results.0.code": "result", "results.0.required": "1", "results.0.accept": "",
    }  # fmt: skip
    for place in ("title", "summary", "fields.0.label", "steps.0.label", "results.0.label"):
        form |= {f"{place}.{code}": word for code, word in words.items()}
    return form | changes


def test_a_new_version_holds_for_new_requests_and_running_ones_keep_theirs(
    sample, world, stage, sign_in_as
):
    before = make_request(stage, world.a, item=CODE)
    admin = sign_in_as(world.provider_admin)
    words = {"fields.1.label.en": "Customer", "fields.1.label.fr": "Client",
             "fields.1.label.de": "Kunde", "fields.1.name": "customer",
             "fields.1.kind": "text", "fields.1.required": "1"}  # fmt: skip
    answer = admin.post(f"{PAGE}/edit", data=_form(**words, working_days="5", gated="1"))
    assert answer.status_code == 303, answer.text
    user = sign_in_as(world.a.user)
    assert "Customer" in user.get(world.a.url(f"requests/new/{CODE}")).text
    values = {"title": "x", "customer": world.a.text("Somebody")}
    after = make_request(stage, world.a, item=CODE, values=values)
    versions = [
        stage.value("SELECT item_version FROM requests WHERE tenant_id = :t AND number = :n",
                    t=world.a.id, n=one.number) for one in (before, after)
    ]  # fmt: skip
    assert versions == [1, 2]
    assert "Details" in user.get(before.url).text
    assert "Customer" in user.get(after.url).text
    page = admin.get(PAGE).text
    assert "Five days are honest" in page
    assert "Form · customer · Label (fr)" in page
    assert stage.rows(
        "SELECT FROM audit_events WHERE name = 'catalogue.item.published' AND facts::jsonb"
        " @> jsonb_build_object('item', CAST(:c AS text), 'version', 2)", c=CODE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"note": " "}, "note"), ({"title.de": ""}, "title.de"), ({"working_days": "0"}, "working_days"),
     ({"fields.0.name": "subject"}, "fields"), ({"fields.0.kind": "choice"}, "fields.0.choices"),
     ({"cut_off.rule": "after", "cut_off.value": "99"}, "cut_off.value"),
     ({"restricted.FR.en": "Never certified"}, "restricted.FR.fr")],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(
    sample, world, stage, sign_in_as, changes, place
):
    answer = sign_in_as(world.provider_admin).post(f"{PAGE}/edit", data=_form(**changes))
    assert answer.status_code == 422
    assert f'id="e-{place}"' in answer.text
    assert "Échantillon" in answer.text
    assert stage.value("SELECT count(*) FROM catalogue_versions WHERE code = :c", c=CODE) == 1


def test_rows_are_added_moved_and_removed_without_a_version(sample, world, stage, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    added = admin.post(f"{PAGE}/edit", data=_form(do="add.steps"))
    assert added.status_code == 200
    assert 'name="steps.1.kind"' in added.text
    second = {"steps.1.kind": "do", "steps.1.label.en": "Look again"}
    moved = admin.post(f"{PAGE}/edit", data=_form(do="up.steps.1", **second)).text
    assert moved.index("Look again") < moved.index('id="steps.1"')
    assert 'name="steps.1.kind"' not in admin.post(
        f"{PAGE}/edit", data=_form(do="remove.steps.1", **second)).text  # fmt: skip
    assert stage.value("SELECT count(*) FROM catalogue_versions WHERE code = :c", c=CODE) == 1


def test_who_saw_an_older_version_does_not_overwrite_a_newer(sample, world, stage, sign_in_as):
    admin = sign_in_as(world.provider_admin)
    assert admin.post(f"{PAGE}/edit", data=_form()).status_code == 303
    late = admin.post(f"{PAGE}/edit", data=_form(note="Mine"))
    assert late.status_code == 409
    assert "another version meanwhile" in late.text
    assert "Mine" in late.text


def test_a_withdrawn_item_is_not_raised_and_what_runs_goes_on(sample, world, stage, sign_in_as):
    running = make_request(stage, world.a, item=CODE)
    admin, user = sign_in_as(world.provider_admin), sign_in_as(world.a.user)
    assert admin.post(f"{PAGE}/withdraw").status_code == 303
    assert "Sample" not in user.get(world.a.url("requests/new")).text
    form = {"client": world.a.slug, "title": "x", "details": "y"}
    raised = user.post(world.a.url(f"requests/new/{CODE}"), data=form)
    assert raised.status_code == 409
    assert "not offered any more" in raised.text
    assert "Sample" in user.get(running.url).text
    assert admin.post(f"{PAGE}/offer").status_code == 303
    assert "Sample" in user.get(world.a.url("requests/new")).text


def test_the_general_item_of_a_line_stays(sample, world, sign_in_as, urls):
    install(urls, {"hr_question": shipped()["hr_question"]})
    answer = sign_in_as(world.provider_admin).post("/provider/catalogue/hr_question/withdraw")
    assert answer.status_code == 409


def test_a_newer_file_waits_beside_the_providers_own_version(
    sample, world, sign_in_as, urls, stage
):
    admin = sign_in_as(world.provider_admin)
    admin.post(f"{PAGE}/edit", data=_form())
    install(urls, _document(2, working_days=9))
    assert "A newer version ships" in admin.get(PAGE).text
    assert admin.post(f"{PAGE}/keep", data={"version": "3"}).status_code == 303
    assert "A newer version ships" not in admin.get(PAGE).text
    assert admin.post(f"{PAGE}/take", data={"version": "3", "base": "2"}).status_code == 303
    assert memory_days(admin) == "9"


def memory_days(admin) -> str:
    text = admin.get(f"{PAGE}/edit").text
    return str(text.split('name="working_days" value="')[1].split('"')[0])


def test_only_administrators_change_the_catalogue(sample, world, sign_in_as):
    for person in (world.supervisor, world.operator_a, world.a.admin):
        browser = sign_in_as(person)
        assert browser.get("/provider/catalogue").status_code in (403, 404)
        assert browser.post(f"{PAGE}/withdraw").status_code in (403, 404)


def test_an_item_of_another_country_is_neither_shown_nor_raised(world, sign_in_as):
    user = sign_in_as(world.a.user)
    assert "job_reference" not in user.get(world.a.url("requests/new")).text
    assert "work_certificate" in user.get(world.a.url("requests/new")).text
    assert user.get(world.a.url("requests/new/job_reference")).status_code == 409


def test_the_catalogue_is_searched(world, sign_in_as):
    user = sign_in_as(world.a.user)
    page = user.get(world.a.url("requests/new?q=PAYMENT")).text
    assert "payment_control" in page
    assert "employment_contract" not in page
    assert "Nothing is called so" in user.get(world.a.url("requests/new?q=zzzz")).text
