"""Acts of an operator that leave no trace for the client: putting off, taking back."""

from collections.abc import Mapping
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests import snooze_times
from app.service_requests.services import snoozing
from app.service_requests.undoing import services as undoing
from app.service_requests.views.acting import Act, perform, undone
from app.service_requests.views.blueprint import bp
from app.web.i18n import text, zone
from tenants.core import clock
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.endpoints import tenant

OBSTACLES: Mapping[str, str] = {
    undoing.CHANGED: _m("Somebody changed this request since. Look at it before you go on."),
    undoing.URGENT_GIVEN: _m(
        "The contract has no place left for one more urgent request this month."
    ),
    undoing.NO_GRANT: _m(
        "Who had this request before has no access to this line any more. "
        "Give it to somebody, or back to nobody."
    ),
}


@bp.post("/<int:number>/snooze")
@tenant("request.work")
def snooze(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "snooze", slug=slug, leaves=True, undoable=True, work=_snooze,
        done=_m("Snoozed; it comes back by itself."),
    )  # fmt: skip


def _snooze(act: Act) -> None:
    if act.data["preset"]:
        until = snooze_times.preset(act.data["preset"], now=act.now, zone=zone())
    elif act.data["until"]:
        until = snooze_times.local(act.data["until"], zone())
    else:
        raise Invalid(field_errors={"until": [_m("Choose a time to come.")]})
    snoozing.snooze(**act.versioned, until=until)


@bp.post("/<int:number>/wake")
@tenant("request.work")
def wake(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, undoable=True, done=_m("Back in the queue."),
        work=lambda act: snoozing.wake(**act.versioned),
    )  # fmt: skip


@bp.post("/undo")
@tenant("request.work")
def undo(slug: str) -> ResponseReturnValue:
    """The last act, by the batch that its toast names."""
    try:
        batch_id = UUID(request.form.get("batch", ""))
    except ValueError as error:
        raise Invalid from error
    found = undoing.undo(batch_id=batch_id, actor=current_actor(), now=clock.now())
    if len(found) > 1:
        raise Conflict(_m("This was done to several requests at once: take it back on the desk."))
    [one] = found
    if one.obstacle:
        raise Conflict(OBSTACLES[one.obstacle])
    return undone(text(_m("Taken back.")), slug=slug, number=one.number)
