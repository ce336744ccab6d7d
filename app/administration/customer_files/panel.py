"""The part of a request's page from which its customer file is opened; the provider's alone."""

from flask import url_for

from app.administration.customer_files.queries import find_file, with_files
from app.directory.queries import get_current_party
from app.directory.uses import tell_uses
from app.service_requests.models import ServiceRequest
from app.service_requests.panels import Panel
from app.service_requests.views.rendering import current_client
from tenants.core.text import _m
from tenants.permissions import Actor

USED = _m("A request opened its file.")


def customer_file_panel(actor: Actor, request: ServiceRequest) -> Panel | None:
    if actor.side != "provider" or not actor.can("request.work", request.line):
        return None
    row = find_file(request_id=request.id)
    return Panel(
        "administration/_customer_file_panel.html",
        {
            "url": url_for(
                "customer_files.show", slug=current_client().slug, number=request.number
            ),
            "file": row,
            "party": get_current_party(party_id=row.party_id) if row else None,
        },
    )


def init_customer_files() -> None:
    tell_uses("customer_files", with_files, USED)
