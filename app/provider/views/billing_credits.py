"""Credits over all companies: asked for by one administrator, approved by another in sight of what
Stripe makes of them."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _  # type: ignore[import-untyped]

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.provider.billing.decisions import CreditRefusal, Goodwill
from app.provider.queries import list_credits
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web.formats import date_text, money_text
from app.web.forms import BoundForm
from app.web.i18n import language
from billing.credits import previews, queries, rules, services, words
from billing.figures.queries import list_companies
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden
from tenants.endpoints import company, provider


@bp.get("/billing/credits")
@provider("provider.administer")
def billing_credits() -> ResponseReturnValue:
    state, slug = request.args.get("state", ""), request.args.get("company", "")
    state, slug = state if state in rules.STATES else "", slug[:60].replace("\0", "")
    return render_template(
        "provider/billing_credits.html", rows=list_credits(state=state, company=slug),
        state=state, company=slug, states=words.STATES, kinds=words.KINDS, methods=words.METHODS,
        waits=rules.WAITS, lines=LINES,
    )  # fmt: skip


@bp.get("/billing/credits/new")
@provider("provider.administer")
def choose_credit() -> ResponseReturnValue:
    """Whom it is for."""
    return render_template(
        "provider/billing_choose_credit.html",
        companies=[one for one in list_companies(now=clock.now()) if one["state"] != "closed"],
    )


@bp.get("/billing/companies/<slug>/credits/new")
@company("provider.administer")
def new_credit(slug: str) -> ResponseReturnValue:
    return _new(BoundForm(Goodwill, choices=_choices()))


@bp.post("/billing/companies/<slug>/credits/new")
@company("provider.administer")
def give_credit(slug: str) -> ResponseReturnValue:
    form = BoundForm(Goodwill, request.form, choices=_choices())
    if form.load():
        try:
            row = services.give_goodwill(
                amount=form.data["amount"], reason=form.data["reason"],
                stripe_invoice_id=form.data["invoice"] or None, **who(),
            )  # fmt: skip
            return _back(slug, row.id, "asked")
        except CoulisseError as error:
            if type(error) is Forbidden:
                raise
            db.session.rollback()
            form.refuse(error)
    return _new(form)


@bp.get("/billing/companies/<slug>/credits/<uuid:credit_id>")
@company("provider.administer")
def billing_credit(slug: str, credit_id: UUID) -> ResponseReturnValue:
    return _page(credit_id, BoundForm(CreditRefusal))


@bp.post("/billing/companies/<slug>/credits/<uuid:credit_id>/approve")
@company("provider.administer")
def approve_credit(slug: str, credit_id: UUID) -> ResponseReturnValue:
    services.approve_credit(credit_id=credit_id, **who())
    return _back(slug, credit_id, "approved")


@bp.post("/billing/companies/<slug>/credits/<uuid:credit_id>/refuse")
@company("provider.administer")
def refuse_credit(slug: str, credit_id: UUID) -> ResponseReturnValue:
    queries.get_credit(credit_id=credit_id)
    form = BoundForm(CreditRefusal, request.form)
    if form.load():
        services.refuse_credit(credit_id=credit_id, reason=form.data["reason"], **who())
        return _back(slug, credit_id, "refused")
    return _page(credit_id, form)


@bp.post("/billing/companies/<slug>/credits/<uuid:credit_id>/again")
@company("provider.administer")
def try_credit_again(slug: str, credit_id: UUID) -> ResponseReturnValue:
    services.try_again(credit_id=credit_id, **who())
    return _back(slug, credit_id, "again")


@bp.post("/billing/companies/<slug>/credits/<uuid:credit_id>/for-usage")
@company("provider.administer")
def give_credit_for_usage(slug: str, credit_id: UUID) -> ResponseReturnValue:
    services.give_for_usage(credit_id=credit_id, **who())
    return _back(slug, credit_id, "again")


def _back(slug: str, credit_id: UUID, done: str) -> ResponseReturnValue:
    return redirect(
        url_for("provider.billing_credit", slug=slug, credit_id=credit_id, done=done), 303
    )


def _choices() -> dict[str, Any]:
    invoices = [
        (
            one.invoice.stripe_invoice_id,
            _(
                "Credit note on invoice %(number)s of %(date)s, %(left)s left",
                number=one.invoice.number,
                date=date_text(one.invoice.invoiced_at.date(), language()),
                left=money_text(one.left, one.invoice.currency, language()),
            ),
        )
        for one in queries.list_targets()
    ]
    return {"invoice": [("", _("Credit for usage, for 12 months")), *invoices]}


def _new(form: BoundForm) -> ResponseReturnValue:
    return render_template("provider/billing_new_credit.html", here=administered(), form=form), (
        form.status
    )


def _page(credit_id: UUID, form: BoundForm) -> ResponseReturnValue:
    row, me = queries.get_credit(credit_id=credit_id), current_actor().user_id
    page = render_template(
        "provider/billing_credit.html", here=administered(), row=row, form=form, own=me,
        number=queries.numbers_of([row.target_invoice_id]).get(row.target_invoice_id or ""),
        note=queries.notes_of(credit_ids=[row.id]).get(row.id), waits=rules.WAITS,
        states=words.STATES, kinds=words.KINDS, methods=words.METHODS, lines=LINES,
        preview=previews.call_preview(row) if row.state == "draft" else None,
        stuck=services.is_stuck(row), done=request.args.get("done"),
    )  # fmt: skip
    return page, form.status
