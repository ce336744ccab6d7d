"""A draft for a signed month: by somebody's hand, or by the job for many clients."""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert

from app.reporting.due import to_prepare
from app.reporting.gathering import MonthNotSigned
from app.reporting.models import DRAFT, ServiceReport
from app.reporting.queries import get_report, list_months_without, list_reports
from app.reporting.rights import require_reporter
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id


def prepare_report(*, month: date, actor: Actor, now: datetime) -> ServiceReport:
    """Prepared already, it stays as it is."""
    require_reporter(actor)
    if month in list_months_without():
        _add(month, actor=actor, now=now)
    elif month not in {one.month for one in list_reports()}:
        raise MonthNotSigned
    return get_report(month=month)


def prepare_reports(*, actor: Actor, now: datetime) -> list[date]:
    """Of the client in scope, the last signed month and those since its last report; which."""
    if actor.side != "system":
        raise Forbidden
    reported = [one.month for one in list_reports()]
    wanted = to_prepare([*list_months_without(), *reported], reported)
    return [month for month in wanted if _add(month, actor=actor, now=now)]


def _add(month: date, *, actor: Actor, now: datetime) -> bool:
    """Whether it was this one: of two at once one is."""
    made = db.session.execute(
        insert(ServiceReport)
        .values(
            tenant_id=scoped_tenant_id(), id=uuid7(), month=month, state=DRAFT, version=1,
            prepared_at=now, prepared_by_name=actor.name,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "month"])
        .returning(ServiceReport.id)
    ).scalar_one_or_none()  # fmt: skip
    if made is None:
        return False
    audit.record(
        "reporting.report.prepared", actor=actor, now=now, object_type="service_report",
        object_id=made, month=month.strftime("%Y-%m"),
    )  # fmt: skip
    return True
