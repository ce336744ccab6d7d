"""The mails of one client, as its operators see them."""

from io import BytesIO
from uuid import UUID

from flask import Response, make_response, render_template, request, send_file
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.mail_in.models import InboundMail
from app.mail_in.queries import (
    VIEWS,
    find_number,
    get_mail,
    list_blocked,
    list_mails,
    worked,
)
from app.mail_in.schemas import AsMessage, AsRequest, Discard
from app.mail_in.services.landing import general_item
from app.mail_in.services.originals import take_original
from app.mail_in.views.blueprint import bp
from app.mail_in.words import PROOFS, REASONS, STATES
from app.service_requests.presenting import subject_of
from app.service_requests.queries import list_requests
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant

TABS = (
    ("waiting", _m("In quarantine"), "alert-triangle"),
    ("landed", _m("On requests"), "circle-check"),
    ("discarded", _m("Discarded"), "ban"),
)


@bp.get("")
@tenant("request.work")
def list_all(slug: str) -> ResponseReturnValue:
    view = request.args.get("view", "waiting")
    view = view if view in VIEWS else "waiting"
    cursor = request.args.get("cursor") or None
    page = list_mails(actor=current_actor(), view=view, cursor=cursor)
    return render_template(
        "mail_in/list.html", client=current_client(), view=view, tabs=TABS, rows=page.items,
        next_cursor=page.next_cursor, cursor=cursor, reasons=REASONS, states=STATES,
        blocked=list_blocked() if view == "discarded" else (), lines=LINES,
        done=request.args.get("done", ""),
    )  # fmt: skip


@bp.get("/<uuid:mail_id>")
@tenant("request.work")
def show(slug: str, mail_id: UUID) -> ResponseReturnValue:
    return mail_page(mail_id)


@bp.post("/<uuid:mail_id>/original")
@tenant("request.work")
def original(slug: str, mail_id: UUID) -> Response:
    """Nothing opens it by itself: an attachment, in a sandbox, of no type that a program knows."""
    check_client(slug)
    content = take_original(mail_id=mail_id, actor=current_actor(), now=clock.now())
    response = send_file(
        BytesIO(content), mimetype="application/octet-stream", as_attachment=True,
        download_name=f"mail-{mail_id}.eml", etag=False,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def line_choices() -> list[tuple[str, str]]:
    """On which the operator may raise what a mail becomes."""
    actor = current_actor()
    return [
        (line, text(LINES[line]))
        for line in worked(actor)
        if general_item(line) and actor.can("request.raise", line)
    ]


def request_choices() -> list[tuple[str, str]]:
    """The client's open ones on which the operator works; the newest first."""
    actor = current_actor()
    return [
        (str(row.number), f"#{row.number} {subject_of(row.item, row.title)}")
        for row in list_requests(actor=actor, state="open", limit=200).items
        if row.line in worked(actor)
    ]


def mail_page(mail_id: UUID, **forms: BoundForm) -> Response:
    """`forms` are those that were refused."""
    mail = get_mail(actor=current_actor(), mail_id=mail_id)
    client, number = current_client(), find_number(request_id=mail.request_id)
    offered = request_choices() if mail.state == "waiting" else []
    forms = _forms(mail, number, offered) | forms
    for form in forms.values():
        form["client"].value = client.slug
    page = render_template(
        "mail_in/show.html", client=client, mail=mail, number=number, forms=forms, lines=LINES,
        reasons=REASONS, proofs=PROOFS, states=STATES, has_open=bool(offered),
    )  # fmt: skip
    return make_response(page, max(form.status for form in forms.values()))


def _forms(
    mail: InboundMail, number: int | None, offered: list[tuple[str, str]]
) -> dict[str, BoundForm]:
    return {
        "message": BoundForm(
            AsMessage, values={"number": str(number or "")}, choices={"number": offered}, prefix="m"
        ),
        "request": BoundForm(
            AsRequest, values={"line": mail.line}, choices={"line": line_choices()}, prefix="r"
        ),
        "discard": BoundForm(Discard, prefix="d"),
    }
