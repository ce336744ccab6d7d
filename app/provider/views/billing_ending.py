"""A company's subscription ended at once, by an administrator who typed whose it is."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, validate

from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web.fields import TrimmedString
from app.web.forms import BoundForm
from billing.changing.services.leaving import end_subscription_now
from billing.models import ENDED
from billing.plan_changes import find_lasting
from billing.queries import find_subscription
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.endpoints import company


class EndAtOnce(Schema):
    reason = TrimmedString(
        required=True, validate=validate.Length(max=500),
        metadata={"label": _m("Reason"), "input": "textarea", "rows": 3,
                  "help": _m("Administrators of the provider read it.")},
    )  # fmt: skip
    code = TrimmedString(
        required=True, validate=validate.Length(max=10),
        metadata={"label": _m("The company's three letters"), "autocomplete": "off",
                  "help": _m("So that it is not another company's.")},
    )  # fmt: skip


@bp.get("/billing/companies/<slug>/end")
@company("provider.administer")
def billing_end(slug: str) -> ResponseReturnValue:
    return _page(BoundForm(EndAtOnce))


@bp.post("/billing/companies/<slug>/end")
@company("provider.administer")
def end_at_once(slug: str) -> ResponseReturnValue:
    form = BoundForm(EndAtOnce, request.form)
    if form.load() and _is_typed(form):
        try:
            end_subscription_now(reason=form.data["reason"], **who())
            return redirect(url_for("provider.billing_company", slug=slug, done="ending"), 303)
        except Conflict as error:
            db.session.rollback()
            form.refuse(error)
    return _page(form)


def _is_typed(form: BoundForm) -> bool:
    if form.data["code"].upper() == administered().code:
        return True
    form.add_errors({"code": [_m("Type the three letters of this company.")]})
    return False


def _page(form: BoundForm) -> ResponseReturnValue:
    held, lasting = find_subscription(), find_lasting()
    page = render_template(
        "provider/billing_end.html", here=administered(), form=form,
        runs=held is not None and held.status not in ENDED,
        begun=lasting is not None and (lasting.kind, lasting.state) == ("end", "sent"),
        planned=lasting if lasting is not None and lasting.state == "planned" else None,
    )  # fmt: skip
    return page, form.status
