"""What the company got back, and what is left of it."""

from typing import cast

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from app.catalogue.lines import LINES
from app.subscription.views.blueprint import bp
from billing.credits import queries, rules, words
from tenants.endpoints import tenant
from tenants.permissions import Actor


@bp.get("/credits")
@tenant("subscription.read", always=True)
def credits(slug: str) -> ResponseReturnValue:
    cursor = request.args.get("cursor") or None
    page = queries.list_shown(cursor=cursor)
    return render_template(
        "subscription/credits.html", slug=slug, page=page, cursor=cursor,
        notes=queries.notes_of(credit_ids=[row.id for row in page.items]),
        invoices=queries.numbers_of([row.target_invoice_id for row in page.items]),
        balance=queries.find_balance(), kinds=words.KINDS, states=words.STATES, waits=rules.WAITS,
        methods=words.METHODS, lines=LINES, actor=cast(Actor, g.actor),
    )  # fmt: skip
