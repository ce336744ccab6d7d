"""Corrections of what was signed: further rows, shown in the month in which they are booked."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.contracts.terms import CreditRules
from app.service_levels.agreed import Agreements
from app.service_levels.counting import holding, severities
from app.service_levels.credits import CURRENCY, Credit, credit_of
from app.service_levels.models import SlaCredit, SlaOutcome
from app.service_levels.queries import list_credits, list_outcomes
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

# Two supervisors at once: the second waits, then finds what the first did.
GATE = 17_001


def lock_company() -> None:
    """Until the transaction ends nobody else signs, contests or corrects here."""
    db.session.execute(
        select(func.pg_advisory_xact_lock(GATE, func.hashtext(str(scoped_tenant_id()))))
    )


def credit_row(
    credit: Credit, month: date, line: str, *, actor: Actor, now: datetime, after: SlaCredit | None = None,
    booked_in: date | None = None,
) -> SlaCredit:  # fmt: skip
    return SlaCredit(
        id=uuid7(), month=month, line=line, revision=after.revision + 1 if after else 1, booked_in=booked_in or month,
        base=credit.base, cap=credit.cap, rates=credit.rates, breaches=credit.breaches,
        amount=credit.amount,
        change=credit.amount - (after.amount if after else 0), currency=CURRENCY, computed_at=now, computed_by_name=actor.name,
    )  # fmt: skip


_FACTS = (
    "month", "line", "request_id", "number", "clock", "run", "outcome", "reason", "severity",
    "started_at", "at", "due_at", "original_due_at", "target", "minutes", "late", "waited", "open",
)  # fmt: skip


def revise(row: SlaOutcome, *, booked_in: date, **changes: Any) -> SlaOutcome:
    facts = {name: getattr(row, name) for name in _FACTS} | changes
    return SlaOutcome(id=uuid7(), revision=row.revision + 1, booked_in=booked_in, **facts)


def book(
    revised: Sequence[SlaOutcome], agreements: Agreements, *, actor: Actor, now: datetime
) -> None:
    """The rows, and the credits of their months anew by the same formula."""
    db.session.add_all(revised)
    db.session.flush()
    for month, line, booked_in in sorted({(one.month, one.line, one.booked_in) for one in revised}):
        _recompute(agreements, month, line, booked_in, actor, now)
    db.session.flush()


def _recompute(
    agreements: Agreements, month: date, line: str, booked_in: date, actor: Actor, now: datetime
) -> None:
    given = [one for one in list_credits(month=month, lines=[line]) if one.month == month]
    if not given:
        return
    last = given[-1]
    _, terms = agreements.month(month)
    rows = [one for one in list_outcomes(month=month, lines=[line]) if one.month == month]
    rules = CreditRules(last.cap, terms.credit_rules.rates)
    credit = credit_of(severities(holding(rows)), base=last.base, rules=rules)
    db.session.add(
        credit_row(credit, month, line, actor=actor, now=now, after=last,
                   booked_in=booked_in)
    )  # fmt: skip
