"""A usage record is contested where it stands, and its answer is read there."""

from typing import Any, cast
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.service_requests.evidence_facts import facts_of
from app.service_requests.evidence_queries import get_chain, get_request_to_prove
from app.subscription.contest_form import ContestUsage
from app.subscription.views.blueprint import bp
from app.web.forms import BoundForm
from billing.contests import queries, rules, services, words
from billing.plans import METERS
from billing.sources import find_sources
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden, NotFound
from tenants.endpoints import tenant
from tenants.permissions import Actor


@bp.get("/contests")
@tenant("subscription.read", always=True)
def contests(slug: str) -> ResponseReturnValue:
    return render_template(
        "subscription/contests.html", slug=slug, rows=queries.list_contests(), meters=METERS,
        states=words.STATES, verdicts=words.VERDICTS, actor=cast(Actor, g.actor),
        done=request.args.get("done"),
    )  # fmt: skip


@bp.get("/usage/<uuid:usage_id>/contest")
@tenant("subscription.manage", always=True)
def contest(slug: str, usage_id: UUID) -> ResponseReturnValue:
    return _page(slug, queries.get_record(usage_id=usage_id), BoundForm(ContestUsage))


@bp.post("/usage/<uuid:usage_id>/contest")
@tenant("subscription.manage", always=True)
def raise_contest(slug: str, usage_id: UUID) -> ResponseReturnValue:
    record = queries.get_record(usage_id=usage_id)
    form = BoundForm(ContestUsage, request.form)
    if form.load():
        now = clock.now()
        try:
            services.open_contest(
                usage_id=usage_id, **form.data, evidence=_evidence(record, now),
                actor=cast(Actor, g.actor), now=now,
            )  # fmt: skip
            return redirect(url_for("subscription.contests", slug=slug, done="raised"), 303)
        except CoulisseError as error:
            if type(error) in (Forbidden, NotFound):
                raise
            db.session.rollback()
            form.refuse(error)
            record = queries.get_record(usage_id=usage_id)
    return _page(slug, record, form)


def _evidence(record: queries.Record, now: Any) -> dict[str, Any]:
    """Of the request's chain as it stands now; {} for usage of none."""
    source = _source(record)
    if source is None or source.number is None:
        return {}
    actor = cast(Actor, g.actor)
    row = get_request_to_prove(actor=actor, number=source.number)
    return facts_of(get_chain(actor=actor, request=row, now=now))


def _source(record: queries.Record) -> Any:
    event = record.event
    return find_sources([(event.source_type, event.source_id)]).get(event.source_id)


def _page(slug: str, record: queries.Record, form: BoundForm) -> ResponseReturnValue:
    until = record.facts.final_at + rules.DAYS if record.facts.final_at else None
    page = render_template(
        "subscription/contest.html", slug=slug, record=record, form=form, source=_source(record),
        refused=rules.refusal(record.facts, clock.now()), until=until, verdicts=words.VERDICTS,
        states=words.STATES, actor=cast(Actor, g.actor),
    )  # fmt: skip
    return page, form.status
