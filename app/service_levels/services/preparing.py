"""A month that is over waits for its sign-off: somebody is told (workers/schedule.py says when)."""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert

from app.contracts.terms import ContractTerms
from app.notifications import audiences
from app.notifications.services import tell
from app.service_levels.agreed import Agreements
from app.service_levels.counting import count, severities
from app.service_levels.credits import credit_of
from app.service_levels.judging import EXCLUDED, Outcome
from app.service_levels.models import PreparedMonth
from app.service_levels.months import Month, next_first
from app.service_levels.queries import first_moment, get_agreements, list_prepared, list_signed
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id


def prepare_months(*, before: date | None = None, actor: Actor, now: datetime) -> list[date]:
    """Of the client in scope, every month (before this one) that is over, not signed off, and was
    not prepared yet; answers which. What was missed while nothing ran is made up for."""
    if actor.side != "system":
        raise Forbidden
    agreements, signed = get_agreements(), list_signed()
    month = agreements.next_to_sign(
        last=max((one.month for one in signed), default=None), began=first_moment()
    )
    done = {one.month for one in list_prepared()} if month else set()
    found = []
    while month is not None and (before is None or month < before):
        if agreements.month(month)[0].end > now:
            break
        if month not in done and _prepare(agreements, month, actor=actor, now=now):
            found.append(month)
        month = next_first(month)
    return found


def count_again(*, actor: Actor, now: datetime) -> dict[date, bool]:
    """Months of the client in scope that were prepared and are not signed off, as they count now;
    says of each whether that is different. Nobody is told anew."""
    if actor.side != "system":
        raise Forbidden
    agreements, signed = get_agreements(), {one.month for one in list_signed()}
    rows = sorted(list_prepared(), key=lambda one: one.month)
    return {
        row.month: _count_again(row, agreements, actor=actor, now=now)
        for row in rows
        if row.month not in signed
    }


def _count_again(
    row: PreparedMonth, agreements: Agreements, *, actor: Actor, now: datetime
) -> bool:
    span, terms = agreements.month(row.month)
    before = (row.counted, row.missed, row.credit)
    figures = _figures(count(span, agreements), terms)
    row.counted, row.missed, row.credit, row.prepared_at = *figures, now
    db.session.flush()
    if figures == before:
        return False
    audit.record(
        "service_levels.month.counted_again", actor=actor, now=now, object_type="month",
        month=span.name, counted=[before[0], row.counted], missed=[before[1], row.missed],
    )  # fmt: skip
    return True


def _figures(outcomes: list[Outcome], terms: ContractTerms) -> tuple[int, int, int]:
    counted = sum(one.outcome != EXCLUDED for one in outcomes)
    return counted, len(severities(outcomes)), _credit(outcomes, terms)


def _prepare(agreements: Agreements, month: date, *, actor: Actor, now: datetime) -> bool:
    """Whether it was this one: of two at once one is."""
    span, terms = agreements.month(month)
    outcomes = count(span, agreements)
    counted, missed, credit = _figures(outcomes, terms)
    row = db.session.execute(
        insert(PreparedMonth)
        .values(
            tenant_id=scoped_tenant_id(), id=uuid7(), month=month, prepared_at=now,
            counted=counted, missed=missed, credit=credit,
        )
        .on_conflict_do_nothing()
        .returning(PreparedMonth.id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return False
    audit.record(
        "service_levels.month.prepared", actor=actor, now=now, object_type="month",
        month=span.name, counted=len(outcomes), missed=missed,
    )  # fmt: skip
    _tell(span, missed, actor=actor)
    return True


def _credit(outcomes: list[Outcome], terms: ContractTerms) -> int:
    return sum(
        credit_of(
            severities(one for one in outcomes if one.line == line), base=base,
            rules=terms.credit_rules,
        ).amount
        for line, base in terms.credit_bases.items()
    )  # fmt: skip


def _tell(span: Month, missed: int, *, actor: Actor) -> None:
    tell(
        "month.to_sign", audience=audiences.supervisors(), actor=actor, key=span.name,
        link=f"service-levels?month={span.name}", month=span.name, missed=missed,
    )  # fmt: skip
