"""What waits for a supervisor, over all the clients whose lines they review."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.desk.queue import across
from app.desk.views.blueprint import bp
from app.desk.views.common import context, user_id
from app.service_requests import presenting
from app.service_requests.supervision.queries import list_open_tasks
from app.service_requests.supervision.words import KINDS
from tenants.core import clock
from tenants.endpoints import staff


@bp.get("/supervision")
@staff("desk.supervise")
def supervision() -> ResponseReturnValue:
    found = context()
    clients = {one.tenant_id: one for one in found.clients}
    reviewed = {
        tenant_id: [line for line, level in one.grant_lines.items() if level == "review"]
        for tenant_id, one in clients.items()
    }
    lines_of = {one: lines for one, lines in reviewed.items() if lines}
    with across(found, reason="a supervisor's tasks", user_id=user_id()) as session:
        tasks = list_open_tasks(session, lines_of=lines_of)
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "task": row, "client": clients[row.tenant_id], "kind": KINDS[row.kind],
            "subject": presenting.subject_of(row.item, row.title), "late": row.due_at < now,
            "url": url_for("service_requests.show", slug=clients[row.tenant_id].slug,
                           number=row.number),
        }
        for row in tasks
    ]  # fmt: skip
    return render_template("desk/supervision.html", rows=rows, now=now)
