"""Figures that a service line computes for its items, by name: whether they are as they must be.

`figures.register("payment_control", figures_of_payment_control)` when the line's views are imported.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

from app.service_requests.models import ServiceRequest

Compute = Callable[[UUID], Mapping[str, bool]]
_computers: dict[str, Compute] = {}


def register(item: str, compute: Compute) -> None:
    _computers[item] = compute


def compute_figures(request: ServiceRequest) -> Mapping[str, bool]:
    compute = _computers.get(request.item)
    return compute(request.id) if compute else {}
