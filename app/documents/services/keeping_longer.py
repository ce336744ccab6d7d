"""A company keeps documents longer than the law asks for: decided from a day on, with a reason."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, case, cast, extract, func, update

from app.documents import retention
from app.documents.models import Document, RetentionExtension
from app.documents.retention_queries import list_own
from app.documents.titles import clean_title
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

MOST_YEARS = 100


def extend(
    *, name: str, years: int | None, since: date, reason: str, actor: Actor, now: datetime
) -> RetentionExtension:
    """`years` None: from then on the law's period is enough again. Never below it: where the law
    asks for more, or will one day, that counts."""
    actor.require("document.retain")
    company, today = get_tenant(), today_of(now)
    wanted = clean_title(reason)
    errors: dict[str, list[str]] = {}
    rule = retention.rule_on(name, company.country, max(since, today))
    if rule is None:
        errors["name"] = [_m("No period is known for these documents: they stay anyway.")]
    elif years is not None and not rule.years < years <= MOST_YEARS:
        errors["years"] = [_m("Longer than the law asks for, and at most 100 years.")]
    elif years is None and retention.own_on(name, list_own(), since) is None:
        errors["years"] = [_m("What the law asks for holds already.")]
    if since < today:
        errors["since"] = [_m("From today on, or later.")]
    elif not retention.sensible(since):
        errors["since"] = [retention.NO_SUCH_DAY]
    if not wanted:
        errors["reason"] = [_m("Please fill in this field.")]
    if errors:
        raise Invalid(field_errors=errors)
    row = RetentionExtension(
        id=uuid7(), tenant_id=company.id, name=name, years=years, since=since,
        reason=wanted[:500], made_at=now, made_by=actor.user_id, made_by_name=actor.name,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(
        "documents.retention.changed", actor=actor, now=now, object_type="retention_extension",
        object_id=row.id, retention_class=name, years=years or 0, since=since.isoformat(),
    )  # fmt: skip
    apply_periods(now=now)
    return row


def apply_periods(*, now: datetime) -> int:
    """Puts each document's last day where the rules of today put it, never before the law's that it
    was filed under; how many moved."""
    country, today, chosen = get_tenant().country, today_of(now), list_own()
    if not chosen:
        return 0
    years = {
        name: found
        for name in retention.CLASSES
        if (found := retention.years_on(name, country, today, chosen)) is not None
    }
    by_class = case(years, value=Document.retention_class)
    wanted = func.greatest(
        Document.lawful_until,
        func.make_date(cast(extract("year", Document.counts_from), Integer) + by_class, 12, 31),
    )
    done = db.session.execute(
        update(Document)
        .where(
            Document.tenant_id == scoped_tenant_id(), Document.deleted_at.is_(None),
            Document.retention_class.in_(sorted(years)), Document.lawful_until.is_not(None),
            Document.keep_until.is_distinct_from(wanted),
        )
        .values(keep_until=wanted)
        .returning(Document.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return len(done.all())


def today_of(now: datetime) -> date:
    return now.astimezone(ZoneInfo(get_tenant().time_zone)).date()
