"""The sealed report goes to the client, who says that they read it."""

from datetime import date, datetime

from app.notifications import audiences
from app.notifications.services import tell
from app.reporting.gathering import content_of
from app.reporting.models import ACKNOWLEDGED, REVIEWED, SENT, ServiceReport
from app.reporting.queries import get_report
from app.reporting.recording import held, note
from app.reporting.rights import require_lines, require_reporter
from tenants.core.db import db
from tenants.core.errors import Forbidden, NotFound
from tenants.permissions import Actor


def send(*, month: date, version: int, actor: Actor, now: datetime) -> ServiceReport:
    """For good. The client's administrators are told."""
    require_reporter(actor)
    row = held(month=month, states=(REVIEWED,), version=version)
    content = content_of(row, now=now)
    require_lines(actor, content["lines"])
    row.state, row.sent_at, row.sent_by_name = SENT, now, actor.name
    db.session.flush()
    note("sent", row, actor=actor, now=now, revision=row.sealed)
    tell(
        "report.sent", audience=audiences.administrators(), actor=actor, key=str(row.id),
        link=f"reports/{row.name}", month=row.name,
    )  # fmt: skip
    return row


def acknowledge(*, month: date, actor: Actor, now: datetime) -> ServiceReport:
    """The first one of the company counts; again changes nothing."""
    if actor.side != "client":
        raise Forbidden
    actor.require("report.acknowledge")
    row = get_report(month=month, for_change=True)
    if not row.out:
        raise NotFound
    require_lines(actor, content_of(row, now=now)["lines"])
    if row.state == SENT:
        row.state, row.acknowledged_at = ACKNOWLEDGED, now
        row.acknowledged_by, row.acknowledged_by_name = actor.user_id, actor.name
        db.session.flush()
        note("acknowledged", row, actor=actor, now=now, revision=row.sealed)
    return row
