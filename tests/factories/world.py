from __future__ import annotations

from dataclasses import dataclass

from tests.factories.people import (
    Company,
    Person,
    make_company,
    make_grant,
    make_member,
    make_staff,
)
from tests.factories.stage import Stage


@dataclass
class World:
    """Two clients of identical shape and the provider's people around them.

    Each company has `user`, `approver`, `admin` and `finance_only` (the line finance alone).
    """

    stage: Stage
    a: Company
    b: Company
    operator_a: Person
    operator_b: Person
    operator_both: Person
    operator_none: Person
    supervisor: Person
    provider_admin: Person

    @property
    def companies(self) -> tuple[Company, Company]:
        return self.a, self.b

    @property
    def staff(self) -> tuple[Person, ...]:
        return (
            self.operator_a,
            self.operator_b,
            self.operator_both,
            self.operator_none,
            self.supervisor,
            self.provider_admin,
        )

    @property
    def everyone(self) -> tuple[Person, ...]:
        return (*self.a.people.values(), *self.b.people.values(), *self.staff)

    def other(self, company: Company) -> Company:
        return self.b if company is self.a else self.a


def populate(stage: Stage, company: Company) -> Company:
    make_member(stage, company, key="user")
    make_member(stage, company, key="approver", approver=True)
    make_member(stage, company, key="admin", role="client_admin")
    make_member(stage, company, key="finance_only", lines=("finance",))
    return company


def make_world(stage: Stage) -> World:
    with stage.together():
        return _make_world(stage)


def _make_world(stage: Stage) -> World:
    a = populate(stage, make_company(stage, kind="alpha"))
    b = populate(stage, make_company(stage, kind="beta"))
    world = World(
        stage=stage,
        a=a,
        b=b,
        operator_a=make_staff(stage, name="Olga"),
        operator_b=make_staff(stage, name="Oscar"),
        operator_both=make_staff(stage, name="Odile"),
        operator_none=make_staff(stage, name="Otto"),
        supervisor=make_staff(stage, name="Sven", role="supervisor"),
        provider_admin=make_staff(stage, name="Paula", role="provider_admin"),
    )
    for company, operator in ((a, world.operator_a), (b, world.operator_b)):
        make_grant(stage, company, operator)
        make_grant(stage, company, world.operator_both)
        make_grant(stage, company, world.supervisor, level="review")
    return world
