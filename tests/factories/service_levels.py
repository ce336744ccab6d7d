"""Months that are signed off, by our own service."""

from __future__ import annotations

from datetime import date, datetime

from app.service_levels.services.signing import sign_off
from tests.factories.people import Company, Person
from tests.factories.stage import Stage, acting

RULES = {
    "cap": 1_500,
    "rates": {"urgent": 500, "high": 400, "normal": 300, "low": 100},
    "bases": {"finance": 100_000, "hr": 33_333},
}


def sign(stage: Stage, company: Company, person: Person, month: date, at: datetime) -> None:
    with acting(stage, person.scope(company)):
        sign_off(month=month, actor=person.actor(company, level="review"), now=at)
