"""Both clocks in the head of a request's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.contracts.terms import ContractTerms
from app.service_requests.models import ServiceRequest
from app.service_requests.pills import Pill
from app.service_requests.sla.models import SlaEvent
from app.service_requests.sla.reading import Face, faces_of
from app.service_requests.sla.showing import CLOCK_NAMES, face_pill
from app.web.i18n import text


@dataclass(frozen=True, slots=True)
class ClockMark:
    """`due` is shown while the clock runs, `first_due` where a late input moved it."""

    name: str
    pill: Pill
    due: datetime | None
    first_due: datetime | None


def clock_marks(
    request: ServiceRequest, ledger: Sequence[SlaEvent], terms: ContractTerms, now: datetime,
    *, provider: bool,
) -> list[ClockMark]:  # fmt: skip
    """A clock without a target isn't shown."""
    return [
        _mark(face, provider=provider)
        for face in faces_of(request, ledger, terms, now)
        if face.reading.target is not None
    ]


def _mark(face: Face, *, provider: bool) -> ClockMark:
    reading = face.reading
    return ClockMark(
        name=text(CLOCK_NAMES[face.clock]),
        pill=face_pill(face, provider=provider),
        due=reading.due_at if reading.state == "running" else None,
        first_due=reading.original_due_at if face.moved else None,
    )
