"""A client's months: read by both sides, signed off by the provider, contested by the client."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.contracts.words import PRIORITY_NAMES
from app.service_levels import words
from app.service_levels.export import month_csv
from app.service_levels.input_queries import names_of
from app.service_levels.models import SlaOutcome
from app.service_levels.months import read_month as month_named
from app.service_levels.punctuality import Input
from app.service_levels.rights import may_sign
from app.service_levels.schemas import ContestForm, VerdictForm
from app.service_levels.services.contesting import answer_contest, contest
from app.service_levels.services.signing import sign_off
from app.service_levels.statement import (
    LineMonth,
    Row,
    Statement,
    chosen_inputs,
    chosen_outcomes,
    rate,
    read_month,
)
from app.service_levels.worked import WorkedOn
from app.service_requests.presenting import subject_of
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden, Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant

bp = Blueprint("service_levels", __name__, url_prefix="/c/<slug>/service-levels")
NARROWED_BY = ("line", "clock", "outcome", "reason")


@bp.get("")
@tenant("request.read")
def month_page(slug: str) -> ResponseReturnValue:
    return _page(_read())


@bp.get("/month.csv")
@tenant("request.read")
def month_file(slug: str) -> ResponseReturnValue:
    found = _read()
    name = f"service-levels-{slug}-{found.span.name}.csv"
    return Response(
        month_csv(found, say=text), mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


@bp.post("/sign")
@tenant("request.review")
def sign(slug: str) -> ResponseReturnValue:
    month = _sent_month()
    check_client(slug)
    sign_off(month=month, actor=current_actor(), now=clock.now())
    return _back(slug, month.strftime("%Y-%m"), "signed")


@bp.post("/contest")
@tenant("request.answer")
def add_contest(slug: str) -> ResponseReturnValue:
    form = BoundForm(ContestForm, request.form, prefix="contest")
    return _act(slug, form, "contested")


@bp.post("/contest/answer")
@tenant("request.review")
def answer(slug: str) -> ResponseReturnValue:
    line = request.form.get("line", "")
    found = _read(_sent_month().strftime("%Y-%m"))
    own = next((one for one in found.lines if one.line == line), None)
    if own is None:
        raise NotFound
    return _act(slug, _verdict_form(found, own, sent=True), "answered")


def _act(slug: str, form: BoundForm, done: str) -> ResponseReturnValue:
    month = request.form.get("month", "")
    if not form.load():
        return _page(_read(month), form)
    data, first = form.data, _sent_month()
    try:
        check_client(slug)
        who = {"month": first, "line": data["line"], "actor": current_actor(), "now": clock.now()}
        if done == "contested":
            contest(words=data["words"], **who)
        else:
            answer_contest(answer=data["answer"], missed=data["missed"], **who)
    except CoulisseError as error:
        if type(error) in (Forbidden, NotFound):
            raise
        db.session.rollback()
        form.refuse(error)
        return _page(_read(month), form)
    return _back(slug, month, done)


def _sent_month() -> date:
    month = month_named(request.form.get("month", ""))
    if month is None:
        raise Invalid(_m("Choose a month of the list."))
    return month


def _back(slug: str, month: str, done: str) -> ResponseReturnValue:
    return redirect(url_for("service_levels.month_page", slug=slug, month=month, done=done), 303)


def _read(name: str | None = None) -> Statement:
    wanted = month_named(name if name is not None else request.args.get("month", ""))
    return read_month(actor=current_actor(), first=wanted, now=clock.now())


def _page(found: Statement, form: BoundForm | None = None) -> Response:
    actor, slug = current_actor(), current_client().slug
    narrowed = {name: request.args.get(name, "") for name in NARROWED_BY}
    page = render_template(
        "service_levels/month.html", client=current_client(), found=found, lines=LINES,
        words=words, priorities=PRIORITY_NAMES, provider=actor.side == "provider",
        may_sign=may_sign(actor), may_contest=actor.side == "client", narrowed=narrowed,
        shown=_shown(found, narrowed), inputs=_inputs(found, narrowed["line"]),
        worked=_worked(found, narrowed["line"]), subject_of=subject_of,
        forms_of={one.line: _form_of(found, one, form) for one in found.lines}, rate=rate,
        done=request.args.get("done", ""), open_line=form["line"].value if form else "",
        here=url_for("service_levels.month_page", slug=slug),
        credits_url=_credits_url(found, slug),
    )  # fmt: skip
    return make_response(page, form.status if form else 200)


def _credits_url(found: Statement, slug: str) -> str | None:
    """Where the client reads what became of a signed month's credit."""
    sees = found.signed and current_actor().can("subscription.read")
    return url_for("subscription.credits", slug=slug) if sees else None


def _shown(found: Statement, narrowed: dict[str, str]) -> Sequence[Row] | None:
    listed = request.args.get("inputs") or request.args.get("time")
    return chosen_outcomes(found, **narrowed) if any(narrowed.values()) and not listed else None


def _inputs(found: Statement, line: str) -> Sequence[tuple[Input, str, date]] | None:
    """With what each is called, and the last day on which it was in time."""
    rows = chosen_inputs(found, line=line, inputs=request.args.get("inputs", ""))
    if rows is None:
        return None
    names = names_of(rows)
    return [
        (one, names.get(one.document_id, "") if one.document_id else text(_m("Files of the form")),
         one.last_day(found.span.zone))
        for one in rows
    ]  # fmt: skip


def _worked(found: Statement, line: str) -> Sequence[WorkedOn] | None:
    if not request.args.get("time") or found.work.requests is None:
        return None
    return [one for one in found.work.requests if line in ("", one.line)]


def _form_of(found: Statement, line: LineMonth, sent: BoundForm | None) -> BoundForm | None:
    """What this reader may fill in about the line's month, if anything."""
    if sent is not None and sent["line"].value == line.line:
        return sent
    actor = current_actor()
    if found.signed is None or not actor.can(
        "request.answer" if actor.side == "client" else "request.review", line.line
    ):
        return None
    if actor.side == "provider":
        waits = line.contest is not None and line.contest.answered_at is None
        return _verdict_form(found, line) if waits else None
    return _contest_form(found, line) if line.state == "computed" else None


def _contest_form(found: Statement, line: LineMonth) -> BoundForm:
    return BoundForm(ContestForm, values=_hidden(found, line), prefix=f"contest-{line.line}")


def _verdict_form(found: Statement, line: LineMonth, *, sent: bool = False) -> BoundForm:
    choices = [
        (str(one.id), f"#{one.number} · {text(words.CLOCK_NAMES[one.clock])}")
        for one in line.contestable
        if isinstance(one, SlaOutcome)
    ]
    return BoundForm(
        VerdictForm, request.form if sent else None, values=_hidden(found, line),
        choices={"missed": choices}, prefix=f"verdict-{line.line}",
    )  # fmt: skip


def _hidden(found: Statement, line: LineMonth) -> dict[str, str]:
    return {"client": current_client().slug, "month": found.span.name, "line": line.line}
