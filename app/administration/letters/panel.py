"""The part of a request's page from which its letters are written; the provider's alone."""

from flask import url_for

from app.administration.letters.models import DRAFT, ISSUED
from app.administration.letters.queries import count_letters
from app.service_requests.models import ServiceRequest
from app.service_requests.panels import Panel
from app.service_requests.views.rendering import current_client
from tenants.permissions import Actor


def letter_panel(actor: Actor, request: ServiceRequest) -> Panel | None:
    if actor.side != "provider" or not actor.can("request.work", request.line):
        return None
    url = url_for("letters.list_all", slug=current_client().slug, number=request.number)
    there = count_letters(request_id=request.id)
    return Panel(
        "administration/_panel.html",
        {"url": url, "drafts": there.get(DRAFT, 0), "issued": there.get(ISSUED, 0)},
    )


def prefilled(request: ServiceRequest) -> dict[str, str]:
    """What the client wrote already."""
    form = request.form
    name, _, address = str(form.get("recipient") or "").strip().partition("\n")
    found = {
        "recipient_name": name.strip(),
        "recipient_address": address.strip(),
        "signatory": str(form.get("signatory") or ""),
    }
    return {code: value for code, value in found.items() if value}
