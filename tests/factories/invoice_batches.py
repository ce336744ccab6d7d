"""Sheets of invoices, taken by our own services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.finance.sales_invoices.batches import services
from tests.factories.directory import make_party, siren_of, vat_of
from tests.factories.jobs import run_jobs
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage, acting

HEAD = "Facture;N° client;Client final;Désignation;Quantité;Unité;Prix unitaire HT;TVA %"


def make_customer(
    stage: Stage, company: Company, operator: Person, number: int, **values: Any
) -> Any:
    """A French company that invoices reach; its reference is K and the number."""
    given: dict[str, Any] = {
        "name": company.text(f"Moulin {number}"), "reference": f"K{number}",
        "siren": siren_of(number), "vat": vat_of(number), "billing_street": "quai du Lac",
        "billing_house_number": "3", "billing_postcode": "74000", "billing_city": "Annecy",
        "billing_country": "FR", "endpoint_scheme": "0225", "endpoint_value": siren_of(number),
        "language": "fr", "currency": "EUR",
    } | values  # fmt: skip
    return make_party(stage, company, company.user, **given)


def send(
    stage: Stage, company: Company, operator: Person, content: str | bytes, **more: Any
) -> UUID:
    """Sent and looked at."""
    with acting(stage, operator.scope(company)):
        made = services.upload_batch(
            name="factures.csv", content_type="text/csv",
            content=content.encode() if isinstance(content, str) else content,
            actor=operator.actor(company), now=now(), **more,
        ).id  # fmt: skip
    run_jobs(stage, company.id, name="sales_invoices.read_batch")
    return made


def start(
    stage: Stage, company: Company, operator: Person, batch_id: UUID, aim: str = "validate",
    *, again: bool = False,
) -> None:  # fmt: skip
    with acting(stage, operator.scope(company)):
        services.issue_batch(
            batch_id=batch_id, aim=aim, again=again, actor=operator.actor(company), now=now()
        )


def issue(
    stage: Stage, company: Company, operator: Person, batch_id: UUID, aim: str = "validate",
    *, again: bool = False,
) -> None:  # fmt: skip
    start(stage, company, operator, batch_id, aim, again=again)
    run_jobs(stage, company.id, name="sales_invoices.issue_batch")


def make_batch(stage: Stage, company: Company, operator: Person) -> UUID:
    """Read and not started, with a refused invoice in it."""
    mark = company.text("Unknown customer")
    return send(stage, company, operator, f"{HEAD}\n1;;{mark};{mark};1;h;10,00;20\n")
