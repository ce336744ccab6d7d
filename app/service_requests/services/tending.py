from datetime import datetime

from app.service_requests.services.ending import close_silent
from app.service_requests.services.holding import fall_due
from tenants.permissions import Actor
from tenants.queries import get_tenant


def tend(*, actor: Actor, now: datetime) -> None:
    """What requests of the client in scope do by themselves as time passes; what was missed is made
    up for, and again changes nothing."""
    fall_due(actor=actor, now=now, zone=get_tenant().time_zone)
    close_silent(actor=actor, now=now)
