"""What waits for a supervisor, over all the clients whose lines they review."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.desk.handing import read_left_alone, span_of
from app.desk.queue import across
from app.desk.views.blueprint import bp
from app.desk.views.common import context, user_id
from app.service_requests import presenting
from app.service_requests.supervision.queries import list_open_tasks
from app.service_requests.supervision.words import KINDS
from app.staffing.queries import list_absences
from tenants.core import clock
from tenants.endpoints import staff


@bp.get("/supervision")
@staff("desk.supervise")
def supervision() -> ResponseReturnValue:
    found = context()
    clients = {one.tenant_id: one for one in found.clients}
    now = clock.now()
    absences = {one.id: span_of(one) for one in list_absences(since=now)}
    with across(found, reason="a supervisor's tasks", user_id=user_id()) as session:
        tasks = list_open_tasks(session, lines_of=found.reviewed())
        left_alone = read_left_alone(session, context=found, absences=absences, now=now)
    rows: list[dict[str, Any]] = [
        {
            "task": row, "client": clients[row.tenant_id], "kind": KINDS[row.kind],
            "subject": presenting.subject_of(row.item, row.title), "late": row.due_at < now,
            "url": url_for("service_requests.show", slug=clients[row.tenant_id].slug,
                           number=row.number),
        }
        for row in tasks
    ]  # fmt: skip
    return render_template("desk/supervision.html", rows=rows, left_alone=left_alone, now=now)
