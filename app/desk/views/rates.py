"""How much of whose work is checked: what supervisors set."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS
from app.desk.schemas import RateForm
from app.desk.views.blueprint import bp
from app.desk.views.common import context, user_id, who
from app.service_requests.checking.drawing import DEFAULTS, RAISED_FOR
from app.service_requests.checking.queries import get_rate, list_raised, list_rates
from app.service_requests.checking.services import rates
from app.service_requests.presenting import item_title
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.submitting import carried_out
from tenants.endpoints import staff


@bp.get("/quality/rates")
@staff("desk.supervise")
def quality_rates() -> ResponseReturnValue:
    return _page(_form())


@bp.post("/quality/rates")
@staff("desk.supervise")
def set_rate() -> ResponseReturnValue:
    form = _form(request.form)
    if carried_out(
        form,
        lambda: rates.set_rate(
            **who(), item=form.data["item"], user_id=form.data["operator"],
            rate=form.data["rate"], reason=form.data["reason"],
        ),
    ):  # fmt: skip
        return redirect(url_for("desk.quality_rates", done="set"), 303)
    return _page(form)


@bp.post("/quality/rates/<uuid:rate_id>/take-back")
@staff("desk.supervise")
def take_back_rate(rate_id: UUID) -> ResponseReturnValue:
    rates.take_back_rate(row=get_rate(rate_id=rate_id), **who())
    return redirect(url_for("desk.quality_rates", done="taken_back"), 303)


def _form(sent: MultiDict[str, str] | None = None) -> BoundForm:
    items = [
        (item.code, f"{text(LINES[item.line])}: {text(item.title)} ({DEFAULTS[item.review]} %)")
        for item in ITEMS.values()
        if item.review != "always"
    ]
    people = [(user, name) for user, name in context().people.items() if user != str(user_id())]
    values = {"item": request.args.get("item"), "operator": request.args.get("operator")}
    choices = {"item": items, "operator": people}
    return BoundForm(RateForm, sent, values=values, choices=choices)


def _page(form: BoundForm) -> ResponseReturnValue:
    people = context().people
    return render_template(
        "desk/quality_rates.html", form=form, people=people, me=user_id(), rows=list_rates(),
        raised=list_raised(), item_title=item_title, done=request.args.get("done"),
        defaults=DEFAULTS, raised_for=RAISED_FOR,
    ), form.status  # fmt: skip
