"""Time on a request: by timer, by hand, corrected."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity, remember_timer
from app.auth.identity import OwnTimer
from app.service_requests.queries import get_request
from app.service_requests.services import timekeeping
from app.service_requests.time_schemas import TimeForm
from app.service_requests.views.acting import Act, perform
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client, local_today
from app.timesheets.queries import find_comment, get_entry
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.targets import is_local
from tenants.core.errors import Forbidden
from tenants.core.text import _m
from tenants.endpoints import tenant

FIELDS = ("minutes", "worked_on", "activity", "billable", "category", "comment")


@bp.post("/<int:number>/time")
@tenant("time.record")
def record_time(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "time", slug=slug, done=_m("Time recorded."),
        work=lambda act: timekeeping.record_time(
            **act.who, **_entry(act), entry_id=act.data["once"]
        ),
    )  # fmt: skip


@bp.get("/<int:number>/time/<uuid:entry_id>")
@tenant("time.record")
def show_entry(slug: str, number: int, entry_id: UUID) -> ResponseReturnValue:
    """The form that corrects an entry: a page, or what the request's page opens below it."""
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    entry = get_entry(request_id=row.id, entry_id=entry_id)
    actor.require("time.record", row.line)
    own = entry.user_id == actor.user_id or actor.can("request.review", row.line)
    values = {name: getattr(entry, name) for name in FIELDS if name != "comment"} | {
        "client": slug, "version": row.version, "comment": find_comment(entry_id=entry.id),
    }  # fmt: skip
    template = "_time_entry.html" if wants_fragment() else "time_entry.html"
    return render_template(
        f"service_requests/{template}", client=current_client(), r=row, entry=entry,
        own=own, form=BoundForm(TimeForm, values=values, prefix=f"time-{entry.id}"),
    )  # fmt: skip


@bp.post("/<int:number>/time/<uuid:entry_id>")
@tenant("time.record")
def correct_time(slug: str, number: int, entry_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "time", slug=slug, versioned=False, done=_m("Entry corrected."),
        work=lambda act: timekeeping.correct_entry(
            **act.who, entry=get_entry(request_id=act.request.id, entry_id=entry_id), **_entry(act)
        ),
    )  # fmt: skip


@bp.post("/<int:number>/time/<uuid:entry_id>/delete")
@tenant("time.record")
def delete_time(slug: str, number: int, entry_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, versioned=False, done=_m("Entry deleted."),
        work=lambda act: timekeeping.delete_entry(
            **act.who, entry=get_entry(request_id=act.request.id, entry_id=entry_id)
        ),
    )  # fmt: skip


@bp.post("/<int:number>/timer/start")
@tenant("time.record")
def start_timer(slug: str, number: int) -> ResponseReturnValue:
    return _timed(slug, number, _start, _m("The timer runs."))


@bp.post("/<int:number>/timer/pause")
@tenant("time.record")
def pause_timer(slug: str, number: int) -> ResponseReturnValue:
    return _timed(slug, number, _pause, _m("The timer stands still."))


@bp.post("/<int:number>/timer/stop")
@tenant("time.record")
def stop_timer(slug: str, number: int) -> ResponseReturnValue:
    return _timed(slug, number, _stop, _m("Timer stopped, time recorded."))


def _start(act: Act) -> None:
    _provider(act)
    timer = timekeeping.start_timer(**act.who, today=local_today())
    client = current_client()
    remember_timer(
        OwnTimer(request_id=act.request.id, number=act.request.number, slug=client.slug,
                 code=client.code, seconds=timer.seconds, since=timer.running_since)
    )  # fmt: skip


def _pause(act: Act) -> None:
    timekeeping.pause_timer(**act.who)
    identity = current_identity()
    assert identity is not None
    if identity.timer and identity.timer.since:
        ran = int((act.now - identity.timer.since).total_seconds())
        remember_timer(replace(identity.timer, since=None, seconds=identity.timer.seconds + ran))


def _stop(act: Act) -> None:
    said = {name: act.data[name] for name in ("minutes", "activity", "category")}
    # A button alone says nothing of it.
    billable = act.data["billable"] if "activity" in request.form else None
    timekeeping.stop_timer(**act.who, **said, billable=billable)
    remember_timer(None)


def _provider(act: Act) -> None:
    if act.actor.side != "provider":
        raise Forbidden


def _timed(slug: str, number: int, work: Any, done: str) -> ResponseReturnValue:
    answer = perform(number, "timer", slug=slug, versioned=False, done=done, work=work)
    back = request.form.get("back", "")
    if isinstance(answer, Response) and wants_fragment():
        bar = render_template("timesheets/_bar_changed.html")
        answer.set_data(answer.get_data(as_text=True) + bar)
    elif back and is_local(back) and getattr(answer, "status_code", 200) == 303:
        return redirect(back, 303)
    return answer


def _entry(act: Act) -> dict[str, Any]:
    return {name: act.data[name] for name in FIELDS}
