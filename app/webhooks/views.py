"""A company's webhooks, for its administrators."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.web.forms import BoundForm
from app.web.i18n import text
from app.webhooks import queries, words
from app.webhooks.catalogue import KINDS, LABELS
from app.webhooks.models import WebhookEndpoint
from app.webhooks.schemas import EndpointForm, SwitchForm
from app.webhooks.services import endpoints, publishing
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import tenant

bp = Blueprint("webhooks", __name__, url_prefix="/c/<slug>/webhooks")


def _lines_of(row: WebhookEndpoint) -> str:
    return ", ".join(text(LINES[code]) for code in row.lines)


def _page(template: str, **values: Any) -> str:
    return render_template(
        f"webhooks/{template}.html", slug=(request.view_args or {})["slug"], kinds=LABELS,
        lines=LINES, states=words.ENDPOINTS, message_states=words.MESSAGES,
        troubles=words.TROUBLES, trouble_of=words.trouble_of, lines_of=_lines_of,
        may=current_actor().can("webhook.manage"), done=request.args.get("done", ""), **values,
    )  # fmt: skip


def _form(row: WebhookEndpoint | None = None) -> BoundForm:
    """The lines of others, which an endpoint may have, are not theirs to choose."""
    actor = current_actor()
    offered = [(code, text(name)) for code, name in LINES.items() if code in actor.lines]
    kinds = [(code, text(name)) for code, name in KINDS.items()]
    values = {name: getattr(row, name) for name in ("url", "description", "kinds", "lines")} if row \
        else {"kinds": list(KINDS), "lines": list(actor.lines)}  # fmt: skip
    choices = {"kinds": kinds, "lines": offered}
    if request.method == "POST":
        return BoundForm(EndpointForm, request.form, choices=choices)
    return BoundForm(EndpointForm, values=values, choices=choices)


@bp.get("")
@tenant("webhook.read")
def list_endpoints(slug: str) -> ResponseReturnValue:
    rows = queries.list_endpoints()
    return _page("list", rows=rows)


@bp.get("/new")
@tenant("webhook.manage")
def new_endpoint(slug: str) -> ResponseReturnValue:
    return _page("form", form=_form(), row=None)


@bp.post("/new")
@tenant("webhook.manage")
def create(slug: str) -> ResponseReturnValue:
    form = _form()
    if form.load():
        try:
            made = endpoints.create_endpoint(
                actor=current_actor(), now=clock.real_now(), **form.data
            )
            return _page("secret", row=made.row, secret=made.secret, new=True)
        except CoulisseError as error:
            form.refuse(error)
    return _page("form", form=form, row=None), form.status


@bp.get("/<uuid:webhook_id>")
@tenant("webhook.read")
def show(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    row, actor = queries.get_endpoint(endpoint_id=webhook_id), current_actor()
    page = queries.list_messages(endpoint_id=row.id, actor=actor, cursor=request.args.get("cursor"))
    tried = queries.list_attempts(message_ids=[one.id for one in page.items])
    return _page(
        "show", row=row, page=page, tried=tried, now=clock.real_now(),
    )  # fmt: skip


@bp.get("/<uuid:webhook_id>/edit")
@tenant("webhook.manage")
def edit(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    return _page("form", form=_form(row), row=row)


@bp.post("/<uuid:webhook_id>/edit")
@tenant("webhook.manage")
def change(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    row, form = queries.get_endpoint(endpoint_id=webhook_id), _form()
    if form.load():
        try:
            endpoints.change_endpoint(
                endpoint=row, actor=current_actor(), now=clock.real_now(), **form.data
            )
            return _back(slug, row.id, "changed")
        except CoulisseError as error:
            form.refuse(error)
    return _page("form", form=form, row=row), form.status


@bp.post("/<uuid:webhook_id>/secret")
@tenant("webhook.manage")
def rotate(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    secret = endpoints.rotate_secret(endpoint=row, actor=current_actor(), now=clock.real_now())
    return _page("secret", row=row, secret=secret, new=False)


@bp.post("/<uuid:webhook_id>/switch")
@tenant("webhook.manage")
def switch(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    form = BoundForm(SwitchForm, request.form)
    on = form.load() and bool(form.data["on"])
    endpoints.switch_endpoint(endpoint=row, on=on, actor=current_actor(), now=clock.real_now())
    return _back(slug, row.id, "on" if on else "off")


@bp.post("/<uuid:webhook_id>/test")
@tenant("webhook.manage")
def send_test(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    message_id = publishing.send_test(endpoint=row, actor=current_actor(), now=clock.real_now())
    return redirect(_message_url(slug, row.id, message_id), 303)


@bp.post("/<uuid:webhook_id>/delete")
@tenant("webhook.manage")
def delete(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    endpoints.delete_endpoint(endpoint=row, actor=current_actor(), now=clock.real_now())
    return redirect(url_for("webhooks.list_endpoints", slug=slug, done="deleted"), 303)


@bp.get("/<uuid:webhook_id>/messages/<uuid:message_id>")
@tenant("webhook.read")
def show_message(slug: str, webhook_id: UUID, message_id: UUID) -> ResponseReturnValue:
    row, actor = queries.get_endpoint(endpoint_id=webhook_id), current_actor()
    message = queries.get_message(endpoint_id=row.id, message_id=message_id, actor=actor)
    return _page(
        "message", row=row, message=message,
        attempts=queries.list_attempts(message_ids=[message.id])[message.id],
        body=json.dumps(message.body, indent=2, ensure_ascii=False),
    )  # fmt: skip


@bp.post("/<uuid:webhook_id>/messages/<uuid:message_id>/replay")
@tenant("webhook.manage")
def replay(slug: str, webhook_id: UUID, message_id: UUID) -> ResponseReturnValue:
    row, actor = queries.get_endpoint(endpoint_id=webhook_id), current_actor()
    message = queries.get_message(endpoint_id=row.id, message_id=message_id, actor=actor)
    publishing.replay(endpoint=row, message=message, actor=actor, now=clock.real_now())
    return redirect(_message_url(slug, row.id, message.id, done="replayed"), 303)


def _back(slug: str, webhook_id: UUID, done: str) -> ResponseReturnValue:
    return redirect(url_for("webhooks.show", slug=slug, webhook_id=webhook_id, done=done), 303)


def _message_url(slug: str, webhook_id: UUID, message_id: UUID, done: str | None = None) -> str:
    return url_for(
        "webhooks.show_message", slug=slug, webhook_id=webhook_id, message_id=message_id, done=done
    )
