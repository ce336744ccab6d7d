"""One act on a request from one of its page's forms: guard, service, answer.

A refused act answers the page again with the error's status, what changed, and the draft.
"""

import json
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import FileStorage

from app.auth.current import current_actor
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.reply_drafts.services import drop
from app.service_requests.services.intake import Upload
from app.service_requests.services.moves import RequestChanged, check_version
from app.service_requests.undoing.services import reversibly
from app.service_requests.views.rendering import ALL_FORMS, Problem, Shown, render_request
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.i18n import text
from app.web.other_client import check_client
from app.web.submitting import is_plain
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError, Invalid
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.uploads import MANY, MOST

# Forms whose text is kept while it is written.
WRITTEN = ("message", "note", "question", "answer")


@dataclass(frozen=True, slots=True)
class Act:
    """What a service is called with; `data` is the form, loaded."""

    request: ServiceRequest
    actor: Actor
    now: datetime
    data: dict[str, Any]

    @property
    def who(self) -> dict[str, Any]:
        return {"request": self.request, "actor": self.actor, "now": self.now}

    @property
    def versioned(self) -> dict[str, Any]:
        return {**self.who, "expected_version": self.data["version"]}


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """Where an act is taken back; a work that answers one has its toast offer it."""

    endpoint: str
    fields: Mapping[str, Sequence[object]]
    values: Mapping[str, Any] = field(default_factory=dict)


def perform(
    number: int,
    form_name: str,
    work: Callable[[Act], object],
    *,
    slug: str,
    done: str | Callable[[ServiceRequest], str],
    about: str = "",
    versioned: bool = True,
    leaves: bool = False,
    undoable: bool = False,
) -> ResponseReturnValue:
    """`done` is what the toast says, of the request as it is then where that differs; `about` tells apart forms of the same name; `versioned` acts
    stop when the request changed since; after one that `leaves`, the desk opens the next request;
    an `undoable` one can be taken back for some minutes."""
    row = get_request(actor=current_actor(), number=number)
    form = BoundForm(ALL_FORMS[form_name], request.form, request.files, prefix=form_name + about)
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            raise Invalid
        if versioned:
            _check_version(row, form.data["version"])
        undo = _do(work, Act(row, current_actor(), clock.now(), form.data), undoable)
        if form_name in WRITTEN:
            drop(request=row, actor=current_actor(), kind=form_name + about)
    except (IntegrityError, StaleDataError):
        return _refused(number, form_name + about, form, Conflict())
    except CoulisseError as error:
        if is_plain(error):
            raise
        return _refused(number, form_name + about, form, error)
    said = done(row) if callable(done) else done
    return _done(slug, row, said, leaves=leaves, undo=undo)


def _do(work: Callable[[Act], object], act: Act, undoable: bool) -> UndoOffer | None:
    if not undoable:
        found = work(act)
        return found if isinstance(found, UndoOffer) else None
    batch_id = uuid7()
    reversibly(act.request, lambda: work(act), actor=act.actor, now=act.now, batch_id=batch_id)
    return UndoOffer("service_requests.undo", {"batch": [batch_id]})


def uploads(*slots: str) -> list[Upload]:
    """The files that came with the form, under the given input names."""
    found = [
        (slot, sent)
        for slot in slots
        for sent in request.files.getlist(slot)
        if sent and sent.filename
    ]
    if len(found) > MOST:
        raise Invalid(MANY, code="too_many_files")
    return [_upload(slot, sent) for slot, sent in found]


def _upload(slot: str, sent: FileStorage) -> Upload:
    name = sent.filename or slot
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Upload(slot=slot, name=name, content_type=kind, content=sent.read())


def _check_version(row: ServiceRequest, version: int | None) -> None:
    if version is None:
        raise RequestChanged
    check_version(row, version)


def _refused(number: int, form_key: str, form: BoundForm, error: CoulisseError) -> Response:
    db.session.rollback()
    form.add_errors({name: texts for name, texts in error.field_errors.items() if name in form})
    row = get_request(actor=current_actor(), number=number)
    return render_request(row, Shown({form_key: form}, Problem(error, form_key, _seen(form))))


def _seen(form: BoundForm) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(form["seen"].value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _done(
    slug: str, row: ServiceRequest, done: str, *, leaves: bool, undo: UndoOffer | None
) -> ResponseReturnValue:
    if not wants_fragment():
        return redirect(url_for("service_requests.show", slug=slug, number=row.number), 303)
    response = render_request(row)
    event: dict[str, Any] = {"request-left" if leaves else "request-changed": {}}
    if undo is None:
        event["toast"] = {"text": text(done)}
    else:
        toast = render_template(
            "service_requests/_undo_toast.html",
            said=text(done),
            fields=undo.fields,
            url=url_for(undo.endpoint, slug=slug, **undo.values),
        )
        response.set_data(response.get_data(as_text=True) + toast)
    response.headers["HX-Trigger"] = json.dumps(event)
    return response


def undone(said: str, *, slug: str, number: int) -> ResponseReturnValue:
    """The answer to an undo: the page of the request, or word to the open one to come anew."""
    if not wants_fragment():
        return redirect(url_for("service_requests.show", slug=slug, number=number), 303)
    url = url_for("service_requests.show", slug=slug, number=number)
    events = {"toast": {"text": said}, "request-undone": {"key": f"{slug}/{number}", "url": url}}
    return Response(status=204, headers={"HX-Trigger": json.dumps(events)})
