"""Contested usage over all companies, and one of them with its evidence."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.provider.billing.decisions import Decision
from app.provider.queries import list_contests
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web.forms import BoundForm
from billing.contests import queries, rules, services, words
from billing.plans import METERS
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.endpoints import company, provider


@bp.get("/billing/contests")
@provider("provider.administer")
def billing_contests() -> ResponseReturnValue:
    state = request.args.get("state", "")
    state = state if state in rules.STATES else ""
    slug = request.args.get("company", "")[:60].replace("\0", "")
    return render_template(
        "provider/billing_contests.html", rows=list_contests(state=state, company=slug),
        state=state, states=words.STATES, verdicts=words.VERDICTS, meters=METERS, company=slug,
        value=rules.value,
    )  # fmt: skip


@bp.get("/billing/companies/<slug>/contests/<uuid:usage_contest_id>")
@company("provider.administer")
def billing_contest(slug: str, usage_contest_id: UUID) -> ResponseReturnValue:
    return _page(usage_contest_id, BoundForm(Decision))


@bp.post("/billing/companies/<slug>/contests/<uuid:usage_contest_id>")
@company("provider.administer")
def decide_contest(slug: str, usage_contest_id: UUID) -> ResponseReturnValue:
    queries.get_contest(contest_id=usage_contest_id)
    form = BoundForm(Decision, request.form)
    if form.load():
        try:
            services.decide(contest_id=usage_contest_id, **form.data, **who())
            return _back(slug, usage_contest_id, "decided")
        except CoulisseError as error:
            if not error.field_errors:
                raise
            db.session.rollback()
            form.refuse(error)
    return _page(usage_contest_id, form)


@bp.post("/billing/companies/<slug>/contests/<uuid:usage_contest_id>/confirm")
@company("provider.administer")
def confirm_contest(slug: str, usage_contest_id: UUID) -> ResponseReturnValue:
    services.confirm(contest_id=usage_contest_id, **who())
    return _back(slug, usage_contest_id, "confirmed")


@bp.post("/billing/companies/<slug>/contests/<uuid:usage_contest_id>/send-back")
@company("provider.administer")
def send_contest_back(slug: str, usage_contest_id: UUID) -> ResponseReturnValue:
    services.send_back(contest_id=usage_contest_id, **who())
    return _back(slug, usage_contest_id, "sent_back")


def _back(slug: str, contest_id: UUID, done: str) -> ResponseReturnValue:
    return redirect(
        url_for("provider.billing_contest", slug=slug, usage_contest_id=contest_id, done=done), 303
    )


def _page(contest_id: UUID, form: BoundForm) -> ResponseReturnValue:
    row = queries.get_contest(contest_id=contest_id)
    page = render_template(
        "provider/billing_contest.html", here=administered(), row=row, form=form,
        meters=METERS, states=words.STATES, verdicts=words.VERDICTS, outcomes=words.OUTCOMES,
        worth=rules.value(row.unit_amount, row.quantity), limit=rules.LIMIT,
        taken=rules.value(row.unit_amount, row.taken), own=current_actor().user_id,
        done=request.args.get("done"),
    )  # fmt: skip
    return page, form.status
