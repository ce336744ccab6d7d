from collections.abc import Sequence
from datetime import date
from typing import Any

from app.calendars.business_time import BusinessCalendar
from app.service_requests.documents.formats import NAMES
from app.service_requests.documents.models import DocumentLine
from app.service_requests.documents.queries import list_file_names
from app.service_requests.models import ServiceRequest
from tenants.permissions import Actor


def documents_context(
    *, actor: Actor, request: ServiceRequest, lines: Sequence[DocumentLine],
    calendar: BusinessCalendar,
) -> dict[str, Any]:  # fmt: skip
    came = any(one.file_id for one in lines)
    return {
        "documents": lines,
        "needed_by": lambda line: _needed_by(request, line, calendar),
        "documents_open": sum(one.is_open for one in lines),
        "file_names": list_file_names(request_id=request.id) if came else {},
        "formats": NAMES,
        "answers": request.is_open and actor.can("request.answer", request.line),
    }


def _needed_by(
    request: ServiceRequest, line: DocumentLine, calendar: BusinessCalendar
) -> date | None:
    """Its own day, or the request's cut-off that it was asked for before."""
    due_on = request.inputs_due_on
    if line.due_on or due_on is None:
        return line.due_on
    return due_on if calendar.local_day(line.asked_at) <= due_on else None
