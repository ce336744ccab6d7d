"""A request's payment control in the hands of whoever asks, for pages and programs alike."""

from dataclasses import dataclass
from typing import Any

from app.auth.current import current_actor
from app.finance.models import PaymentControl
from app.finance.queries import find_control
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.transitions import WORKING
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Opened:
    request: ServiceRequest
    control: PaymentControl
    actor: Actor

    @property
    def provider(self) -> bool:
        return self.actor.side == "provider"

    @property
    def works(self) -> bool:
        """Whether the page has buttons; the services decide again."""
        return (
            self.provider
            and self.control.state == "ready"
            and self.request.state in WORKING
            and self.actor.can("payment_control.work", self.request.line)
        )

    @property
    def who(self) -> dict[str, Any]:
        return {"request": self.request, "actor": self.actor, "now": clock.now()}


def open_control(number: int) -> Opened:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    control = find_control(request_id=row.id) if row.item == "payment_control" else None
    if control is None:
        raise NotFound
    return Opened(row, control, actor)
