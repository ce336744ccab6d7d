"""What must be so of a payment control before it is handed over, for its checklist."""

from collections.abc import Mapping
from uuid import UUID

from app.finance.queries import count_proposed, find_control


def figures_of_control(request_id: UUID) -> Mapping[str, bool]:
    """Where no file could be read, the work is done by hand and nothing is proposed."""
    control = find_control(request_id=request_id)
    return {"decided": control is None or count_proposed(control=control) == 0}
