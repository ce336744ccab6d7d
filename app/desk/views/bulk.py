"""Acts on several requests: ticked in the queue, looked at per client, done, taken back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.errands import for_client
from app.catalogue.memory import ITEMS
from app.desk import bulk
from app.desk.bulk import ACTS, ClientPart
from app.desk.schemas import BULK_FORMS
from app.desk.services.bulk import act_on
from app.desk.views.blueprint import bp
from app.desk.views.common import context, reader
from app.service_requests import snooze_times
from app.service_requests.undoing.services import undo as undo_batch
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.i18n import text, zone
from tenants.core import clock
from tenants.core.errors import CoulisseError, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.endpoints import staff


@bp.post("/bulk")
@staff("desk.use")
def look_at_bulk() -> ResponseReturnValue:
    """What would happen, client by client; nothing has happened yet."""
    act = _act()
    form = _form(act)
    chosen = form.data if form.load() else {}
    return _page(act, _form(act, fresh=True), chosen)


@bp.post("/bulk/run")
@staff("desk.use")
def run_bulk() -> ResponseReturnValue:
    act = _act()
    form = _form(act)
    if not form.load():
        return _page(act, form, {})
    parts, batch_id = _preview(act, form.data), uuid7()
    done = {part.slug: _run(part, act, form.data, batch_id) for part in parts if part.fit}
    return _told(parts, done, batch_id, act)


@bp.post("/undo")
@staff("desk.use")
def undo() -> ResponseReturnValue:
    """Everything of a batch, in each of its clients."""
    try:
        batch_id = UUID(request.form.get("batch", ""))
    except ValueError as error:
        raise Invalid from error
    back, stuck = 0, []
    for slug in dict.fromkeys(request.form.getlist("client")):
        try:
            steps = for_client(slug, lambda actor: undo_batch(
                batch_id=batch_id, actor=actor, now=clock.now()))  # fmt: skip
        except CoulisseError as error:
            stuck.append(text(error.message, error.params))
            continue
        back += sum(1 for one in steps if not one.obstacle)
        stuck += [f"#{one.number}: {text(one.obstacle)}" for one in steps if one.obstacle]
    said = text(_m("Taken back: %(count)s."), {"count": back})
    return _answer([said, *stuck], "warn" if stuck else "good")


def _act() -> str:
    act = request.form.get("act", "")
    if act not in ACTS:
        raise Invalid(_m("Choose what to do with them."))
    return act


def _form(act: str, *, fresh: bool = False) -> BoundForm:
    """`fresh` shows what was chosen without marking what is missing yet."""
    choices = {"user_id": list(context().people.items())} if act == "assign" else {}
    schema = BULK_FORMS.get(act, BULK_FORMS[""])
    sent = {"values": request.form} if fresh else {"form": request.form}
    return BoundForm(schema, **sent, choices=choices, prefix="bulk")


def _preview(act: str, chosen: Mapping[str, Any]) -> list[ClientPart]:
    found = context()
    picks = bulk.picks_of(request.form.getlist("pick"))
    return bulk.preview(context=found, reader=reader(found), act=act, picks=picks, chosen=chosen)


def _run(part: ClientPart, act: str, data: Mapping[str, Any], batch_id: UUID) -> Sequence[Any]:
    values = _values(act, data)
    versions = {line.pick.number: line.pick.version or line.version for line in part.fit}
    try:
        return for_client(part.slug, lambda actor: act_on(
            actor=actor, now=clock.now(), act=act, values=values, versions=versions,
            batch_id=batch_id,
        ))  # fmt: skip
    except CoulisseError as error:
        return [_Failed(number, error) for number in versions]


class _Failed:
    """The whole client's part was refused."""

    def __init__(self, number: int, error: CoulisseError) -> None:
        self.number, self.error = number, error


def _values(act: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if act == "snooze":
        now = clock.now()
        preset, until = data["preset"], data["until"]
        if preset != "other":
            return {"until": snooze_times.preset(preset, now=now, zone=zone())}
        return {"until": snooze_times.local(until, zone()) if until else now}
    return {"reason": "", **data}


def _told(
    parts: Sequence[ClientPart], done: Mapping[str, Sequence[Any]], batch_id: UUID, act: str
) -> ResponseReturnValue:
    count = sum(1 for outcomes in done.values() for one in outcomes if one.error is None)
    said = text(_m("Requests changed: %(count)s."), {"count": count})
    failed = [
        f"{part.code}-{one.number}: {text(one.error.message, one.error.params)}"
        for part in parts
        for one in done.get(part.slug, ())
        if one.error is not None
    ] + [
        f"{part.code}-{line.pick.number}: {text(line.obstacle)}"
        for part in parts
        for line in part.lines
        if line.obstacle
    ]
    undo_fields = {"batch": [batch_id], "client": list(done)} if count else {}
    if wants_fragment():
        answer = make_response(render_template(
            "desk/_bulk_done.html", said=said, failed=failed, undo_fields=undo_fields
        ))  # fmt: skip
        answer.headers["HX-Trigger"] = json.dumps({"bulk-done": {}})
        return answer
    return render_template(
        "desk/bulk_done.html", said=said, failed=failed, undo_fields=undo_fields, title=ACTS[act][1]
    )


def _page(act: str, form: BoundForm, chosen: Mapping[str, Any]) -> ResponseReturnValue:
    parts = _preview(act, chosen)
    page = render_template(
        "desk/_bulk_dialog.html" if wants_fragment() else "desk/bulk.html",
        act=act, title=ACTS[act][1], symbol=ACTS[act][0], form=form, parts=parts,
        fit=sum(len(part.fit) for part in parts), items=ITEMS,
    )  # fmt: skip
    return page, form.status


def _answer(lines: Sequence[str], tone: str) -> ResponseReturnValue:
    if not wants_fragment():
        return render_template(
            "desk/bulk_done.html", said=lines[0], failed=lines[1:], title=_m("Undo"), undo_fields={}
        )
    events = {"toast": {"text": " ".join(lines), "kind": tone}, "bulk-done": {}}
    return Response(status=204, headers={"HX-Trigger": json.dumps(events)})
