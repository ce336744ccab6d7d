"""A request, all the way to its delivery, by the product's own services."""

from __future__ import annotations

from datetime import datetime

from app.service_requests.queries import get_request
from app.service_requests.services import decisions, intake, work
from tests.factories import Company, Stage, World, acting

MINUTES = 45


def deliver_request(stage: Stage, world: World, company: Company, *, at: datetime) -> int:
    """Answers the request's number; 45 billable minutes were recorded on it."""
    with acting(stage, company.user.scope()):
        number = intake.raise_request(
            actor=company.user.actor(), now=at, item_code="finance_question",
            values={"title": "Which account?", "details": "", "wanted_on": None}, uploads=[],
        ).number  # fmt: skip
    with acting(stage, world.operator_a.scope(company)):
        actor = world.operator_a.actor(company)
        row = get_request(actor=actor, number=number)
        work.assign_to_me(request=row, actor=actor, now=at)
        work.start_work(request=row, actor=actor, now=at)
        work.record_time(
            request=row, actor=actor, now=at, minutes=MINUTES, worked_on=at.date(),
            activity="Checked",
        )  # fmt: skip
        work.upload_deliverable(
            request=row, actor=actor, now=at, name="report.pdf", content_type="application/pdf",
            content=b"%PDF-1.7 report", title="Report",
        )  # fmt: skip
        work.submit_for_review(request=row, actor=actor, now=at)
    with acting(stage, world.supervisor.scope(company)):
        actor = world.supervisor.actor(company, level="review")
        row = get_request(actor=actor, number=number)
        decisions.pass_review(request=row, actor=actor, now=at)
    return number
