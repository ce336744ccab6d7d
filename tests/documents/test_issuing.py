"""A file becomes a document: who sees it, what stays of it, and that nothing is written twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.documents import queries
from app.documents.models import DocumentVersion
from app.documents.retention import last_day, rule_on, years_on
from app.documents.services.issuing import issue_document, issue_version
from app.documents.services.slips import OtherBytes, keep_slip
from app.documents.titles import clean_title
from tenants.core.errors import NotFound
from tenants.permissions import system_actor
from tests.documents.issuing import issue
from tests.factories import acting
from tests.factories.documents import NOW, add_version, document_id, make_document
from tests.factories.lifecycle import make_request


@dataclass
class Slip:
    sha256: str
    outcome: str = "valid"
    at: datetime = NOW
    runs: list[str] = field(default_factory=lambda: ["cen-cii"])

    def to_json(self) -> dict[str, Any]:
        return {"runs": self.runs}


def _issue(company: Any, content: bytes = b"%PDF-1.7 one", **more: Any) -> DocumentVersion:
    values: dict[str, Any] = {"kind": "sales_invoice", "title": "Invoice F-1", "language": "fr"}
    return issue_document(
        **(values | more), content=content, name="F-1.pdf", media_type="application/pdf",
        actor=system_actor(company.id), now=NOW,
    )  # fmt: skip


def test_a_document_is_numbered_filed_and_kept_for_its_period(stage: Any, world: Any) -> None:
    with acting(stage, world.a.scope):
        actor = system_actor(world.a.id)
        first, second = _issue(world.a), _issue(world.a, b"%PDF-1.7 two")
        made = queries.get_document(actor=actor, document_id=first.document_id)
        other = queries.get_document(actor=actor, document_id=second.document_id)
        assert (made.number, other.number) == (1, 2)
        assert first.sha256 == hashlib.sha256(b"%PDF-1.7 one").hexdigest()
        assert made.line == "finance"
        assert made.keep_until == date(2036, 12, 31)
        folders = {one.id: one for one in queries.list_folders()}
        folder = folders[made.folder_id]
        assert folder.code == "sales_invoices"
        assert folder.parent_id
        assert folders[folder.parent_id].code == "finance"


def test_a_version_supersedes_and_the_one_before_stays_readable(stage: Any, world: Any) -> None:
    number = make_document(stage, world.a, content=b"old")
    add_version(stage, world.a, number, b"new", reason="Wrong address")
    with acting(stage, world.a.scope):
        document = queries.get_document(actor=system_actor(world.a.id), number=number)
        new, old = queries.list_versions(document=document)
        assert (new.version.number, new.is_latest, new.version.reason) == (2, True, "Wrong address")
        assert (old.version.number, old.is_latest) == (1, False)
        assert queries.get_file(old.version).sha256 == hashlib.sha256(b"old").hexdigest()


def test_the_same_bytes_again_are_no_new_version(stage: Any, world: Any) -> None:
    made = issue(stage, world.a, world.operator_a, b"same")
    assert issue(stage, world.a, world.operator_a, b"same", replaces=made) == made
    assert stage.value("SELECT count(*) FROM document_versions WHERE tenant_id = :t",
                       t=world.a.id) == 1  # fmt: skip


def test_it_follows_the_line_of_its_request_but_salaries_stay_with_hr(
    stage: Any, world: Any
) -> None:
    made = make_request(stage, world.a)
    number = make_document(stage, world.a, kind="letter", request_id=made.id)
    payslip = make_document(stage, world.a, kind="payslip", request_id=made.id)
    reader = world.a.people["finance_only"]
    with acting(stage, reader.scope(world.a)):
        actor = reader.actor(world.a)
        assert queries.get_document(actor=actor, number=number).line == "finance"
        found = queries.list_of_request(actor=actor, request_id=made.id)
        assert [one.document.number for one in found] == [number]
        with pytest.raises(NotFound):
            queries.get_document(actor=actor, number=payslip)


def test_another_company_finds_neither_number_id_nor_hash(stage: Any, world: Any) -> None:
    make_document(stage, world.a, content=b"ours alone")
    theirs = document_id(stage, world.a, 1)
    digest = hashlib.sha256(b"ours alone").hexdigest()
    with acting(stage, world.b.scope):
        actor = system_actor(world.b.id)
        for which in ({"number": 1}, {"document_id": theirs}):
            with pytest.raises(NotFound):
                queries.get_document(actor=actor, **which)
        with pytest.raises(NotFound):
            issue_version(document_id=theirs, content=b"x", name="x", media_type="text/plain",
                          actor=actor, now=NOW)  # fmt: skip
        assert queries.find_by_sha256(actor=actor, sha256=digest) == []


def test_a_slip_is_kept_beside_the_bytes_that_it_is_about(stage: Any, world: Any) -> None:
    with acting(stage, world.a.scope):
        actor = system_actor(world.a.id)
        version = _issue(world.a, slip=Slip(hashlib.sha256(b"%PDF-1.7 one").hexdigest(), "invalid"))
        kept = keep_slip(
            document_version_id=version.id, slip=Slip(version.sha256, at=NOW.replace(hour=10)),
            actor=actor, now=NOW,
        )  # fmt: skip
        found = queries.find_slip(version_id=version.id)
        assert found is not None
        assert (found.id, found.outcome, found.content) == (kept.id, "valid", {"runs": ["cen-cii"]})
        assert len(queries.list_slips(version_ids=[version.id])) == 2
        with pytest.raises(OtherBytes):
            keep_slip(document_version_id=version.id, slip=Slip("0" * 64), actor=actor, now=NOW)


@pytest.mark.parametrize(
    ("name", "country", "until"),
    [
        ("voucher", "FR", date(2036, 12, 31)),
        ("voucher", "DE", date(2034, 12, 31)),
        ("payslip", "DE", date(2032, 12, 31)),
        # Of a country that we know no rule of, the longest.
        ("voucher", "BE", date(2036, 12, 31)),
        ("general", "FR", None),
    ],
)
def test_how_long_it_is_kept(name: str, country: str, until: date | None) -> None:
    day = date(2026, 2, 3)
    assert last_day(day, years_on(name, country, day)) == until


def test_a_rule_holds_from_its_day() -> None:
    before, after = (rule_on("voucher", "DE", date(year, 1, 1)) for year in (2024, 2025))
    assert before
    assert after
    assert (before.years, after.years) == (10, 8)


def test_a_title_is_one_readable_line() -> None:
    assert clean_title("in\u202evoice\n\x00 7 ") == "in voice 7"
    assert len(clean_title("x" * 10_000)) == 200
    assert clean_title("\u202e\u200f") == ""


def test_a_name_of_ten_thousand_characters_is_cut(stage: Any, world: Any) -> None:
    number = make_document(stage, world.a, title="é" * 10_000, name="x" * 10_000 + ".pdf")
    with acting(stage, world.a.scope):
        document = queries.get_document(actor=system_actor(world.a.id), number=number)
        assert len(document.title) == 200
        assert queries.list_versions(document=document)[0].name.endswith(".pdf")


def test_an_hour_before_midnight_utc_the_day_is_the_companys(stage: Any, world: Any) -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    number = make_document(stage, world.a, now=late)
    with acting(stage, world.a.scope):
        document = queries.get_document(actor=system_actor(world.a.id), number=number)
        assert document.dated == date(2027, 1, 1)
