"""The client's inputs that were due in a month: from the requests, or as they were signed."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.catalogue.memory import ITEMS
from app.service_levels.agreed import Agreements
from app.service_levels.models import SlaInput
from app.service_levels.months import Month, midnight, next_first
from app.service_levels.punctuality import Asked, Input, judge_input
from app.service_requests.documents.models import DocumentLine
from app.service_requests.models import ServiceRequest
from app.service_requests.sla.models import SlaExclusion
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

R, L, S, X = ServiceRequest, DocumentLine, SlaInput, SlaExclusion
# Nobody judges anything by these.
LEFT_OUT = ("cancelled", "rejected", "merged", "duplicate")
DONE = ("delivered", "closed")
GIVEN = ("given", "unavailable", "accepted")


def list_inputs(
    span: Month, agreements: Agreements, *, lines: Collection[str] | None = None, now: datetime
) -> list[Input]:
    """As it stands now; those that are missing count until now."""
    days = (span.first, next_first(span.first) - timedelta(days=1))
    found = []
    for asked in (*_forms(*days), *_documents(*days)):
        if lines is None or asked.line in lines:
            calendar = agreements.at(midnight(asked.due_on, agreements.zone)).calendar
            judged = judge_input(asked, calendar, now)
            if judged is not None:
                found.append(judged)
    return sorted(found, key=lambda one: (one.number, one.due_at))


def list_signed_inputs(*, month: date, lines: Collection[str]) -> Sequence[Input]:
    rows = db.session.execute(
        select(S)
        .where(S.tenant_id == scoped_tenant_id(), S.month == month, S.line.in_(lines))
        .order_by(S.number, S.due_at, S.id)
    ).scalars()
    return [
        Input(one.request_id, one.number, one.line, one.document_id, one.due_at, one.came_at,
              one.minutes)
        for one in rows
    ]  # fmt: skip


def names_of(inputs: Collection[Input]) -> dict[UUID, str]:
    """What the documents among them are called, by their ids."""
    ids = [one.document_id for one in inputs if one.document_id]
    if not ids:
        return {}
    rows = db.session.execute(
        select(L.id, L.name).where(L.tenant_id == scoped_tenant_id(), L.id.in_(ids))
    ).all()
    return {row.id: row.name for row in rows}


def _forms(first: date, last: date) -> Iterator[Asked]:
    """Files that the form asks for came with the request. When an operator raised it, nobody knows
    when the client gave them."""
    items = [item.code for item in ITEMS.values() if any(slot.required for slot in item.files)]
    rows = db.session.execute(
        select(R.id, R.number, R.line, R.inputs_due_on, R.raised_at).where(
            _counts(), R.raised_side == "client", R.item.in_(items),
            R.inputs_due_on.between(first, last),
        )
    )  # fmt: skip
    for row in rows:
        yield Asked(row.id, row.number, row.line, None, row.inputs_due_on, None, row.raised_at)


def _documents(first: date, last: date) -> Iterator[Asked]:
    """Nobody waits any more for what is missing of an ended request."""
    due_on = func.coalesce(L.due_on, R.inputs_due_on)
    rows = db.session.execute(
        select(
            R.id, R.number, R.line, L.id.label("document_id"), due_on.label("due_on"), L.asked_at,
            L.answered_at, L.state,
        )
        .join(R, and_(R.tenant_id == L.tenant_id, R.id == L.request_id))
        .where(
            _counts(),
            due_on.between(first, last),
            or_(L.state.in_(GIVEN), and_(L.state == "open", R.state.not_in(DONE))),
        )
    )  # fmt: skip
    for row in rows:
        came_at = row.answered_at if row.state in GIVEN else None
        yield Asked(
            row.id, row.number, row.line, row.document_id, row.due_on, row.asked_at, came_at
        )


def _counts() -> ColumnElement[bool]:
    excluded = (
        select(X.id)
        .where(
            X.tenant_id == R.tenant_id,
            X.request_id == R.id,
            or_(X.kind == "spam", X.confirmed_at.is_not(None)),
        )
        .correlate(R)
        .exists()
    )
    return and_(R.tenant_id == scoped_tenant_id(), R.state.not_in(LEFT_OUT), ~excluded)
