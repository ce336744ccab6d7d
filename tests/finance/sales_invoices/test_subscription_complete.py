"""The subscription invoice of a provider and a client that say all of themselves is a valid Factur-X;
of one that doesn't people are told what is missing, and its file is mended afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from app.documents.queries import get_file, list_about
from app.finance.sales_invoices import subscription, subscription_sides
from app.finance.sales_invoices.services import settings
from tenants import files
from tenants.models import PROVIDER_TENANT
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import SELLER, set_up
from tests.finance.einvoicing import reading
from tests.finance.sales_invoices.test_subscription import NUMBER, keep
from tests.notifications.mails import promised

OFFICE = {
    **SELLER, "name": "Coulisse Services SAS", "legal_text": "SAS au capital de 50 000 €, RCS Lyon",
    "contact": "Facturation", "email": "factures@coulisse.example",
}  # fmt: skip
CLIENT = {
    "name": "Coopérative du Val d’Arve", "legal_id": "552100554", "establishment_id": "",
    "vat_id": "FR96552100554", "electronic_address": "552100554", "electronic_scheme": "0225",
}  # fmt: skip
Write = Callable[[], str]


@pytest.fixture
def office(stage: Any, world: Any) -> Iterator[Callable[..., None]]:
    """Says what the provider says of itself, until the end of the test."""

    def say(**changes: Any) -> None:
        scope = Scope(tenant_id=PROVIDER_TENANT, user_id=world.provider_admin.id, side="provider")
        with acting(stage, scope):
            settings.set_provider_settings(
                values={**OFFICE, **changes}, actor=system_actor(PROVIDER_TENANT), now=now()
            )

    yield say
    stage.run("DELETE FROM invoicing_settings WHERE tenant_id = :t", t=PROVIDER_TENANT)


def _write(stage: Any, a: Any, record_id: UUID) -> str:
    with acting(stage, a.scope):
        return subscription.write_record(record_id=record_id, actor=system_actor(a.id), now=now())


def _file(stage: Any, a: Any) -> tuple[bool, set[tuple[str, str]]]:
    """Whether it is valid, and what is missing on which side."""
    with acting(stage, a.scope):
        found = subscription.find_file(number=NUMBER, actor=system_actor(a.id))
        assert found is not None
        return found.is_valid, {(one.side, one.field) for one in found.gaps}


def test_both_complete_make_it_valid(stage: Any, world: Any, office: Any) -> None:
    a = world.a
    office()
    set_up(stage, a, world.operator_a, **CLIENT)
    record_id = keep(stage, a)
    assert _write(stage, a, record_id) == "valid"
    assert _file(stage, a) == (True, set())
    with acting(stage, a.scope):
        actor = system_actor(a.id)
        [held] = list_about(actor=actor, about_type=subscription.ABOUT, about_id=record_id)
        text = reading.page_text(files.read(get_file(held.version)))
    for shown in ("Coulisse Services SAS", "12 rue des Lilas", "552100554", "RCS Lyon"):
        assert reading.squeezed(shown) in text, shown


def test_what_is_missing_is_said_and_mended(stage: Any, world: Any, office: Any) -> None:
    a = world.a
    record_id = keep(stage, a)
    stage.run("UPDATE invoice_records SET taken_at = now() WHERE id = :i", i=record_id)
    assert _write(stage, a, record_id) in ("failed", "invalid")
    _, sides = _file(stage, a)
    assert {("seller", "seller.address"), ("seller", "seller.electronic_address")} <= sides
    assert ("buyer", "buyer.electronic_address") in sides
    run_jobs(stage, a.id, name="notifications.tell")
    told = next(one for one in promised(stage, a) if one.to == world.provider_admin.email)
    assert told.verb == "notice.billing.file_incomplete"
    assert "The e-invoice address is missing." in told.text
    office()
    set_up(stage, a, world.operator_a, **CLIENT)
    with acting(stage, a.scope):
        assert subscription.mend(actor=system_actor(a.id), now=now()) == 1
    run_jobs(stage, a.id)
    assert _file(stage, a) == (True, set())
    with acting(stage, a.scope):
        assert subscription.mend(actor=system_actor(a.id), now=now()) == 0


def test_what_people_deleted_is_not_written_again(stage: Any, world: Any, office: Any) -> None:
    a = world.a
    record_id = keep(stage, a)
    stage.run("UPDATE invoice_records SET taken_at = now() WHERE id = :i", i=record_id)
    assert _write(stage, a, record_id) in ("failed", "invalid")
    stage.run(
        "UPDATE documents SET title = '', deleted_at = now() WHERE tenant_id = :t"
        " AND about_id = :i", t=a.id, i=record_id,
    )  # fmt: skip
    office()
    with acting(stage, a.scope):
        assert subscription.mend(actor=system_actor(a.id), now=now()) == 0


def test_the_account_stands_on_what_is_transferred_alone(
    stage: Any, world: Any, office: Any
) -> None:
    a = world.a
    office()
    record_id = keep(stage, a)
    with acting(stage, a.scope):
        sides = subscription_sides.read_sides()
        record = subscription._hold(record_id).record
        charged = subscription_sides.written(record, sides, language="fr")
        sent = subscription_sides.written({**record, "due_on": "2026-12-01"}, sides, language="fr")
    assert charged.payment == ()
    assert [one.iban for one in sent.payment] == [SELLER["iban"]]


def test_the_pages_say_what_is_missing(
    stage: Any, world: Any, office: Any, sign_in_as: Any
) -> None:
    browser = sign_in_as(world.provider_admin)
    page = "/provider/billing/invoicing"
    empty = browser.get(page).text
    assert "The e-invoice address is missing." in empty
    assert '<option value="FR" selected>' in empty
    sent = {**OFFICE, "establishment_id": "73282932000075", "code": world.provider_admin.code()}
    refused = browser.post(page, data=sent)
    assert refused.status_code == 422
    assert "A SIRET has fourteen digits" in refused.text
    sent["establishment_id"] = SELLER["establishment_id"]
    at = now().timestamp() + 30
    without = browser.post(page, data={**sent, "code": "000000"})
    assert without.status_code == 422
    assert (
        browser.post(page, data={**sent, "code": world.provider_admin.code(at=at)}).status_code
        == 303
    )
    shown = browser.get(page).text
    assert "Your data are complete" in shown
    assert SELLER["iban"] not in shown
    assert SELLER["iban"] not in str(
        stage.rows("SELECT * FROM invoicing_settings WHERE tenant_id = :t", t=PROVIDER_TENANT)
    )
