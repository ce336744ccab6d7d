"""Who gets which work, and who is away, written down by our own services."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.service_requests.services import assignment_rules
from app.service_requests.services.assignment_rules import Wish
from app.staffing.services import enter_absence, set_skills
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor, system_actor
from tenants.scoping import Scope
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting

OFFICE = Scope(tenant_id=PROVIDER_TENANT, side="provider")


def at_the_office(person: Person) -> tuple[Scope, Actor]:
    actor = Actor(
        user_id=person.id, name=person.name, side="provider", tenant_id=PROVIDER_TENANT,
        role=person.role,
    )  # fmt: skip
    return Scope(tenant_id=PROVIDER_TENANT, user_id=person.id, side="provider"), actor


def _id(person: Person | None) -> UUID | None:
    return person.id if person else None


def make_rule(
    stage: Stage, company: Company, *, line: str = "finance", item: str = "",
    operator: Person | None = None, deputy: Person | None = None, **wish: Any,
) -> None:  # fmt: skip
    with acting(stage, company.scope):
        assignment_rules.write_rule(
            line=line, item=item, expected_version=0, actor=system_actor(company.id), now=now(),
            wish=Wish(operator_id=_id(operator), deputy_id=_id(deputy), **wish),
        )  # fmt: skip


def make_absence(
    stage: Stage,
    person: Person,
    *,
    first: date | None = None,
    days: int = 7,
    at: datetime | None = None,
) -> UUID:
    at = at or now()
    first = first or (at - timedelta(days=1)).date()
    scope, actor = at_the_office(person)
    with acting(stage, scope):
        return enter_absence(
            user_id=person.id, kind="holiday", first=first, from_noon=False,
            last=first + timedelta(days=days), until_noon=False, actor=actor, now=at,
        ).id  # fmt: skip


def give_skills(stage: Stage, person: Person, *skills: str) -> None:
    with acting(stage, OFFICE):
        set_skills(
            user_id=person.id, skills=list(skills), actor=system_actor(PROVIDER_TENANT), now=now()
        )
