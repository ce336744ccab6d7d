"""Who is told when recurring work stands still."""

from app.notifications import audiences
from app.notifications.services import tell
from app.service_requests.recurring.models import Recurrence
from tenants.permissions import Actor


def blocked(row: Recurrence, *, period: str, actor: Actor) -> None:
    _tell(row, key=f"{row.id}:{period}", actor=actor)


def no_days(row: Recurrence, *, actor: Actor) -> None:
    """Once for each time that it was written."""
    _tell(row, key=f"{row.id}:r{row.revision}", actor=actor)


def _tell(row: Recurrence, *, key: str, actor: Actor) -> None:
    tell(
        "recurring.blocked", audience=audiences.operators(row.line), actor=actor, key=key,
        link=f"recurring/{row.number}", about=row.id, number=row.number,
    )  # fmt: skip
