"""Invented companies and people, a tenant first. Rows are written as the superuser (fast, and also
what no service allows); `acting` runs our own services in a scope, as an edge would."""

from tests.factories.people import (
    PASSWORD,
    Company,
    Person,
    make_company,
    make_grant,
    make_guest,
    make_member,
    make_session,
    make_staff,
)
from tests.factories.stage import Stage, acting
from tests.factories.world import World, make_world

__all__ = [
    "PASSWORD",
    "Company",
    "Person",
    "Stage",
    "World",
    "acting",
    "make_company",
    "make_grant",
    "make_guest",
    "make_member",
    "make_session",
    "make_staff",
    "make_world",
]
