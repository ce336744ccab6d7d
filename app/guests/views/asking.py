from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.views.blueprint import each_person
from app.catalogue.lines import LINES
from app.guests.schemas import AskForm, QueryForm
from app.guests.services import ask_about, raise_query
from app.guests.views.blueprint import bp
from app.guests.views.reading import request_page
from app.service_requests.queries import get_request
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.limits import limiter
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden
from tenants.endpoints import tenant


@bp.post("/requests/<int:number>/questions")
@tenant("guest.ask")
@limiter.limit("60/hour", key_func=each_person)
def ask(slug: str, number: int) -> ResponseReturnValue:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    form = BoundForm(AskForm, request.form)
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            return request_page(row, form)
        ask_about(
            request=row, body=form.data["body"], expected_version=form.data["version"],
            actor=actor, now=clock.now(),
        )  # fmt: skip
    except Forbidden:
        raise
    except CoulisseError as error:
        db.session.rollback()
        form.refuse(error)
        return request_page(get_request(actor=actor, number=number), form)
    return redirect(url_for("guests.show", slug=slug, number=number, done="asked"), 303)


@bp.get("/ask")
@tenant("guest.ask")
def new_query(slug: str) -> ResponseReturnValue:
    return _query_page(BoundForm(QueryForm, choices={"line": _lines()}))


@bp.post("/ask")
@tenant("guest.ask")
@limiter.limit("30/hour", key_func=each_person)
def query(slug: str) -> ResponseReturnValue:
    form = BoundForm(QueryForm, request.form, choices={"line": _lines()})
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            return _query_page(form)
        row = raise_query(
            line=form.data["line"], title=form.data["title"], details=form.data["details"],
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except CoulisseError as error:
        db.session.rollback()
        form.refuse(error)
        return _query_page(form)
    return redirect(url_for("guests.show", slug=slug, number=row.number, done="asked"), 303)


def _lines() -> list[tuple[str, str]]:
    actor = current_actor()
    return [(code, text(label)) for code, label in LINES.items() if actor.can("guest.ask", code)]


def _query_page(form: BoundForm) -> ResponseReturnValue:
    form["client"].value = current_client().slug
    return render_template("guests/ask.html", client=current_client(), form=form), form.status
