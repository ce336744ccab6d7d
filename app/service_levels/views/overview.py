"""Months to sign over all clients of a supervisor, and work begun for several of them at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.service_levels.overview import ClientMonths, read_overview
from app.service_levels.rounds import (
    JOBS,
    WORKS,
    Begun,
    Choice,
    Place,
    begun_of,
    choose,
    list_places,
)
from app.service_levels.services.rounds import start_round
from app.service_levels.showing import Round, round_of
from app.web.headers import wants_fragment
from tenants import jobs
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden, NotFound
from tenants.core.ids import uuid7
from tenants.endpoints import staff
from tenants.scoping import across_tenants

bp = Blueprint("service_level_overview", __name__, url_prefix="/service-levels")
SHOWN_FOR, MOST_SHOWN = timedelta(hours=12), 3


@bp.get("")
@staff("desk.supervise")
def overview() -> ResponseReturnValue:
    """Months to sign and contests to answer, at every client that is open to the supervisor."""
    return _page()


@bp.post("/rounds")
@staff("desk.supervise")
def start() -> ResponseReturnValue:
    """All of the ticked clients or, with the names of those that can't be, none."""
    form = request.form
    picked = form.getlist("shown") if form.get("all") else form.getlist("client")
    choice = choose(list_places(), picked)
    if choice.left_out:
        return _page(choice=choice, picked=picked), 422
    try:
        begun = start_round(
            work=form.get("work", ""), tenant_ids=choice.tenant_ids, once=form.get("once", ""),
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except CoulisseError as error:
        if type(error) in (Forbidden, NotFound):
            raise
        db.session.rollback()
        return _page(refused=error, picked=picked), error.status
    return redirect(f"{url_for('.overview')}#round-{begun.id}", 303)


@bp.get("/rounds/<uuid:batch_id>")
@staff("desk.supervise")
def progress(batch_id: UUID) -> ResponseReturnValue:
    """How far it is, for the page where it was started; at its end with the figures as they are."""
    batch = jobs.get_batch(batch_id=batch_id)
    if batch.name not in JOBS:
        raise NotFound
    if not wants_fragment():
        return redirect(f"{url_for('.overview')}#round-{batch_id}", 303)
    begun = begun_of(batch)
    rows = _rows(list_places())
    one = next(iter(_rounds([begun], rows)), None)
    if one is None:
        raise NotFound
    return render_template("service_levels/_round_answer.html", one=one, **_table(rows))


def _page(
    *,
    choice: Choice | None = None,
    refused: CoulisseError | None = None,
    picked: Sequence[str] = (),
) -> str:
    since = clock.now() - SHOWN_FOR
    begun = [begun_of(one) for one in jobs.list_batches(names=JOBS, since=since, limit=MOST_SHOWN)]
    rows = _rows(list_places())
    return render_template(
        "service_levels/overview.html", rounds=_rounds(begun, rows), choice=choice,
        refused=refused, **_table(rows, picked),
    )  # fmt: skip


def _rows(places: Mapping[str, Place]) -> list[ClientMonths]:
    return read_overview(places=places.values(), user_id=_user_id(), now=clock.now())


def _table(rows: Sequence[ClientMonths], picked: Sequence[str] = ()) -> dict[str, object]:
    """`once` makes a second click on the same page the same one."""
    return {"rows": rows, "lines": LINES, "works": WORKS, "picked": picked, "once": uuid7().hex,
            "fit": [row for row in rows if not row.obstacle]}  # fmt: skip


def _rounds(begun: Sequence[Begun], rows: Sequence[ClientMonths]) -> list[Round]:
    """Those of which a client is open to the reader; in no scope."""
    clients = {row.tenant_id: row for row in rows}
    if not begun or not clients:
        return []
    with across_tenants(
        reason="how far a round is", tenant_ids=sorted(clients), user_id=_user_id()
    ) as session:
        found = [
            round_of(one, jobs.list_parts(session, batch_id=one.id, granted=list(clients)), clients)
            for one in begun
        ]
    return [one for one in found if one.shown]


def _user_id() -> UUID:
    found = current_actor().user_id
    assert found is not None
    return found
