"""Asking for documents, and what becomes of each."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests import presenting
from app.service_requests.document_forms import ROWS, list_form
from app.service_requests.documents.models import DocumentLine
from app.service_requests.documents.queries import get_line
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.services import documents
from app.service_requests.views.acting import Act, perform, uploads
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.get("/<int:number>/documents/new")
@tenant("request.work")
def new_documents(slug: str, number: int) -> ResponseReturnValue:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    actor.require("request.work", row.line)
    return _list_page(row, BoundForm(list_form(), values={"version": row.version}))


@bp.post("/<int:number>/documents")
@tenant("request.work")
def ask_documents(slug: str, number: int) -> ResponseReturnValue:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    actor.require("request.work", row.line)
    form = BoundForm(list_form(), request.form)
    if carried_out(form, slug, lambda data: documents.ask_documents(
        request=row, actor=actor, now=clock.now(), wanted=_wanted(data),
        expected_version=data["version"],
    )):  # fmt: skip
        return redirect(url_for("service_requests.show", slug=slug, number=number), 303)
    return _list_page(row, form)


def _wanted(data: Mapping[str, Any]) -> list[documents.Wanted]:
    return [
        documents.Wanted(
            name=data[f"name_{row}"], why=data[f"why_{row}"], format=data[f"format_{row}"],
            due_on=data[f"due_on_{row}"],
        )
        for row in range(1, ROWS + 1)
        if data[f"name_{row}"]
    ]  # fmt: skip


def _list_page(row: ServiceRequest, form: BoundForm) -> Response:
    client = current_client()
    form["client"].value, form["version"].value = client.slug, row.version
    page = render_template(
        "service_requests/documents/new.html", client=client, r=row, form=form,
        subject=presenting.subject_of(row.item, row.title), rows=range(1, ROWS + 1),
    )  # fmt: skip
    return make_response(page, form.status)


@bp.post("/<int:number>/documents/<uuid:document_id>/provide")
@tenant("request.answer")
def provide_document(slug: str, number: int, document_id: UUID) -> ResponseReturnValue:
    return _act(slug, number, document_id, "document", _m("Thank you, the document is there."),
                lambda act, line: documents.provide(
                    **act.who, line=line, upload=uploads("file")[0]))  # fmt: skip


@bp.post("/<int:number>/documents/<uuid:document_id>/unavailable")
@tenant("request.answer")
def document_unavailable(slug: str, number: int, document_id: UUID) -> ResponseReturnValue:
    return _act(slug, number, document_id, "unavailable", _m("Your words were sent."),
                lambda act, line: documents.say_unavailable(
                    **act.who, line=line, words=act.data["words"]))  # fmt: skip


@bp.post("/<int:number>/documents/<uuid:document_id>/accept")
@tenant("request.work")
def accept_document(slug: str, number: int, document_id: UUID) -> ResponseReturnValue:
    return _act(slug, number, document_id, "act", _m("Accepted."),
                lambda act, line: documents.accept(**act.who, line=line))  # fmt: skip


@bp.post("/<int:number>/documents/<uuid:document_id>/return")
@tenant("request.work")
def send_document_back(slug: str, number: int, document_id: UUID) -> ResponseReturnValue:
    return _act(slug, number, document_id, "send_back", _m("Asked for again; the clock stands still."),
                lambda act, line: documents.send_back(
                    **act.who, line=line, words=act.data["words"]))  # fmt: skip


@bp.post("/<int:number>/documents/<uuid:document_id>/withdraw")
@tenant("request.work")
def withdraw_document(slug: str, number: int, document_id: UUID) -> ResponseReturnValue:
    return _act(slug, number, document_id, "act", _m("Withdrawn."),
                lambda act, line: documents.withdraw(**act.who, line=line))  # fmt: skip


def _act(
    slug: str, number: int, document_id: UUID, form: str, done: str,
    work: Callable[[Act, DocumentLine], object],
) -> ResponseReturnValue:  # fmt: skip
    about = "" if form == "act" else f"-{document_id}"
    return perform(
        number, form, slug=slug, about=about, versioned=False, done=done,
        work=lambda act: work(act, get_line(request=act.request, line_id=document_id)),
    )  # fmt: skip
