"""Customers and suppliers of invented companies."""

from __future__ import annotations

from typing import Any

from stdnum import luhn
from stdnum.fr import siren

from app.directory.data import PartyData
from app.directory.models import Party
from app.directory.services import parties
from tenants.core.db import db
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting

FRENCH = "FR7630006000011234567890189"
GERMAN = "DE89370400440532013000"


def siren_of(number: int) -> str:
    """A sound one, the same for the same number."""
    head = f"{number:08}"
    return head + luhn.calc_check_digit(head)


def siret_of(number: int, site: int = 1) -> str:
    head = f"{siren_of(number)}{site:04}"
    return head + luhn.calc_check_digit(head)


def vat_of(number: int) -> str:
    return "FR" + siren.to_tva(siren_of(number)).replace(" ", "")


def make_party(
    stage: Stage, company: Company, person: Person | None = None, **values: Any
) -> Party:
    who = person or company.user
    with acting(stage, who.scope(company)):
        data = PartyData(**{"name": company.text("Bakery"), "customer": True} | values)
        made = parties.create_party(data=data, actor=who.actor(company), now=now(), anyway=True)
        db.session.refresh(made)
        db.session.expunge(made)
        return made
