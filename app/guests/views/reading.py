"""One request, its evidence and its files; each look is written down."""

from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.guests.schemas import AskForm
from app.guests.services import note_look
from app.guests.views.blueprint import bp
from app.service_requests import form_showing, presenting
from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest
from app.service_requests.page_queries import get_conversation
from app.service_requests.queries import get_request, get_request_file
from app.service_requests.views.evidence import render_evidence
from app.service_requests.views.files import as_download
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from tenants.core import clock
from tenants.endpoints import tenant


@bp.get("/requests/<int:number>")
@tenant("guest.read")
def show(slug: str, number: int) -> ResponseReturnValue:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    note_look(verb="request.opened", actor=actor, now=clock.now(), number=number)
    return request_page(row)


def request_page(row: ServiceRequest, form: BoundForm | None = None) -> Response:
    actor, client, now = current_actor(), current_client(), clock.now()
    found = get_conversation(actor=actor, request=row, now=now)
    form = form or BoundForm(AskForm)
    form["client"].value, form["version"].value = client.slug, row.version
    page = render_template(
        "guests/request.html", client=client, r=row, item=item_of(row), line=LINES[row.line],
        base=url_for("guests.show", slug=client.slug, number=row.number),
        subject=presenting.subject_of(row.item, row.title),
        state=presenting.state_pill(row.state, "guest"),
        thread=presenting.thread(found), form_values=form_showing.form_values(row),
        slot_label=form_showing.slot_label,
        uploads=[one for one in found.files if one.message_id is None],
        deliverables=[one for one in found.deliverables if one.superseded_at is None],
        superseded=[one for one in found.deliverables if one.superseded_at is not None],
        events=presenting.history(found.moves, actor.side), form=form,
        may_ask=actor.can("guest.ask", row.line) and row.is_open,
        done=request.args.get("done", ""),
    )  # fmt: skip
    return make_response(page, form.status)


@bp.get("/requests/<int:number>/evidence")
@tenant("guest.read")
def evidence(slug: str, number: int) -> ResponseReturnValue:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    note_look(verb="evidence.opened", actor=actor, now=clock.now(), number=number)
    return render_evidence(row, url_for("guests.show", slug=slug, number=number))


@bp.get("/requests/<int:number>/files/<uuid:file_id>")
@tenant("guest.read")
def download(slug: str, number: int, file_id: UUID) -> Response:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    file = get_request_file(actor=actor, request=row, file_id=file_id)
    note_look(
        verb="file.downloaded", actor=actor, now=clock.now(), number=number, file=file.id,
        sha256=file.sha256,
    )  # fmt: skip
    return as_download(file)
