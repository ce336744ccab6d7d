"""Customers and suppliers of invented companies."""

from __future__ import annotations

from typing import Any

from stdnum import luhn
from stdnum.fr import siren

from app.directory.data import PartyData
from app.directory.importing import services as importing
from app.directory.models import Party
from app.directory.services import accounts, merging, parties, parts
from tenants.core.db import db
from tests.factories.jobs import run_jobs
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
        given: dict[str, Any] = {"name": company.text("Bakery"), "customer": True} | values
        data = PartyData(**given)
        made = parties.create_party(data=data, actor=who.actor(company), now=now(), anyway=True)
        db.session.refresh(made)
        db.session.expunge(made)
        return made


def make_directory(stage: Stage, company: Company, *, skip: int = 0) -> dict[str, Any]:
    """A value for each variable of its addresses; numbers differ by `skip`."""
    for n in range(skip):
        make_party(stage, company, name=company.text(f"filler {n}"))
    kept = make_party(
        stage, company, siren=siren_of(500 + skip), iban=FRENCH, billing_city="Lyon",
        contact_name=company.text("contact"), note=company.text("note"),
    )  # fmt: skip
    other = make_party(stage, company, name=company.text("Bakery too"))
    with acting(stage, company.user.scope()):
        who: dict[str, Any] = {"actor": company.user.actor(), "now": now()}
        merged = merging.merge(
            kept=kept, other=other, expected=(kept.version, other.version), **who
        ).id
        account = accounts.add_account(
            party=kept, iban=GERMAN, source=company.text("letter"), **who
        ).id
        given: dict[str, dict[str, str]] = {
            "contacts": {"name": company.text("second contact")},
            "addresses": {"kind": "delivery", "name": company.text("Depot"), "city": "Lyon"},
            "endpoints": {"scheme": "EM", "value": f"e{skip}@mill.example"},
        }
        part = {
            kind: parts.add_part(
                party=kept, kind=kind, values=values, expected_version=None, **who
            )
            for kind, values in given.items()
        }  # fmt: skip
    for n in range(skip + 1):
        content = f"name;town\n{company.text(f'Imported {n}')};Lyon\n{company.text('None')};\n"
        with acting(stage, company.user.scope()):
            sent = importing.start_import(
                name=company.text("list.csv"), content_type="text/csv", content=content.encode(),
                role="customer", actor=company.user.actor(), now=now(),
            )  # fmt: skip
            number, import_id = sent.number, sent.id
    run_jobs(stage, company.id)
    return {"part_kind": "contacts", "part_id": part["contacts"], "contact_id": part["contacts"],
            "address_id": part["addresses"], "endpoint_id": part["endpoints"], "party_number": kept.number, "account_id": account, "merge_id": merged,
            "import_number": number, "party_id": kept.id, "import_id": import_id}  # fmt: skip
