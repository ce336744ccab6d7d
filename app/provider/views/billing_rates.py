"""What an hour of our people costs us, which the margins count with."""

from datetime import date, timedelta
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.provider.billing import words
from app.provider.billing.forms import RateForm
from app.provider.queries import list_all_staff
from app.provider.schemas import ROLES
from app.provider.views.blueprint import bp
from app.provider.views.common import who
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.submitting import carried_out
from billing.figures import queries
from billing.figures.rates import set_rate
from billing.plans import CURRENCY
from billing.prices.in_force import day_of
from tenants.core import clock
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.endpoints import provider
from tenants.models import STAFF_ROLES

BACK, AHEAD = 12, 3


@bp.get("/billing/rates")
@provider("provider.administer")
def billing_rates() -> ResponseReturnValue:
    values = {"starts_on": day_of(clock.now()).replace(day=1).isoformat()}
    return _page(BoundForm(RateForm, values=values, choices=_choices()))


@bp.post("/billing/rates")
@provider("provider.administer")
def set_billing_rate() -> ResponseReturnValue:
    choices = _choices()
    form = BoundForm(RateForm, request.form, choices=choices)

    def work() -> None:
        whose = form.data["whose"]
        wrong = {
            name: [_m("Choose one of the list.")]
            for name, value in (("whose", whose), ("starts_on", form.data["starts_on"].isoformat()))
            if value not in dict(choices[name])
        }
        if wrong:
            raise Invalid(field_errors=wrong)
        set_rate(
            user_id=None if whose in STAFF_ROLES else UUID(whose),
            role=whose if whose in STAFF_ROLES else "", cents=form.data["amount"],
            starts_on=form.data["starts_on"], **who(),
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(url_for("provider.billing_rates", done="set"), 303)
    return _page(form)


def _page(form: BoundForm) -> ResponseReturnValue:
    names = {one.user_id: one.display_name for one in list_all_staff()}
    page = render_template(
        "provider/billing_rates.html", form=form, rates=queries.list_rates(), names=names,
        roles=ROLES, currency=CURRENCY, month_name=words.month_name, done=request.args.get("done"),
    )  # fmt: skip
    return page, form.status


def _choices() -> dict[str, list[tuple[str, str]]]:
    people = [(str(one.user_id), one.display_name) for one in list_all_staff() if one.active]
    return {
        "whose": [*((role, text(ROLES[role])) for role in STAFF_ROLES), *people],
        "starts_on": [(one.isoformat(), words.month_name(one)) for one in _months()],
    }


def _months() -> list[date]:
    """The latest first."""
    month = day_of(clock.now()).replace(day=1)
    for _ in range(AHEAD):
        month = (month + timedelta(days=32)).replace(day=1)
    found = [month]
    while len(found) < BACK + AHEAD + 1:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
