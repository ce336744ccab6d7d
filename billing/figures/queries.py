"""Over all companies, in the provider's scope: functions of the database that answer its
administrators, and nobody else, with figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from billing.figures.models import InternalRate
from billing.figures.rules import MeterMonth
from billing.plans import CURRENCY
from billing.prices.in_force import Proposal
from billing.prices.models import PriceDecision, PriceOverride
from tenants.core.db import db


def _ask(statement: str, **values: Any) -> Sequence[RowMapping]:
    return db.session.execute(text(statement), values).mappings().all()


def list_companies(*, now: datetime) -> Sequence[RowMapping]:
    """By name; account, subscription and open invoices in one."""
    return _ask("SELECT * FROM billing_companies(:now)", now=now)


def usage_by_company(*, now: datetime) -> Mapping[UUID, Sequence[MeterMonth]]:
    found: dict[UUID, list[MeterMonth]] = defaultdict(list)
    for row in _ask("SELECT * FROM billing_usage(:now)", now=now):
        found[row["tenant_id"]].append(
            MeterMonth(row["meter_key"], row["month"], row["quantity"], row["unbilled"])
        )
    return found


def pending_minutes() -> Mapping[UUID, int]:
    """Recorded on work that goes on, and no usage yet."""
    rows = _ask("SELECT * FROM billing_pending_minutes()")
    return {row["tenant_id"]: row["minutes"] for row in rows}


def agreed_prices() -> Mapping[UUID, Sequence[Proposal]]:
    """Approved ones, without the words and people that belong to them."""
    found: dict[UUID, list[Proposal]] = defaultdict(list)
    for row in _ask("SELECT * FROM billing_agreed_prices()"):
        override = PriceOverride(
            tenant_id=row["tenant_id"], id=row["id"], lookup_key=row["lookup_key"],
            unit_amount=row["unit_amount"], currency=CURRENCY,
            starts_on=row["starts_on"], ends_on=row["ends_on"],
        )  # fmt: skip
        decision = PriceDecision(
            tenant_id=row["tenant_id"], id=row["decision_id"], override_id=row["id"],
            verdict="approved", decided_at=row["decided_at"],
        )  # fmt: skip
        found[row["tenant_id"]].append(Proposal(override, decision))
    return found


def month_ends(*, start: date, until: date) -> Mapping[tuple[UUID, date], int]:
    """What each company brought, as it was noted in these months."""
    rows = _ask("SELECT * FROM billing_history(:start, :until)", start=start, until=until)
    return {(row["tenant_id"], row["month"]): row["mrr_minor"] for row in rows}


def list_invoices(
    *, now: datetime, tenant_id: UUID | None = None, unpaid: bool = False
) -> Sequence[RowMapping]:
    """Newest first."""
    return _ask(
        "SELECT * FROM billing_invoices(:tenant, :unpaid, :now)",
        tenant=tenant_id, unpaid=unpaid, now=now,
    )  # fmt: skip


def list_course(*, tenant_id: UUID) -> Sequence[RowMapping]:
    """What became of the access of one company, newest first."""
    return _ask("SELECT * FROM billing_course(:tenant)", tenant=tenant_id)


def list_findings(*, resolved: bool, tenant_id: UUID | None = None) -> Sequence[RowMapping]:
    return _ask(
        "SELECT * FROM billing_findings(:tenant, :resolved)", tenant=tenant_id, resolved=resolved
    )


def list_dead_jobs() -> Sequence[RowMapping]:
    return _ask("SELECT * FROM billing_dead_jobs()")


def list_rejected_hours() -> Sequence[RowMapping]:
    return _ask("SELECT * FROM billing_rejected_hours()")


def list_parked_events() -> Sequence[RowMapping]:
    return _ask("SELECT * FROM billing_parked_events()")


def list_revenue(*, start: datetime, until: datetime) -> Sequence[RowMapping]:
    """Lines of final invoices, without tax, by price and period."""
    return _ask("SELECT * FROM billing_revenue(:start, :until)", start=start, until=until)


def list_credits(*, start: date, until: date) -> Sequence[RowMapping]:
    """What was given back, before tax, by month and line."""
    return _ask("SELECT * FROM billing_credits(:start, :until)", start=start, until=until)


def list_time(*, start: date, until: date) -> Sequence[RowMapping]:
    return _ask("SELECT * FROM billing_time(:start, :until)", start=start, until=until)


def list_time_entries(
    *, tenant_id: UUID, start: date, until: date, line: str = ""
) -> Sequence[RowMapping]:
    return _ask(
        "SELECT * FROM billing_time_entries(:tenant, :start, :until, :line)",
        tenant=tenant_id, start=start, until=until, line=line,
    )  # fmt: skip


def list_rates() -> Sequence[InternalRate]:
    """The latest first."""
    query = select(InternalRate).order_by(InternalRate.starts_on.desc(), InternalRate.set_at.desc())
    return db.session.execute(query).scalars().all()
