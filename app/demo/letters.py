"""A letter of one client: begun from the company's own template, issued, approved."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.administration.letters.models import Letter
from app.administration.letters.services import begin_letter, issue_letter
from app.demo.cast import DemoClient
from app.demo.directory import PARTIES
from app.demo.requests import find_member, operator_of
from app.documents.templating.filling import Wording
from app.documents.templating.services import create_template
from app.documents.verifying.address import verify_address
from app.finance.sales_invoices.models import SalesInvoice
from app.service_requests.checklists.queries import list_steps
from app.service_requests.checklists.services import tick
from app.service_requests.models import ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import list_current_deliverables
from app.service_requests.services.approving import approve
from app.service_requests.services.decisions import deliver_unchecked
from app.service_requests.services.intake import raise_request
from app.service_requests.services.timekeeping import record_time
from app.service_requests.services.work import start_work
from tenants.core.db import db
from tenants.permissions import Actor

# Whose complaint it answers, see the invoices.
CLIENT, CUSTOMER = "lentier", "Cantines de l'Ouest"
AGO = timedelta(hours=8)
NAME = "Réponse à une réclamation"
WORDING = Wording(
    "letter", "Votre réclamation, facture {{reference}}",
    "{{salutation}},\n\nQuatre boîtes de notre livraison vous sont arrivées **cabossées**. Nous vous"
    " prions de nous en excuser.\n\nNous les remplaçons sans frais avec votre prochaine commande ;"
    " le transporteur en est informé.\n\nJe vous prie d’agréer, {{salutation}}, l’expression de mes"
    " salutations distinguées.",
    "{{signatory}}\n{{company_name}}",
)  # fmt: skip
ASKED = "Remplacement sans frais de quatre boîtes cabossées, avec nos excuses."


def fill_letter(client: DemoClient, now: datetime) -> None:
    """Once."""
    if client.slug != CLIENT or db.session.scalar(select(Letter.id).limit(1)):
        return
    admin, approver = find_member(client, "admin"), find_member(client, "approver")
    if admin is None or approver is None:
        return
    operator, at = operator_of(client), now - AGO
    template = create_template(
        kind="letter", language=client.language, name=NAME, wording=WORDING,
        actor=admin, now=at,
    )  # fmt: skip
    values = _values()
    request = raise_request(
        actor=operator, now=at, item_code="letter_draft", uploads=[],
        values={
            "title": "Réponse à Cantines de l’Ouest", "language": client.language, "message": ASKED,
            "recipient": f"{CUSTOMER}\n{values['recipient_address']}", "tone": "friendly",
            "signatory": values["signatory"], "wanted_on": None,
        },
    )  # fmt: skip
    start_work(request=request, actor=operator, now=at)
    at += timedelta(minutes=30)
    letter = begin_letter(
        request=request, kind="letter", language=client.language, template_id=template.id,
        values=values, actor=operator, now=at,
    )  # fmt: skip
    issue_letter(
        request=request, letter_id=letter.id, expected_version=letter.version,
        verify_address=verify_address(), actor=operator, now=at,
    )  # fmt: skip
    _deliver(client, request, operator, at)
    at += timedelta(hours=2)
    approve(
        request=request, actor=approver, now=at, real_now=at,
        sha256=package_hash(list_current_deliverables(request_id=request.id)),
    )  # fmt: skip


def _values() -> Mapping[str, str]:
    data = next(one for one in PARTIES[CLIENT] if one.name == CUSTOMER)
    number = db.session.scalars(
        select(SalesInvoice.number)
        .where(SalesInvoice.customer_name == CUSTOMER, SalesInvoice.number != "")
        .order_by(SalesInvoice.issued_on)
        .limit(1)
    ).one_or_none()
    return {
        "recipient_name": CUSTOMER, "salutation": "Monsieur", "signatory": "Claire Dubosc",
        "recipient_address": f"{data.billing_street}\n{data.billing_postcode} {data.billing_city}",
        "reference": number or "", "place": "Concarneau",
    }  # fmt: skip


def _deliver(client: DemoClient, request: ServiceRequest, operator: Actor, at: datetime) -> None:
    record_time(
        request=request, actor=operator, now=at, minutes=30, activity="Rédaction",
        worked_on=at.astimezone(ZoneInfo(client.time_zone)).date(),
    )  # fmt: skip
    for step in list_steps(request_id=request.id):
        if step.kind == "do":
            tick(request=request, step_id=step.id, actor=operator, now=at)
    deliver_unchecked(request=request, actor=operator, now=at)
