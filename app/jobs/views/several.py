"""Decisions on several jobs: ticked in the list, looked at per company, done in each of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.auth.errands import for_client, for_company, for_us
from app.jobs import queries
from app.jobs.queries import Company
from app.jobs.schemas import DropReason, Reason
from app.jobs.several import ACTS, VERBS, Line, Part, line_of, picks_of
from app.jobs.views.blueprint import bp
from app.jobs.views.overview import frame
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import staff
from tenants.permissions import Actor

Result = TypeVar("Result")


@bp.post("/provider/jobs/several")
@staff("job.handle")
def look_at_several() -> ResponseReturnValue:
    """What would happen, company by company; nothing has happened yet."""
    act = _act()
    return _page(act, BoundForm(_schema(act), prefix="several"))


@bp.post("/provider/jobs/several/run")
@staff("job.handle")
def run_several() -> ResponseReturnValue:
    act = _act()
    form = BoundForm(_schema(act), request.form, prefix="several")
    if not form.load():
        return _page(act, form)
    companies = queries.list_companies()
    done = 0
    failed: list[tuple[Company, str]] = []
    for company, ids in _picked(companies):
        outcomes = _run(company, act, ids, form.data.get("reason") or "")
        done += sum(1 for error in outcomes.values() if error is None)
        failed += [
            (company, text(error.message, error.params))
            for error in outcomes.values()
            if error is not None
        ]
    return render_template(
        "jobs/several_done.html", title=ACTS[act][1], done=done, failed=failed, **frame(companies)
    )


def _act() -> str:
    act = request.form.get("act", "")
    if act not in ACTS:
        raise Invalid(_m("Choose what to do with them."))
    return act


def _schema(act: str) -> Any:
    return DropReason if act == "drop" else Reason


def _picked(companies: Mapping[UUID, Company]) -> Sequence[tuple[Company, list[UUID]]]:
    """A company that isn't the reader's is left out, as if it didn't exist."""
    picks = picks_of(request.form.getlist("pick"))
    return [
        (one, picks[one.slug])
        for one in companies.values()
        if one.slug in picks and one.state != "closed"
    ]


def _page(act: str, form: BoundForm) -> ResponseReturnValue:
    companies = queries.list_companies()
    parts = [_part(company, ids, act) for company, ids in _picked(companies)]
    page = render_template(
        "jobs/several.html", act=act, symbol=ACTS[act][0], title=ACTS[act][1], form=form,
        parts=parts, fit=sum(len(part.fit) for part in parts), **frame(companies),
    )  # fmt: skip
    return page, form.status


def _part(company: Company, ids: Sequence[UUID], act: str) -> Part:
    def look(_: Actor) -> Sequence[Line]:
        found = queries.states_of(job_ids=ids)
        return [line_of(one, found.get(one), act) for one in ids]

    return Part(company, _within(company, look))


def _run(
    company: Company, act: str, ids: Sequence[UUID], reason: str
) -> Mapping[UUID, CoulisseError | None]:
    def work(actor: Actor) -> Mapping[UUID, CoulisseError | None]:
        return {one: _one(act, one, reason, actor) for one in ids}

    try:
        return _within(company, work)
    except CoulisseError as error:
        return dict.fromkeys(ids, error)


def _one(act: str, job_id: UUID, reason: str, actor: Actor) -> CoulisseError | None:
    """In a savepoint of its own: one that is refused leaves the others done."""
    try:
        with db.session.begin_nested():
            VERBS[act](job_id=job_id, actor=actor, now=clock.now(), reason=reason)
    except NotFound:
        return NotFound(_m("A job is not there any more."))
    except CoulisseError as error:
        return error
    return None


def _within(company: Company, work: Callable[[Actor], Result]) -> Result:
    if company.kind == "provider":
        return for_us(work)
    return (for_client if company.granted else for_company)(company.slug, work)
