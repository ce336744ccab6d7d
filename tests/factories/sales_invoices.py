"""Sales invoices, made by our own services."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.finance.einvoicing.document import Address, Identifier, Party
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.schedules import services as schedules
from app.finance.sales_invoices.schedules.services import Terms
from app.finance.sales_invoices.services import drafting, settings, validating
from app.finance.sales_invoices.services.drafting import Wish
from tests.factories.jobs import run_jobs
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting

SELLER = {
    "name": "Lendo SARL", "legal_id": "732829320", "establishment_id": "73282932000074",
    "vat_id": "FR44732829320", "street": "12 rue des Lilas", "postcode": "69003", "city": "Lyon",
    "country": "FR", "electronic_address": "732829320", "electronic_scheme": "0225",
    "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP", "email": "compta@lendo.example",
    "contact": "Claire Petit", "phone": "+33 4 78 00 00 00",
    "legal_text": "SARL au capital de 10 000 €, RCS Lyon 732 829 320",
}  # fmt: skip
BUYER = Party(
    name="Atelier Vert SAS", legal_id=Identifier(value="552081317", scheme="0002"),
    vat_id="FR66552081317", electronic_address=Identifier(value="552081317", scheme="0225"),
    address=Address(lines=("3 quai de Seine",), postcode="75004", city="Paris", country="FR"),
    email="achats@vert.example",
)  # fmt: skip


def line(name: str = "Conseil", price: str = "100", **more: Any) -> DraftLine:
    values: dict[str, Any] = {
        "name": name, "quantity": Decimal(1), "unit_price": Decimal(price), "rate": Decimal(20), **more,
    }  # fmt: skip
    return DraftLine(**values)


def wish(company: Company | None = None, *lines: DraftLine, **changes: Any) -> Wish:
    """Three lines of 360.00 with their VAT; `changes` are of the wish or of its content."""
    of_wish = {
        name: changes.pop(name) for name in list(changes) if name in Wish.__dataclass_fields__
    }
    mark = company.text("Conseil") if company else "Conseil"
    content = Draft(
        lines=lines or tuple(line(f"{mark} {n}") for n in range(3)), buyer=changes.pop("buyer", BUYER),
        **changes,
    )  # fmt: skip
    return Wish(content=content, **of_wish)


def set_up(stage: Stage, company: Company, operator: Person, **changes: Any) -> None:
    with acting(stage, operator.scope(company)):
        settings.set_settings(
            values={**SELLER, **changes}, actor=operator.actor(company, level="review"), now=now()
        )


def make_draft(
    stage: Stage, company: Company, operator: Person, asked: Wish | None = None, **more: Any
) -> UUID:
    with acting(stage, operator.scope(company)):
        made = drafting.create_draft(
            wish=asked or wish(company), actor=operator.actor(company), now=now(), **more
        )
        return made.id


def validate(
    stage: Stage,
    company: Company,
    operator: Person,
    invoice_id: UUID,
    *,
    at: datetime | None = None,
) -> str:
    with acting(stage, operator.scope(company)):
        kept = validating.validate_draft(
            invoice_id=invoice_id, expected_version=None, actor=operator.actor(company),
            now=at or now(),
        )  # fmt: skip
        return kept.invoice.number


def make_invoice(
    stage: Stage, company: Company, operator: Person, asked: Wish | None = None, **more: Any
) -> UUID:
    made = make_draft(stage, company, operator, asked, **more)
    validate(stage, company, operator, made)
    return made


def make_example(stage: Stage, company: Company, operator: Person) -> UUID:
    """A validated one with the company's own words in it."""
    set_up(stage, company, operator)
    made = make_invoice(stage, company, operator, wish(company, note=company.text("invoice note")))
    run_jobs(stage, company.id)
    return made


def make_schedule(stage: Stage, company: Company, operator: Person, **changes: Any) -> UUID:
    """Every month on the first."""
    at = changes.pop("at", None) or now()
    asked = changes.pop("asked", None) or wish(company, note=company.text("schedule note"))
    terms: dict[str, Any] = {
        "name": company.text("Rent"), "months": 1, "day": 1, "starts_on": at.date(),
    } | changes  # fmt: skip
    with acting(stage, operator.scope(company)):
        return schedules.begin(
            terms=Terms(**terms), wish=asked, actor=operator.actor(company), now=at
        ).id
