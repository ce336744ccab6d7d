"""Requests ready to be handed over, and what was drawn for them."""

from __future__ import annotations

from typing import Any

from app.service_requests.checking.models import ReviewRate
from app.service_requests.queries import get_request
from app.service_requests.services import work
from tenants.core.ids import uuid7
from tests.factories import Company, Person, Stage, acting
from tests.factories.lifecycle import Made, attach, make_request
from tests.factories.people import now
from tests.service_requests.browsing import send

SAMPLED = "sales_question"
NEVER = "administration_question"
ALWAYS = "finance_question"


def ready(stage: Stage, company: Company, operator: Person, item: str = SAMPLED) -> Made:
    made = make_request(stage, company, item=item, state="in_progress", operator=operator)
    attach(stage, made, operator)
    spend(stage, made, operator)
    return made


def spend(stage: Stage, made: Made, operator: Person, minutes: int = 30) -> None:
    with acting(stage, operator.scope(made.company)):
        actor = operator.actor(made.company)
        request = get_request(actor=actor, number=made.number)
        work.record_time(
            request=request, actor=actor, now=now(), minutes=minutes, worked_on=now().date(),
            activity="Prepared",
        )  # fmt: skip


def rate(stage: Stage, by: Person, percent: int, *, item: str = SAMPLED, of: Any = None) -> None:
    stage.add(
        ReviewRate,
        {
            "id": uuid7(), "item": item, "user_id": of, "rate": percent, "reason": "for the test",
            "set_at": now(), "set_by": by.id, "set_by_name": by.name,
        },
    )  # fmt: skip


def draws(stage: Stage, made: Made) -> list[Any]:
    return list(
        stage.rows(
            "SELECT * FROM review_draws WHERE tenant_id = :t AND request_id = :r"
            " ORDER BY submission",
            t=made.company.id, r=made.id,
        )
    )  # fmt: skip


def findings(stage: Stage, made: Made) -> list[Any]:
    return list(
        stage.rows(
            "SELECT * FROM review_findings WHERE tenant_id = :t AND request_id = :r"
            " ORDER BY at, position",
            t=made.company.id, r=made.id,
        )
    )  # fmt: skip


def left(stage: Stage, operator: Person, item: str = SAMPLED) -> int:
    found = stage.rows(
        "SELECT checks_left FROM review_standings WHERE user_id = :u AND item = :i",
        u=operator.id, i=item,
    )  # fmt: skip
    return found[0].checks_left if found else 0


def returned(stage: Stage, browser: Any, made: Made, words: str = "a total", **more: Any) -> Any:
    noted = {"kind": "wrong_fact", "severity": "major", "findings": words, **more}
    return send(stage, browser, made, "return", **noted)
