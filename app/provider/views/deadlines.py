"""Statutory deadlines: what ships, what the provider says instead, what comes next."""

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.calendars.deadlines import COUNTRIES, coming, shipped_documents
from app.catalogue.lines import LINES
from app.provider.deadline_form import (
    COUNTRY_NAMES,
    DeadlineForm,
    WhyForm,
    document_of,
    values_of,
)
from app.provider.views.blueprint import bp
from app.provider.views.common import who
from app.service_requests.recurring.rule_words import period_text
from app.service_requests.statutory import queries, services
from app.service_requests.statutory.queries import Standing
from app.web.forms import BoundForm
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import provider

SHOWN = 12


@bp.get("/deadlines")
@provider("provider.administer")
def deadlines() -> ResponseReturnValue:
    today, found = clock.now().date(), queries.list_standing()
    groups = [
        (COUNTRY_NAMES[country], [
            (code, one, next(iter(coming(one.deadline, today, most=1)), None))
            for code, one in found.items() if one.deadline.country == country
        ])
        for country in COUNTRIES
    ]  # fmt: skip
    return render_template("provider/deadlines.html", groups=groups, lines=LINES)


@bp.get("/new-deadline")
@provider("provider.administer")
def new_deadline() -> ResponseReturnValue:
    values = {"country": COUNTRIES[0], "line": "finance"}
    return _page(BoundForm(DeadlineForm, values=values))


@bp.post("/new-deadline")
@provider("provider.administer")
def add_deadline() -> ResponseReturnValue:
    form, made = BoundForm(DeadlineForm, request.form), list[str]()

    def work() -> None:
        made.append(services.say_deadline(
            code=None, document=document_of(form.data, {}), note=form.data["note"],
            expected_revision=0, **who(),
        ).code)  # fmt: skip

    if not carried_out(form, work):
        return _page(form)
    return redirect(url_for("provider.deadline", deadline=made[0], done="said"), 303)


@bp.get("/deadlines/<deadline>")
@provider("provider.administer")
def deadline(deadline: str) -> ResponseReturnValue:
    one = queries.get_standing(code=deadline)
    values = values_of(_document(deadline, one)) | {"revision": one.revision}
    return _page(BoundForm(DeadlineForm, values=values), deadline, one)


@bp.post("/deadlines/<deadline>")
@provider("provider.administer")
def say_deadline(deadline: str) -> ResponseReturnValue:
    one, form = queries.get_standing(code=deadline), BoundForm(DeadlineForm, request.form)
    if not carried_out(form, lambda: services.say_deadline(
        code=deadline, document=document_of(form.data, _document(deadline, one)),
        note=form.data["note"], expected_revision=form.data["revision"], **who(),
    )):  # fmt: skip
        return _page(form, deadline, queries.get_standing(code=deadline))
    return redirect(url_for("provider.deadline", deadline=deadline, done="said"), 303)


@bp.post("/deadlines/<deadline>/<change>")
@provider("provider.administer")
def change_deadline(deadline: str, change: str) -> ResponseReturnValue:
    """Withdrawn, offered again, or what ships once more."""
    if change not in ("withdraw", "offer", "shipped"):
        raise NotFound
    queries.get_standing(code=deadline)
    form = BoundForm(WhyForm, request.form, prefix="why")

    def work() -> None:
        said = {"code": deadline, "note": form.data["note"],
                "expected_revision": form.data["revision"], **who()}  # fmt: skip
        if change == "shipped":
            services.take_shipped(**said)
        else:
            services.offer_deadline(offered=change == "offer", **said)

    if carried_out(form, work):
        return redirect(url_for("provider.deadline", deadline=deadline, done="said"), 303)
    one = queries.get_standing(code=deadline)
    values = values_of(_document(deadline, one)) | {"revision": one.revision}
    return _page(BoundForm(DeadlineForm, values=values), deadline, one, why=form)


def _document(code: str, one: Standing) -> Mapping[str, Any]:
    if one.version is not None and one.version.document is not None:
        return one.version.document
    return shipped_documents()[code]


def _page(
    form: BoundForm, code: str = "", one: Standing | None = None, why: BoundForm | None = None
) -> Response:
    revision = one.revision if one else 0
    page = render_template(
        "provider/deadline.html", form=form, code=code, one=one, period_text=period_text,
        coming=coming(one.deadline, clock.now().date(), most=SHOWN) if one else [],
        versions=queries.list_versions(code=code) if code else [], done=request.args.get("done"),
        why=why or BoundForm(WhyForm, values={"revision": revision}, prefix="why"),
    )  # fmt: skip
    return make_response(page, why.status if why else form.status)
