"""The reports of all clients of a supervisor, and their preparation for several at once."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.reporting import words
from app.reporting.overview import JOB, read_overview
from app.reporting.wording import Wording
from app.service_levels.rounds import Choice, choose, list_places
from app.web.i18n import language
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.endpoints import staff
from tenants.services.job_batches import start_batch

bp = Blueprint("report_overview", __name__, url_prefix="/reports")
TITLE = _m("Preparing the service report")


@bp.get("")
@staff("desk.supervise")
def overview() -> ResponseReturnValue:
    """What is to prepare, to write, to check and to send, at every client open to the supervisor."""
    return _page()


@bp.post("")
@staff("desk.supervise")
def start() -> ResponseReturnValue:
    """For all of the ticked clients or, with the names of those that can't be, for none."""
    form = request.form
    picked = form.getlist("shown") if form.get("all") else form.getlist("client")
    choice = choose(list_places(), picked)
    if choice.left_out:
        return _page(choice=choice, picked=picked), 422
    try:
        batch = start_batch(
            name=JOB, title=TITLE, for_client=True, tenant_ids=choice.tenant_ids,
            once=form.get("once") or None, queue="default", actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except CoulisseError as error:
        if type(error) in (Forbidden, NotFound):
            raise
        db.session.rollback()
        return _page(refused=error, picked=picked), error.status
    return redirect(url_for("jobs.batch", batch_id=batch.id), 303)


def _page(
    *,
    choice: Choice | None = None,
    refused: CoulisseError | None = None,
    picked: Sequence[str] = (),
) -> str:
    user_id = current_actor().user_id
    assert user_id is not None
    rows = read_overview(places=list_places().values(), user_id=user_id)
    return render_template(
        "reporting/overview.html", rows=rows, looks=words.LOOKS, choice=choice, refused=refused,
        picked=picked, once=uuid7().hex, fit=[row for row in rows if not row.obstacle],
        month_name=lambda month: Wording.month_in(month, language()),
    )  # fmt: skip
