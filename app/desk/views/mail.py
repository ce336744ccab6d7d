"""Mails that wait for an operator, over all clients."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.catalogue.lines import LINES
from app.desk.queue import across
from app.desk.views.blueprint import bp
from app.desk.views.common import context, user_id
from app.mail_in.queries import list_waiting_across
from app.mail_in.words import REASONS
from tenants.endpoints import staff


@bp.get("/mail")
@staff("desk.use")
def mail() -> ResponseReturnValue:
    found = context()
    clients = {one.tenant_id: one for one in found.clients}
    with across(found, reason="mails in quarantine", user_id=user_id()) as session:
        rows = list_waiting_across(session, lines_of=found.worked())
        return render_template(
            "desk/mail.html", rows=rows, clients=clients, reasons=REASONS, lines=LINES
        )
