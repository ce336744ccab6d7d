from datetime import datetime

from app.service_requests.models import ServiceRequest
from tenants.jobs import enqueue
from tenants.permissions import Actor


def follow(request: ServiceRequest, target: str, *, actor: Actor, now: datetime) -> None:
    """Whoever asked for it or had it raised for them, else who of the client confirmed it, is asked
    how it went."""
    if target != "closed":
        return
    asked = request.raised_by if request.raised_side == "client" else request.requester_id
    if request.raised_by_guest:
        asked = None
    if asked is None and actor.side == "client":
        asked = actor.user_id
    if asked is not None:
        enqueue(
            "ratings.invite", key=f"rating:{request.id}:{now.isoformat()}", request_id=request.id,
            user_id=asked,
        )  # fmt: skip
