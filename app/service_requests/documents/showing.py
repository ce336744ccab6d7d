from collections.abc import Sequence
from typing import Any

from app.service_requests.documents.formats import NAMES
from app.service_requests.documents.models import DocumentLine
from app.service_requests.documents.queries import list_file_names
from app.service_requests.models import ServiceRequest
from tenants.permissions import Actor


def documents_context(
    *, actor: Actor, request: ServiceRequest, lines: Sequence[DocumentLine]
) -> dict[str, Any]:
    came = any(one.file_id for one in lines)
    return {
        "documents": lines,
        "documents_open": sum(one.is_open for one in lines),
        "file_names": list_file_names(request_id=request.id) if came else {},
        "formats": NAMES,
        "answers": request.is_open and actor.can("request.answer", request.line),
    }
