"""Requests in any state, brought there by our own services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.service_requests.queries import get_request, list_current_deliverables
from app.service_requests.services import (
    approving,
    conversation,
    decisions,
    ending,
    intake,
    linking,
    work,
)
from app.service_requests.services.intake import Upload
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting

# The way through the states; an ungated item jumps over the approval.
PATH = ("new", "assigned", "in_progress", "in_review", "awaiting_approval", "delivered", "closed")


@dataclass(frozen=True)
class Made:
    id: UUID
    number: int
    company: Company

    @property
    def url(self) -> str:
        return self.company.url(f"requests/{self.number}")


def open_items_and_statement() -> list[Upload]:
    return [
        Upload("open_items", "open-items.csv", "text/csv", b"number;amount\n1;10,00\n"),
        Upload("statement", "statement.xml", "application/xml", b"<Document/>"),
    ]


def make_request(
    stage: Stage,
    company: Company,
    *,
    state: str = "new",
    item: str = "finance_question",
    title: str = "Please check this invoice",
    operator: Person | None = None,
    reviewer: Person | None = None,
    at: datetime | None = None,
    values: dict[str, Any] | None = None,
) -> Made:
    """`operator` works from "assigned" on, `reviewer` from "awaiting_approval" on."""
    at = at or now()
    gated = item == "payment_control"
    if values is None:
        values = {"period": "2026-10", "details": ""} if gated else _general(company, title)
    user = company.user
    with acting(stage, user.scope()):
        row = intake.raise_request(
            actor=user.actor(), now=at, item_code=item, values=values,
            uploads=open_items_and_statement() if gated else [],
        )  # fmt: skip
        made = Made(row.id, row.number, company)
    wanted = "in_progress" if state == "waiting_client" else state
    for step in PATH[1 : PATH.index(wanted) + 1]:
        if gated or step != "awaiting_approval":
            _advance(stage, made, step, operator, reviewer, at)
    if state == "waiting_client":
        ask(stage, made, operator, at=at)
    return made


def go_on(
    stage: Stage, made: Made, state: str, *, operator: Person, reviewer: Person, at: datetime
) -> None:
    """From where it stands to this state, for an ungated item."""
    path = [step for step in PATH if step != "awaiting_approval"]
    for step in path[path.index(row_state(stage, made)) + 1 : path.index(state) + 1]:
        _advance(stage, made, step, operator, reviewer, at)


def _general(company: Company, title: str) -> dict[str, Any]:
    return {"title": title, "details": company.text("the details"), "wanted_on": None}


def ask(stage: Stage, made: Made, operator: Person | None, at: datetime | None = None) -> UUID:
    assert operator is not None
    with acting(stage, operator.scope(made.company)):
        actor = operator.actor(made.company)
        question = conversation.ask_question(
            request=get_request(actor=actor, number=made.number), actor=actor, now=at or now(),
            body=made.company.text("Which account?"),
        )  # fmt: skip
        return question.id


def open_question(stage: Stage, made: Made, *, answered: bool = False) -> None:
    """A question, whatever state the request is in."""
    stage.run(
        "INSERT INTO questions (tenant_id, request_id, asked_at, asked_by_name, body, answer,"
        " answered_at) VALUES (:t, :r, now(), 'Olga', :b, '', CASE WHEN :a THEN now() END)",
        t=made.company.id, r=made.id, b=made.company.text("Which account?"), a=answered,
    )  # fmt: skip


def attach(stage: Stage, made: Made, operator: Person, content: bytes = b"%PDF-1.7 result") -> None:
    with acting(stage, operator.scope(made.company)):
        actor = operator.actor(made.company)
        work.upload_deliverable(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            name="report.pdf", content_type="application/pdf", content=content, title="Report",
        )  # fmt: skip


def _advance(
    stage: Stage, made: Made, step: str, operator: Person | None, reviewer: Person | None,
    at: datetime,
) -> None:  # fmt: skip
    person = {
        "assigned": operator, "in_progress": operator, "in_review": operator,
        "awaiting_approval": reviewer, "delivered": reviewer, "closed": made.company.user,
    }[step]  # fmt: skip
    assert person is not None, step
    company = made.company
    with acting(stage, person.scope(company)):
        actor = person.actor(company, level="review")
        row = get_request(actor=actor, number=made.number)
        who: dict[str, Any] = {"request": row, "actor": actor, "now": at}
        if step == "assigned":
            work.assign_to_me(**who)
        elif step == "in_progress":
            work.start_work(**who)
        elif step == "in_review":
            work.record_time(**who, minutes=45, worked_on=at.date(), activity="Checked")
            work.upload_deliverable(
                **who, name="report.pdf", content_type="application/pdf",
                content=b"%PDF-1.7 report", title="Report",
            )  # fmt: skip
            work.submit_for_review(**who)
        elif step == "closed":
            ending.close_request(**who)
        elif row.state == "in_review":
            decisions.pass_review(**who)
    if step == "delivered" and row_state(stage, made) == "awaiting_approval":
        _approve(stage, made, at)


def _approve(stage: Stage, made: Made, at: datetime) -> None:
    approver = made.company.approver
    with acting(stage, approver.scope()):
        actor = approver.actor()
        row = get_request(actor=actor, number=made.number)
        approving.approve(request=row, actor=actor, now=at, real_now=now(), sha256=_package(row.id))


def _package(request_id: UUID) -> str:
    from app.service_requests.package import package_hash

    return package_hash(list_current_deliverables(request_id=request_id))


def merge_into(stage: Stage, world: Any, made: Made, into: Made, verb: str = "merge") -> None:
    """By the operator of both, past the page."""
    with acting(stage, world.operator_a.scope(made.company)):
        actor = world.operator_a.actor(made.company)
        one, other = (get_request(actor=actor, number=row.number) for row in (made, into))
        if verb == "merge":
            linking.merge(request=one, into=other, actor=actor, now=now())
        else:
            linking.mark_duplicate(request=one, of=other, actor=actor, now=now())


def row_state(stage: Stage, made: Made) -> str:
    return str(
        stage.value(
            "SELECT state FROM requests WHERE tenant_id = :t AND id = :i",
            t=made.company.id, i=made.id,
        )
    )  # fmt: skip


def version_of(stage: Stage, made: Made) -> int:
    return int(
        stage.value(
            "SELECT version FROM requests WHERE tenant_id = :t AND id = :i",
            t=made.company.id, i=made.id,
        )
    )  # fmt: skip
