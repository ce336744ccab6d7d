"""The provider's invoices: a list, each with its lines, and all of them as a file."""

from typing import cast

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.finance.sales_invoices.subscription import find_file, write_again
from app.subscription.invoice_csv import invoices_csv
from app.subscription.views.blueprint import bp
from app.web.i18n import text
from billing import queries
from billing.credits.queries import list_notes
from billing.invoices import showing
from billing.invoices.queries import count_open, list_all
from billing.taxes.showing import mention_on
from tenants.core import clock
from tenants.core.pagination import PAGE_SIZE
from tenants.endpoints import tenant
from tenants.permissions import Actor
from tenants.queries import get_tenant


@bp.get("/invoices")
@tenant("subscription.read", always=True)
def invoices(slug: str) -> ResponseReturnValue:
    cursor = request.args.get("cursor") or None
    found = showing.list_rows(cursor=cursor, limit=PAGE_SIZE, now=clock.now())
    return render_template(
        "subscription/invoices.html", slug=slug, found=found, cursor=cursor,
        to_pay=count_open(), evidence=showing.evidence_of(found.items),
        account=queries.find_account(), actor=cast(Actor, g.actor),
    )  # fmt: skip


@bp.get("/invoices.csv")
@tenant("subscription.read", always=True)
def invoices_file(slug: str) -> ResponseReturnValue:
    content = invoices_csv(list_all(), say=text)
    return Response(
        content,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{slug}-invoices.csv"'},
    )


@bp.get("/invoices/<invoice_number>")
@tenant("subscription.read", always=True)
def invoice(slug: str, invoice_number: str) -> ResponseReturnValue:
    """By its number; one in preparation by Stripe's id of it."""
    page = showing.invoice_page(reference=invoice_number, now=clock.now())
    ident, number = page.invoice.row.stripe_invoice_id, page.invoice.row.number
    actor = cast(Actor, g.actor)
    return render_template(
        "subscription/invoice.html", slug=slug, actor=actor, now=clock.now(),
        file=find_file(number=number, actor=actor) if number else None,
        asked="file" in request.args,
        page=page, notes=list_notes(stripe_invoice_ids=[ident]).get(ident, []),
        vat=mention_on(page.invoice.row, language=get_tenant().document_language),
    )  # fmt: skip


@bp.post("/invoices/<invoice_number>/file")
@tenant("subscription.manage", always=True)
def write_file_again(slug: str, invoice_number: str) -> ResponseReturnValue:
    write_again(number=invoice_number, actor=cast(Actor, g.actor), now=clock.now())
    here = url_for("subscription.invoice", slug=slug, invoice_number=invoice_number, file=1)
    return redirect(here, 303)
