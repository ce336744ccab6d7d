"""Who is told of handover notes by mail; never what stands in them."""

from collections.abc import Sequence
from datetime import datetime

from app.notifications import audiences
from app.notifications.services import tell
from app.service_requests.handover.models import HandoverItem, HandoverNote
from tenants.permissions import Actor

PAGE = "/desk/handovers"


def handed_over(
    note: HandoverNote, asked: Sequence[HandoverItem], *, actor: Actor, now: datetime
) -> None:
    """One mail to each substitute, whatever the number of requests."""
    by_person = {(one.substitute_id, one.line): one for one in asked}
    told = set()
    for (user_id, line), item in by_person.items():
        if user_id in told or item.answer_by is None:
            continue
        told.add(user_id)
        count = sum(1 for one in asked if one.substitute_id == user_id)
        tell(
            "handover.sent", audience=audiences.people([user_id], line=line), actor=actor,
            key=f"{note.id}:{user_id}:{now.isoformat()}", link=PAGE, about=note.id,
            person=note.user_name, count=count, due=item.answer_by,
        )  # fmt: skip


def needs_supervisor(note: HandoverNote, *, actor: Actor) -> None:
    """Once for each time that it was sent, whatever the number of requests."""
    sent = note.sent_at.isoformat() if note.sent_at else "never"
    tell(
        "handover.open", audience=audiences.supervisors(), actor=actor, key=f"{note.id}:{sent}",
        link=f"{PAGE}/{note.absence_id}", about=note.id, person=note.user_name,
    )  # fmt: skip
