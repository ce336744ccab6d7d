"""What the provider's people have to know of a client, kind of work by kind of work."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields, validate

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.playbooks.freshness import is_stale
from app.playbooks.queries import find_playbook, list_playbooks, list_versions
from app.playbooks.services import confirm_playbook, write_playbook
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.service_requests.views.works import work_named, works_of
from app.web.fields import TrimmedString
from app.web.forms import BoundForm
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant

bp = Blueprint("playbooks", __name__, url_prefix="/c/<slug>/playbook")
MAX_STEPS, MAX_STEP = 20, 200


class PlaybookForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    version = fields.Integer(load_default=0, metadata={"input": "hidden"})
    rules = TrimmedString(
        load_default="",
        validate=validate.Length(max=5000),
        metadata={
            "label": _m("What has to be known"), "input": "textarea", "rows": 10,
            "help": _m("Short sentences, one a line. The client never sees them."),
        },
    )  # fmt: skip
    steps = TrimmedString(
        load_default="",
        validate=lambda value: _check_steps(value),
        metadata={
            "label": _m("Client rules to tick"), "input": "textarea", "rows": 4,
            "help": _m("One a line. Each must be ticked in every new request of this kind."),
        },
    )  # fmt: skip


def _steps(value: str) -> list[str]:
    return [line.strip() for line in value.splitlines() if line.strip()]


def _check_steps(value: str) -> None:
    found = _steps(value)
    if len(found) > MAX_STEPS or any(len(one) > MAX_STEP for one in found):
        raise ValidationError(
            _m("20 rules at most, 200 characters each: more than that nobody reads.")
        )


@bp.get("")
@tenant("note.read")
def list_all(slug: str) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    lines = [line for line in actor.visible_lines if actor.can("note.read", line)]
    found = {(one.line, one.item): one for one in list_playbooks(lines=lines)}
    groups = [
        (line, LINES[line], [(work, title, found.get((line, item)))
                             for work, item, title in works_of(line)])
        for line in lines
    ]  # fmt: skip
    return render_template(
        "playbooks/list.html", client=current_client(), groups=groups, now=now, is_stale=is_stale,
    )  # fmt: skip


@bp.get("/<work_type>")
@tenant("note.read")
def show(slug: str, work_type: str) -> ResponseReturnValue:
    return _page(work_type, None)


@bp.post("/<work_type>")
@tenant("request.work")
def write(slug: str, work_type: str) -> ResponseReturnValue:
    line, item, _ = work_named(work_type)
    form = BoundForm(PlaybookForm, request.form)
    if carried_out(form, slug, lambda data: write_playbook(
        line=line, item=item, rules=data["rules"], steps=_steps(data["steps"]),
        expected_version=data["version"], actor=current_actor(), now=clock.now(),
    )):  # fmt: skip
        return redirect(
            url_for("playbooks.show", slug=slug, work_type=work_type, done="saved"), 303
        )
    # What was not compared with what is there now is still made from what its writer saw.
    return _page(work_type, form, version=None if form.data else form["version"].value)


@bp.post("/<work_type>/confirm")
@tenant("request.work")
def confirm(slug: str, work_type: str) -> ResponseReturnValue:
    line, item, _ = work_named(work_type)
    check_client(slug)
    confirm_playbook(line=line, item=item, actor=current_actor(), now=clock.now())
    return redirect(
        url_for("playbooks.show", slug=slug, work_type=work_type, done="confirmed"), 303
    )


def _page(work_type: str, form: BoundForm | None, *, version: Any = None) -> Response:
    """`version` is what the form is sent with, if not that of what is shown."""
    line, item, title = work_named(work_type)
    actor, now, client = current_actor(), clock.now(), current_client()
    book = find_playbook(line=line, item=item)
    if version is None:
        version = book.version if book else 0
    if form is None:
        form = BoundForm(PlaybookForm, values=_values(book))
    form["client"].value, form["version"].value = client.slug, version
    page = render_template(
        "playbooks/show.html", client=client, book=book, title=title, line=LINES[line],
        whole=not item, form=form, work_type=work_type, may_write=actor.can("request.work", line),
        versions=list_versions(playbook_id=book.id) if book else [], now=now,
        stale=book is not None and is_stale(book.confirmed_at, now), done=request.args.get("done", ""),
    )  # fmt: skip
    return make_response(page, form.status)


def _values(book: Any) -> Mapping[str, Any]:
    return {"rules": book.rules, "steps": "\n".join(book.steps)} if book else {}
