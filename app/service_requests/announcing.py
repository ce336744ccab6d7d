"""Which of a request's moves a company's own programs are told of. They hear what its people see, by
number, kind and state: no words, and nothing of the provider's inside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.service_requests.models import ServiceRequest
from app.service_requests.transitions import seen_by
from app.webhooks.catalogue import Event
from app.webhooks.services.publishing import publish

BY_VERB: Mapping[str, str] = {
    "raise": "request.raised",
    "approve": "request.approved",
    "refuse": "request.refused",
    "ask_approval_again": "request.approval_asked",
}
BY_TARGET: Mapping[str, str] = {
    "awaiting_approval": "request.approval_asked",
    "delivered": "request.delivered",
}


def moved(
    request: ServiceRequest, verb: str, source: str | None, target: str, *, move_id: UUID,
    now: datetime,
) -> None:  # fmt: skip
    before = None if source is None else seen_by("client", source)
    after = seen_by("client", target)
    kinds = [BY_VERB[verb]] if verb in BY_VERB else []
    if before is not None and before != after:
        kinds += ["request.state_changed", *([BY_TARGET[after]] if after in BY_TARGET else [])]
    if kinds:
        steps = {"state": after, "state_before": before}
        publish([_event(kind, request, move_id, steps) for kind in kinds], at=now)


def asked(request: ServiceRequest, *, question_id: UUID, now: datetime) -> None:
    _one("request.question_asked", request, question_id, {"question": str(question_id)}, now)


def documents_asked(request: ServiceRequest, *, list_id: UUID, count: int, now: datetime) -> None:
    _one("request.documents_asked", request, list_id, {"documents": count}, now)


def _one(
    kind: str, request: ServiceRequest, key: UUID, more: Mapping[str, Any], now: datetime
) -> None:
    publish([_event(kind, request, key, more)], at=now)


def _event(kind: str, request: ServiceRequest, key: UUID, more: Mapping[str, Any]) -> Event:
    facts = {
        "request": request.number, "item": request.item, "line": request.line,
        "url": f"/api/v1/requests/{request.number}",
    }  # fmt: skip
    return Event(kind, key=str(key), line=request.line, data={**facts, **more})
