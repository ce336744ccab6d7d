"""A part of a request's page that belongs to one catalogue item, such as a job's progress.

A service line registers its own when its views are imported:
`panels.register("payment_control", payment_control_panel)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.service_requests.models import ServiceRequest
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Panel:
    """`template` is included in the page with `panel.context` as `p`, beside the page's own."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


MakePanel = Callable[[Actor, ServiceRequest], Panel | None]

_makers: dict[str, MakePanel] = {}


def register(item_code: str, make: MakePanel) -> None:
    _makers[item_code] = make


def find_panel(*, actor: Actor, request: ServiceRequest) -> Panel | None:
    make = _makers.get(request.item)
    return make(actor, request) if make else None
