"""The slips of a version on screen: read, taken along, and made anew by a job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.documents.checking.running import check
from app.documents.services.issuing import issue_document
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests.documents.checking.samples import FRENCH_PACKS, french_cii
from tests.factories import Person, Stage, World, acting
from tests.factories.jobs import run_jobs

SignIn = Callable[[Person], FlaskClient]
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def base(stage: Stage, world: World) -> str:
    """Where an invoice is, that names another total than its sum."""
    wrong = french_cii().replace(b">1305.50</ram:GrandTotal", b">1305.51</ram:GrandTotal")
    with acting(stage, Scope(tenant_id=world.a.id, side="provider")):
        actor = system_actor(world.a.id)
        version = issue_document(
            kind="sales_invoice", title="F-2026-0042", language="fr", content=wrong,
            name="facture é 42.xml", media_type="application/xml", actor=actor, now=NOW,
            slip=check(wrong, FRENCH_PACKS, now=NOW),
        )  # fmt: skip
        number = version.number
    document = stage.value(
        "SELECT number FROM documents WHERE tenant_id = :t ORDER BY number DESC LIMIT 1",
        t=world.a.id,
    )
    return f"/c/{world.a.slug}/documents/{document}/versions/{number}"


def text_of(answer: Any) -> str:
    said: str = answer.get_data(as_text=True)
    return said


def test_a_slip_is_read_and_taken_along(world: World, sign_in_as: SignIn, base: str) -> None:
    browser = sign_in_as(world.operator_a)
    page = text_of(browser.get(f"{base}/slips"))
    for said in ("BR-CO-15", "The total with VAT is not the total without VAT plus VAT.",
                 "Not passed", "BT-112", "1.09.2"):  # fmt: skip
        assert said in page
    data = browser.get(f"{base}/slip.json")
    assert data.headers["Content-Disposition"] == 'attachment; filename="facture-42-slip.json"'
    assert data.json is not None
    assert data.json["outcome"] == "invalid"
    printed = browser.get(f"{base}/slip.pdf")
    assert printed.data.startswith(b"%PDF")
    assert browser.get(f"{base}/slip.json?id=other").status_code == 404


def test_a_check_again_adds_a_slip(
    stage: Stage, world: World, sign_in_as: SignIn, base: str
) -> None:
    browser = sign_in_as(world.operator_a)
    for _ in range(2):
        assert browser.post(f"{base}/check").status_code == 303
    running = text_of(browser.get(f"{base}/slips"))
    assert "is being checked" in running
    assert "Check again" not in running
    assert "is being checked" in text_of(browser.get(f"{base}/slips/progress"))
    run_jobs(stage, world.a.id)
    assert browser.get(f"{base}/slips/progress").headers["HX-Refresh"] == "true"
    assert text_of(browser.get(f"{base}/slips")).count("Slip (JSON)") == 2


def test_others_find_nothing(world: World, sign_in_as: SignIn, base: str) -> None:
    other = base.replace(world.a.slug, world.b.slug)
    assert sign_in_as(world.operator_b).get(f"{base}/slips").status_code in (403, 404)
    assert sign_in_as(world.operator_b).get(f"{other}/slips").status_code == 404
    assert sign_in_as(world.operator_b).post(f"{other}/check").status_code == 404
