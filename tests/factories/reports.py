"""Service reports at any step, by our own services."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.reporting.gathering import content_of, shown_hash
from app.reporting.queries import get_report
from app.reporting.services import handing_over, preparing, sealing, writing
from app.service_levels.months import next_first
from app.service_levels.services.signing import sign_off
from tenants.permissions import Actor
from tests.factories.lifecycle import Made, make_request
from tests.factories.people import Company
from tests.factories.stage import Stage, acting

STEPS = ("draft", "written", "reviewed", "sent", "acknowledged")
LINES = {"finance": "review", "hr": "review"}


def writer(company: Company, number: int = 1) -> Actor:
    """A supervisor of nobody's account; of two numbers two people."""
    return Actor(
        user_id=UUID(int=number), name=f"Supervisor {number}", side="provider",
        tenant_id=company.id, role="supervisor", lines=LINES,
    )  # fmt: skip


def make_signed_month(stage: Stage, company: Company, month: date, *, at: datetime) -> Made:
    """With one request that was raised in it, the first of the company."""
    first = datetime(month.year, month.month, 5, 8, tzinfo=UTC)
    made = make_request(stage, company, at=first, title=company.text("of the month"))
    with acting(stage, company.scope):
        sign_off(month=month, actor=writer(company), now=at)
    return made


def make_report(
    stage: Stage, company: Company, *, month: date, step: str = "sent", signed: bool = False
) -> str:
    """Its month's name."""
    after = next_first(month)
    now = datetime(after.year, after.month, 3, 9, tzinfo=UTC)
    if not signed:
        make_signed_month(stage, company, month, at=now)
    take_to(stage, company, month, step, now + timedelta(hours=1))
    return month.strftime("%Y-%m")


def take_to(stage: Stage, company: Company, month: date, step: str, now: datetime) -> None:
    with acting(stage, company.scope):
        who: dict[str, Any] = {"month": month, "now": now}
        one, other = writer(company), writer(company, 2)
        version = preparing.prepare_report(actor=one, **who).version
        wanted = STEPS.index(step)
        if wanted >= 1:
            version = writing.write(
                summary=company.text("a quiet month"), remarks={"finance": company.text("fine")},
                version=version, actor=one, **who,
            ).version  # fmt: skip
        if wanted >= 2:
            shown = shown_hash(content_of(get_report(month=month), now=now))
            version = sealing.review(shown=shown, version=version, actor=other, **who).version
        if wanted >= 3:
            handing_over.send(version=version, actor=one, **who)
        if wanted >= 4:
            handing_over.acknowledge(actor=company.admin.actor(company), **who)
