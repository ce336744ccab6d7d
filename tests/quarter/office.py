"""The provider and its clients as the script has them, and who may act as whom at which moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.provider.services.access import end_access, give_access
from app.provider.services.leaving import leave
from app.service_requests.services import assignment_rules
from app.staffing.services import enter_absence
from tenants.permissions import Actor, system_actor
from tests.factories import Company, Person, Stage, acting, make_company, make_member, make_staff
from tests.factories.assignment import at_the_office, give_skills
from tests.factories.contracts import make_contract
from tests.quarter.script import LINES, SKILL, Absence, Firm, Grant, Order, Script

WEEK = ["09:00-12:30, 13:30-18:00"]
# Accesses are given for a year at most, and this is a quarter: none ends by itself meanwhile.
UNTIL = timedelta(days=300)


@dataclass
class Office:
    stage: Stage
    script: Script
    staff: dict[int, Person] = field(default_factory=dict)
    companies: dict[int, Company] = field(default_factory=dict)
    grants: dict[Grant, UUID] = field(default_factory=dict)
    absences: dict[Absence, UUID] = field(default_factory=dict)

    def open(self) -> None:
        for hand in self.script.hands:
            person = make_staff(self.stage, role=hand.role, name=f"{hand.role}{hand.place}")
            self.staff[hand.place] = person
            if hand.skilled:
                give_skills(self.stage, person, SKILL)

    def join(self, firm: Firm, now: datetime) -> None:
        stage = self.stage
        company = make_company(stage, country=firm.country, time_zone=firm.zone, created_at=now)
        make_member(stage, company)
        make_member(stage, company, key="other")
        make_member(stage, company, key="approver", approver=True)
        make_member(stage, company, key="finance_only", lines=("finance",))
        week = WEEK * (6 if firm.six_days else 5) + [""] * (1 if firm.six_days else 2)
        make_contract(
            stage, company, country=firm.country, zone=firm.zone,
            calendar={"country": firm.country, "region": firm.region, "zone": firm.zone,
                      "week": week, "client_closures": sorted(map(date.isoformat, firm.closed))},
        )  # fmt: skip
        self.companies[firm.place] = company

    def person(self, user_id: UUID) -> int:
        return next(place for place, one in self.staff.items() if one.id == user_id)

    def actor(self, hand: int, firm: int, now: datetime) -> Actor:
        """With the lines that the script opens to them at that moment."""
        person, company = self.staff[hand], self.companies[firm]
        lines = {line: level for line in LINES
                 if (level := self.script.level(hand, firm, line, now))}  # fmt: skip
        return Actor(
            user_id=person.id, name=person.name, side="provider", tenant_id=company.id,
            role=person.role, lines=lines, second_factor_at=datetime.now(UTC),
        )  # fmt: skip

    @contextmanager
    def acting(self, firm: int) -> Iterator[None]:
        """As a program of ours: what a person may is in their actor."""
        with acting(self.stage, self.companies[firm].scope):
            yield

    @contextmanager
    def as_client(self, firm: int, key: str = "user") -> Iterator[Actor]:
        person = self.companies[firm].people[key]
        with acting(self.stage, person.scope()):
            yield person.actor()

    def give(self, grant: Grant, now: datetime) -> None:
        with self.acting(grant.firm):
            [row] = give_access(
                user_id=self.staff[grant.hand].id, lines=[grant.line], level=grant.level,
                reason="the contract", until=(now + UNTIL).date(),
                actor=self._administrator(grant.firm), now=now,
            )  # fmt: skip
            self.grants[grant] = row.id

    def end(self, grant: Grant, now: datetime) -> None:
        with self.acting(grant.firm):
            end_access(
                grant_id=self.grants[grant], actor=self._administrator(grant.firm), now=now
            )  # fmt: skip

    def _administrator(self, firm: int) -> Actor:
        person = self.staff[0]
        return Actor(user_id=person.id, name=person.name, side="provider",
                     tenant_id=self.companies[firm].id, role=person.role)  # fmt: skip

    def order(self, order: Order, now: datetime) -> None:
        def known(hand: int | None) -> UUID | None:
            return self.staff[hand].id if hand is not None else None

        wish: Any = assignment_rules.Wish(
            known(order.operator), known(order.deputy), order.skill, order.by_load
        )
        with self.acting(order.firm):
            assignment_rules.write_rule(
                line=order.line, item="", wish=wish, expected_version=0, now=now,
                actor=system_actor(self.companies[order.firm].id),
            )  # fmt: skip

    def absence(self, one: Absence, now: datetime) -> None:
        scope, actor = at_the_office(self.staff[one.hand])
        with acting(self.stage, scope):
            row = enter_absence(
                user_id=self.staff[one.hand].id, kind="holiday", first=one.first, last=one.last,
                from_noon=one.from_noon, until_noon=one.until_noon, actor=actor, now=now,
            )  # fmt: skip
            self.absences[one] = row.id

    def leave(self, hand: int, now: datetime) -> None:
        scope, actor = at_the_office(self.staff[0])
        with acting(self.stage, scope):
            leave(user_id=self.staff[hand].id, actor=actor, now=now)

    def close(self) -> None:
        """Nobody looks after these companies any more."""
        for company in self.companies.values():
            self.stage.run("UPDATE tenants SET state = 'closed' WHERE id = :t", t=company.id)
