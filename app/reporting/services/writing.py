"""The words to the client on a draft; whoever wrote last doesn't check it."""

from collections.abc import Mapping
from datetime import date, datetime

from app.notifications import audiences
from app.notifications.services import tell
from app.reporting.gathering import content_of
from app.reporting.models import DRAFT, ServiceReport
from app.reporting.recording import held, note
from app.reporting.rights import require_lines, require_writer
from tenants.core.db import db
from tenants.permissions import Actor


def write(
    *, month: date, summary: str, remarks: Mapping[str, str], version: int, actor: Actor,
    now: datetime,
) -> ServiceReport:  # fmt: skip
    """`remarks` by line; what is about no line of the report is left out."""
    require_writer(actor)
    row = held(month=month, states=(DRAFT,), version=version)
    lines = content_of(row, now=now)["lines"]
    require_lines(actor, lines)
    first = row.written_at is None
    row.summary = summary
    row.remarks = {line: words for line, words in remarks.items() if words and line in lines}
    row.written_at, row.written_by, row.written_by_name = now, actor.user_id, actor.name
    db.session.flush()
    note("written", row, actor=actor, now=now)
    if first:
        tell(
            "report.to_check", audience=audiences.supervisors().but(actor.user_id), actor=actor,
            key=str(row.id), link=f"reports/{row.name}", month=row.name,
        )  # fmt: skip
    return row
