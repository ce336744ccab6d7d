"""The slips of a version on screen: read, taken along, and made anew by a job."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.documents.checking.running import check
from app.documents.services.issuing import issue_document
from app.documents.slips.taking import zipped
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests.documents.checking.samples import FRENCH_PACKS, french_cii
from tests.factories import Person, Stage, World, acting, make_guest
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
    assert data.headers["Content-Disposition"] == "attachment; filename=facture-42-slip.json"
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


def test_a_file_is_taken_along_with_its_slip(
    stage: Stage, world: World, sign_in_as: SignIn, base: str
) -> None:
    browser = sign_in_as(world.operator_a)
    assert f"{base}/with-slip.zip" in text_of(browser.get(base.partition("/versions")[0]))
    answer = browser.get(f"{base}/with-slip.zip")
    assert answer.headers["Content-Disposition"] == "attachment; filename=facture-42.zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        assert found.namelist() == [
            "facture é 42.xml",
            "facture-42-slip.pdf",
            "facture-42-slip.json",
        ]
        assert found.read("facture é 42.xml") == browser.get(f"{base}/file").data
        assert found.read("facture-42-slip.pdf").startswith(b"%PDF")
        assert b'"outcome": "invalid"' in found.read("facture-42-slip.json")
    assert browser.post(f"{base}/check").status_code == 303
    unfinished = browser.get(f"{base}/with-slip.zip")
    assert (unfinished.status_code, "being checked" in text_of(unfinished)) == (409, True)
    run_jobs(stage, world.a.id)
    assert browser.get(f"{base}/with-slip.zip").status_code == 200
    assert sign_in_as(world.b.user).get(f"{base}/with-slip.zip").status_code == 404
    stage.run("DELETE FROM validation_slips WHERE tenant_id = :t", t=world.a.id)
    assert browser.get(f"{base}/with-slip.zip").status_code == 404


def test_names_in_an_archive_lead_nowhere_else() -> None:
    made = zipped([("../../etc/passwd", b"1"), ("C:\\a.pdf", b"2"), ("A.pdf", b"3")], NOW)
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        assert found.namelist() == ["passwd", "a.pdf", "3-A.pdf"]


def test_a_guest_reads_the_slip_and_takes_it_along(
    stage: Stage, world: World, sign_in_as: SignIn, base: str
) -> None:
    here = base.replace("/documents/", "/guest/documents/")
    browser = sign_in_as(make_guest(stage, world.a, lines=("finance",)))
    page = text_of(browser.get(here.partition("/versions")[0]))
    assert "BR-CO-15" in page
    assert f"{here}/with-slip.zip" in page
    assert browser.get(f"{here}/slip.pdf").data.startswith(b"%PDF")
    assert browser.get(f"{here}/with-slip.zip").data.startswith(b"PK")
    other = sign_in_as(make_guest(stage, world.a, lines=("hr",), key="other"))
    for path in ("slip.pdf", "with-slip.zip"):
        assert other.get(f"{here}/{path}").status_code == 404
