"""Payment control for programs: the same queries and services as the workbench, in JSON."""

from typing import Any
from uuid import UUID

from flask import Blueprint

from app.finance import api_schemas as shapes
from app.finance import api_showing, item_queries, queries
from app.finance.models import StatementLine
from app.finance.opened import Opened, open_control
from app.finance.services import deciding
from tenants.core.errors import Invalid, NotFound
from tenants.core.money import exact_minor
from tenants.core.pagination import Page
from tenants.core.text import _m
from tenants.keys import data_key
from tenants.operations import operation

bp = Blueprint("payments_api", __name__, url_prefix="/api/v1/requests/<int:number>/payment-control")
TAG = "Payment control"
READ: dict[str, Any] = {"tag": TAG, "permission": "request.read", "scope": "payments:read"}
WORK: dict[str, Any] = {
    "tag": TAG, "permission": "payment_control.work", "scope": "payments:write",
    "answer": shapes.LineOut,
    "description": "For the provider's tokens, while the request is being worked on. Answers the "
    "line as it stands then.",
}  # fmt: skip


@bp.get("")
@operation("Show the control of a request", answer=shapes.ControlOut, **READ)
def show_control(number: int) -> dict[str, Any]:
    control = open_control(number).control
    return api_showing.control_row(
        control, queries.count_lines(control=control), queries.list_statements(control=control),
        data_key(),
    )  # fmt: skip


@bp.get("/lines")
@operation("List statement lines with their matches", form="page", query=shapes.LineQuery,
           answer=shapes.LineOut, **READ)  # fmt: skip
def list_lines(number: int, query: dict[str, Any]) -> Page[Any]:
    opened = open_control(number)
    found = queries.list_lines(control=opened.control, search=query.pop("q", ""), **query)
    return Page(_shown(opened, list(found.items)), found.next_cursor)


def _shown(opened: Opened, lines: list[StatementLine]) -> list[dict[str, Any]]:
    matches = queries.list_matches_of_lines(
        control=opened.control, line_ids=[line.id for line in lines]
    )
    return api_showing.line_rows(lines, matches, provider=opened.actor.side == "provider")


@bp.get("/items")
@operation("List open items by due date", form="page", query=shapes.ItemQuery,
           answer=shapes.OpenItemOut, **READ)  # fmt: skip
def list_items(number: int, query: dict[str, Any]) -> Page[Any]:
    found = item_queries.list_items(
        control=open_control(number).control, search=query.pop("q", ""), **query
    )
    return Page([api_showing.item_row(row) for row in found.items], found.next_cursor)


@bp.get("/rejects")
@operation("List what was refused while reading", form="page", query=shapes.RejectQuery,
           answer=shapes.RejectOut, **READ)  # fmt: skip
def list_rejects(number: int, query: dict[str, Any]) -> Page[Any]:
    found = item_queries.list_reject_page(control=open_control(number).control, **query)
    return Page([api_showing.reject_row(row) for row in found.items], found.next_cursor)


@bp.post("/matches/<uuid:match_id>/confirm")
@operation("Confirm a proposal", refusals=(409,), **WORK)
def confirm_match(number: int, match_id: UUID) -> dict[str, Any]:
    opened = open_control(number)
    match = queries.get_match(control=opened.control, match_id=match_id)
    deciding.confirm_match(**opened.who, match=match)
    return _line(opened, match.line_id)


@bp.post("/matches/<uuid:match_id>/undo")
@operation("Undo a match", refusals=(409,), **WORK)
def undo_match(number: int, match_id: UUID) -> dict[str, Any]:
    opened = open_control(number)
    match = queries.get_match(control=opened.control, match_id=match_id)
    deciding.undo_match(**opened.who, match=match)
    return _line(opened, match.line_id)


@bp.post("/lines/<uuid:line_id>/match")
@operation(
    "Match a line by hand", body=shapes.HandMatch, refusals=(409, 422), **WORK,
    example={"item_id": "019a0f00-0000-7000-8000-000000000003", "note": "Told by telephone."},
)  # fmt: skip
def match_by_hand(number: int, line_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    opened = open_control(number)
    line = queries.get_line(control=opened.control, line_id=line_id)
    try:
        item = queries.get_item(control=opened.control, item_id=body["item_id"])
    except NotFound as error:
        problem = _m("This control has no such open item.")
        raise Invalid(field_errors={"item_id": [problem]}) from error
    deciding.match_by_hand(
        **opened.who, control=opened.control, line=line, item=item, note=body["note"],
        amount=_part(body.get("amount"), line),
    )  # fmt: skip
    return _line(opened, line.id)


def _part(written: str | None, line: StatementLine) -> int | None:
    """Written without sign; it goes the way of the line."""
    if written is None:
        return None
    try:
        minor = exact_minor(written, line.currency)
    except ValueError as error:
        problem = _m("This currency has fewer decimals.")
        raise Invalid(field_errors={"amount": [problem]}) from error
    return minor if line.amount > 0 else -minor


@bp.post("/lines/<uuid:line_id>/leave-open")
@operation(
    "Leave a line without an open item", body=shapes.LeaveOpen, refusals=(409, 422), **WORK,
    example={"note": "Bank fee"},
)  # fmt: skip
def leave_open(number: int, line_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    opened = open_control(number)
    line = queries.get_line(control=opened.control, line_id=line_id)
    deciding.leave_open(**opened.who, line=line, note=body["note"])
    return _line(opened, line.id)


def _line(opened: Opened, line_id: UUID) -> dict[str, Any]:
    line = queries.get_line(control=opened.control, line_id=line_id)
    return _shown(opened, [line])[0]
