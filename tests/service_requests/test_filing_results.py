"""What was delivered lies among the company's documents, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.documents.services.issuing import issue_document
from app.service_requests.filed_results import kind_of
from app.service_requests.queries import get_request
from app.service_requests.services import ending, filing_results, work
from tenants.core.errors import Forbidden
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.documents import own
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import Made, go_on, make_request
from tests.factories.people import now

JOB = "requests.file_results"


def deliver(stage: Any, world: Any, **more: Any) -> Made:
    return make_request(
        stage, world.a, state="delivered", operator=world.operator_a, reviewer=world.supervisor,
        **more,
    )  # fmt: skip


def documents(stage: Any, world: Any) -> list[Any]:
    return own(stage, world.a, "SELECT kind, title, line, request_id, latest, about_type FROM documents ORDER BY number")  # fmt: skip


def again(stage: Any, world: Any, made: Made, content: bytes) -> None:
    """The client objects, and gets another file of the same name."""
    later = now() + timedelta(minutes=1)
    with acting(stage, world.a.user.scope()):
        actor = world.a.user.actor()
        ending.reopen(
            request=get_request(actor=actor, number=made.number), actor=actor, now=later,
            reason="One line is missing",
        )  # fmt: skip
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        who: dict[str, Any] = {
            "request": get_request(actor=actor, number=made.number), "actor": actor, "now": later,
        }  # fmt: skip
        work.start_work(**who)
        work.upload_deliverable(
            **who, name="report.pdf", content_type="application/pdf", content=content, title="Better",
        )  # fmt: skip
        work.submit_for_review(**who)
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor, at=later)


def test_a_delivered_result_becomes_a_document_of_its_request(stage: Any, world: Any) -> None:
    made = deliver(stage, world)
    assert documents(stage, world) == []
    assert JOB in run_jobs(stage, world.a.id)
    [one] = documents(stage, world)
    assert (one.kind, one.title, one.line, one.request_id, one.latest) == (
        "other", "Report", "finance", made.id, 1,
    )  # fmt: skip
    [version] = own(stage, world.a, "SELECT origin, issued_by_name, file_id FROM document_versions")
    assert (version.origin, version.issued_by_name) == ("issued", world.operator_a.name)
    # What becomes of the document is nothing to the result, and the other way round.
    assert not stage.rows(
        "SELECT 1 FROM deliverables WHERE tenant_id = :t AND file_id = :f",
        t=world.a.id, f=version.file_id,
    )  # fmt: skip


def test_what_waits_for_approval_is_not_filed_yet(stage: Any, world: Any) -> None:
    make_request(
        stage, world.a, state="awaiting_approval", item="payment_control",
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip
    assert JOB not in run_jobs(stage, world.a.id)


def test_delivered_again_it_is_the_next_version_and_the_same_bytes_are_none(
    stage: Any, world: Any
) -> None:
    made = deliver(stage, world)
    run_jobs(stage, world.a.id)
    again(stage, world, made, b"%PDF-1.7 better")
    run_jobs(stage, world.a.id)
    [one] = documents(stage, world)
    assert (one.title, one.latest) == ("Better", 2)
    again(stage, world, made, b"%PDF-1.7 better")
    run_jobs(stage, world.a.id)
    assert documents(stage, world) == [one]


def test_a_run_that_comes_twice_files_once(stage: Any, world: Any) -> None:
    made = deliver(stage, world)
    ids = stage.rows("SELECT id FROM deliverables WHERE request_id = :r", r=made.id)
    for filed in (1, 0):
        with acting(stage, world.a.scope):
            assert filed == filing_results.file_results(
                request_id=made.id, deliverable_ids=[one.id for one in ids],
                actor=system_actor(world.a.id), now=now(),
            )  # fmt: skip
    run_jobs(stage, world.a.id)
    assert len(documents(stage, world)) == 1


def test_what_is_a_document_already_stays_the_only_one(stage: Any, world: Any) -> None:
    """A letter, an invoice or a report that a work of ours filed when it was made."""
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    with acting(stage, world.a.scope):
        issue_document(
            kind="letter", title="Letter", language="fr", content=b"%PDF-1.7 report",
            name="letter.pdf", media_type="application/pdf", request_id=made.id,
            actor=system_actor(world.a.id), now=now(),
        )  # fmt: skip
    go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor, at=now())
    run_jobs(stage, world.a.id)
    assert [one.title for one in documents(stage, world)] == ["Letter"]


def test_each_request_has_its_own(stage: Any, world: Any) -> None:
    first, second = deliver(stage, world), deliver(stage, world)
    run_jobs(stage, world.a.id)
    assert [one.request_id for one in documents(stage, world)] == [first.id, second.id]


def test_the_system_alone_files(stage: Any, world: Any) -> None:
    made = deliver(stage, world)
    with acting(stage, world.operator_a.scope(world.a)), pytest.raises(Forbidden):
        filing_results.file_results(
            request_id=made.id, deliverable_ids=[], actor=world.operator_a.actor(world.a), now=now()
        )


@pytest.mark.parametrize(
    ("result", "name", "line", "kind"),
    [
        ("reconciliation_pdf", "r.pdf", "finance", "finance_report"),
        ("variables_sheet", "v.xlsx", "hr", "payroll_report"),
        # What stays with the people of HR would be unseen by those who asked for it.
        ("variables_sheet", "v.xlsx", "finance", "other"),
        ("file:stock.csv", "stock.csv", "logistics", "list"),
        ("file:x.pdf", "x.pdf", "quality", "other"),
    ],
)
def test_the_kind_follows_from_the_result(result: str, name: str, line: str, kind: str) -> None:
    assert kind_of(result, file_name=name, line=line) == kind
