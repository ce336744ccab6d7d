"""A version is checked again by the rules of today, and its slips are a history."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pikepdf
import pytest

from app.documents.checking import services
from app.documents.checking.running import check
from app.documents.checking.shown import shown
from app.documents.checking.slip_pdf import About, slip_pdf
from app.documents.language import translator
from app.documents.queries import list_slips
from app.documents.services import rechecking
from app.documents.services.issuing import issue_document
from app.documents.services.slips import keep_slip
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor, system_actor
from tenants.scoping import Scope
from tests.documents.checking.pack_samples import kosit_release
from tests.documents.checking.samples import FRENCH_PACKS, UBL_PACKS, french_cii, ubl
from tests.documents.verapdf import assert_archivable
from tests.factories import Stage, World, acting

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
NEEDED = (*UBL_PACKS, "kosit-xrechnung-ubl")


def mine(world: World) -> tuple[Scope, Actor]:
    return Scope(tenant_id=world.a.id, side="provider"), system_actor(world.a.id)


def issue(actor: Actor, content: bytes, packs: tuple[str, ...] | None) -> UUID:
    slip = check(content, packs, now=NOW) if packs else None
    return issue_document(
        kind="sales_invoice", title="F-2026-0042", language="fr", content=content,
        name="invoice.xml", media_type="application/xml", slip=slip, actor=actor, now=NOW,
    ).id  # fmt: skip


def outcomes(version_id: UUID) -> list[str]:
    return [one.outcome for one in list_slips(version_ids=[version_id])]


def test_what_an_installed_pack_changes(stage: Stage, world: World) -> None:
    stage.run("DELETE FROM rule_packs")
    scope, actor = mine(world)
    with acting(stage, scope):
        version_id = issue(actor, ubl(), NEEDED)
        assert outcomes(version_id) == ["not_validated"]
    with acting(stage, Scope(tenant_id=PROVIDER_TENANT, side="provider")):
        services.add_packs(
            file_name="x.zip", content=kosit_release(), actor=system_actor(PROVIDER_TENANT), now=NOW
        )
    later = NOW + timedelta(days=1)
    with acting(stage, scope):
        said = rechecking.check_again(version_id=version_id, actor=actor, now=later)
        assert said == "valid"
        assert outcomes(version_id) == ["valid", "not_validated"]
    stage.run("DELETE FROM rule_packs")


def in_pdf(xml: bytes) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["other.txt"] = b"something else"
        pdf.attachments["factur-x.xml"] = xml
        pdf.save(made)
    return made.getvalue()


def test_the_invoice_in_a_pdf_is_what_is_checked(stage: Stage, world: World) -> None:
    scope, actor = mine(world)
    page = in_pdf(french_cii())
    with acting(stage, scope):
        row = issue_document(
            kind="sales_invoice", title="F-2026-0042", language="fr", content=page,
            name="invoice.pdf", media_type="application/pdf", actor=actor, now=NOW,
        )  # fmt: skip
        slip = check(french_cii(), FRENCH_PACKS, now=NOW).of_file(row.sha256)
        keep_slip(document_version_id=row.id, slip=slip, actor=actor, now=NOW)
        assert rechecking.check_again(version_id=row.id, actor=actor, now=NOW) == "valid"
        latest = list_slips(version_ids=[row.id])[0]
        assert (latest.sha256, latest.content["xml_sha256"]) == (row.sha256, slip.xml_sha256)


def test_what_was_never_checked_is_by_the_rules_that_it_names(stage: Stage, world: World) -> None:
    scope, actor = mine(world)
    with acting(stage, scope):
        version_id = issue(actor, french_cii(), None)
        assert rechecking.check_again(version_id=version_id, actor=actor, now=NOW) == "valid"
        [slip] = list_slips(version_ids=[version_id])
        assert [one["pack"] for one in slip.content["runs"]] == list(FRENCH_PACKS)


@pytest.mark.parametrize(
    "content",
    [b"<note>Hello</note>", b"not XML", b"%PDF-1.7 and no more", in_pdf(b"<note>Hello</note>")],
)
def test_what_holds_no_invoice_gets_no_slip(stage: Stage, world: World, content: bytes) -> None:
    scope, actor = mine(world)
    with acting(stage, scope):
        version_id = issue(actor, content, None)
        assert rechecking.check_again(version_id=version_id, actor=actor, now=NOW) == ""
        assert outcomes(version_id) == []
        with pytest.raises(rechecking.NeverChecked):
            rechecking.ask_for_check(document_number=1, version_number=1, actor=actor, now=NOW)


@pytest.mark.parametrize("lang", ["fr", "de", "en"])
def test_a_slip_on_paper(lang: str, tmp_path) -> None:
    content = french_cii().replace(b">1305.50</ram:GrandTotal", b">1305.51</ram:GrandTotal")
    slip = check(content, (*FRENCH_PACKS, "kosit-xrechnung-cii"), now=NOW, installed={})
    made = slip_pdf(
        shown(slip), About("Lentier SARL", "f-2026-0042.xml", "12, 1", "Léa Martin"), lang=lang,
        translate=translator(lang), moment=lambda moment: f"{moment:%Y-%m-%d %H:%M}",
    )  # fmt: skip
    path = tmp_path / "slip.pdf"
    path.write_bytes(made)
    assert_archivable(path)
