"""Recurring work for programs, to read."""

from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields, validate

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.service_requests.recurring import queries
from app.service_requests.recurring.models import Recurrence
from tenants.core import clock
from tenants.core.schema import said
from tenants.operations import operation

bp = Blueprint("recurring_api", __name__, url_prefix="/api/v1")
STATES = ("active", "paused")


class RecurringOut(Schema):
    number = fields.Integer(required=True, metadata=said("The company's own number."))
    title = fields.String(required=True)
    item = fields.String(required=True, metadata=said("The catalogue's item that is raised."))
    line = fields.String(required=True, validate=validate.OneOf(list(LINES)))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    rule = fields.Dict(required=True, metadata=said("By which days it comes again."))
    next_due_on = fields.Date(
        required=True, allow_none=True, metadata=said("The day on which the next one is due.")
    )
    next_raised_on = fields.Date(
        required=True, allow_none=True, metadata=said("The day on which its request is raised.")
    )


@bp.get("/recurring")
@operation(
    "List the work that comes again by itself, the next one first", form="list",
    answer=RecurringOut, tag="Requests", permission="request.read", scope="requests:read",
)  # fmt: skip
def list_recurring() -> list[dict[str, Any]]:
    today = queries.get_facts(clock.now()).today
    rows = queries.list_recurrences(lines=current_actor().visible_lines)
    return [_shown(row, paused=row.is_paused(today)) for row in rows]


def _shown(row: Recurrence, *, paused: bool) -> dict[str, Any]:
    return {
        "number": row.number, "title": row.title, "item": row.item, "line": row.line,
        "state": "paused" if paused else "active", "rule": row.rule,
        "next_due_on": row.next_on, "next_raised_on": row.next_raise_on,
    }  # fmt: skip
