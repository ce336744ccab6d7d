"""The invoices of a request: what was made for it, and how to make more."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.batches.queries import list_batches
from app.finance.sales_invoices.requests.handing_over import attach_list
from app.finance.sales_invoices.requests.queries import count_invoices, figures_of_invoices
from app.finance.sales_invoices.schemas import ActForm
from app.finance.sales_invoices.transitions import STATES
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.opening import READ, WORK, frame, reader
from app.finance.sales_invoices.words import BATCHES, FILES, TYPES
from app.service_requests import panels, presenting
from app.service_requests.checklists import figures
from app.service_requests.models import ServiceRequest
from app.service_requests.panels import Panel
from app.service_requests.queries import get_request
from app.service_requests.views.rendering import current_client, local_today
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.permissions import Actor

ITEM = "issue_invoices"


def invoices_panel(actor: Actor, row: ServiceRequest) -> Panel | None:
    if not actor.can(READ, "finance"):
        return None
    slug = current_client().slug
    return Panel(
        "sales_invoices/_panel.html",
        {
            "url": url_for("sales_invoices.of_request", slug=slug, number=row.number),
            "counts": count_invoices(request_id=row.id), "works": _works(actor, row),
        },
    )  # fmt: skip


panels.register(ITEM, invoices_panel)
figures.register(ITEM, figures_of_invoices)


@bp.get("/requests/<int:number>")
@tenant("sales_invoice.read")
def of_request(slug: str, number: int) -> ResponseReturnValue:
    return _page(reader(), number)


@bp.post("/requests/<int:number>/list")
@tenant("sales_invoice.work")
def attach(slug: str, number: int) -> ResponseReturnValue:
    """The list of what was issued becomes the request's result."""
    actor, form = reader(WORK), BoundForm(ActForm, request.form)
    row = get_request(actor=actor, number=number)
    if not carried_out(form, slug, lambda _: attach_list(
        request=row, words=text, kinds=dict(TYPES), actor=actor, now=clock.now()
    )):  # fmt: skip
        return _page(actor, number, form)
    return redirect(url_for("service_requests.show", slug=slug, number=number), 303)


def _works(actor: Actor, row: ServiceRequest) -> bool:
    return actor.can(WORK, "finance") and actor.can("request.work", row.line)


def _page(actor: Actor, number: int, refused: BoundForm | None = None) -> ResponseReturnValue:
    row = get_request(actor=current_actor(), number=number)
    cursor = request.args.get("cursor") or None
    found = queries.list_invoices(today=local_today(), request_id=row.id, cursor=cursor)
    context: dict[str, Any] = {
        **frame(actor), "r": row, "works": _works(actor, row), "rows": found.items,
        "cursor": cursor, "next_cursor": found.next_cursor, "today": local_today(),
        "states": STATES, "types": TYPES, "files": FILES, "batch_states": BATCHES,
        "subject": presenting.subject_of(row.item, row.title), "form": refused,
        "counts": count_invoices(request_id=row.id),
        "batches": list_batches(request_id=row.id).items,
    }  # fmt: skip
    page = render_template("sales_invoices/of_request.html", **context)
    return make_response(page, refused.status if refused else 200)
