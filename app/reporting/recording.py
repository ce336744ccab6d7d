"""What every step on a report asks first, and what becomes of two who take it at once."""

from collections.abc import Sequence
from datetime import date, datetime

from app.reporting.models import ServiceReport
from app.reporting.queries import get_report
from tenants import audit
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.permissions import Actor


class ReportChanged(Conflict):
    code = "report_changed"
    message = _m(
        "Somebody else changed this report meanwhile. Look at it again; your text is kept."
    )


class NotNow(Conflict):
    code = "report_not_now"
    message = _m("This report is at another step by now. Look at it again.")


def held(*, month: date, states: Sequence[str], version: int) -> ServiceReport:
    """The report, held until the transaction ends, in one of these states and as it was shown."""
    row = get_report(month=month, for_change=True)
    if row.state not in states:
        raise NotNow
    if row.version != version:
        raise ReportChanged
    return row


def note(name: str, row: ServiceReport, *, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"reporting.report.{name}", actor=actor, now=now, object_type="service_report",
        object_id=row.id, month=row.name, **facts,
    )  # fmt: skip
