"""Every company's account in figures, in four statements whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from billing.figures import queries
from billing.figures.rules import Work, monthly_revenue, work_of
from billing.models import ENDED
from billing.plans import AGREED, CURRENCY, Interval, Plan, plan_of
from billing.prices.in_force import day_of


@dataclass(frozen=True, slots=True)
class Account:
    """`facts` are the columns of `billing_companies`; without `plan` there is no account yet."""

    facts: RowMapping
    plan: Plan | None
    interval: Interval
    mrr_minor: int
    work: Work
    currency: str = CURRENCY

    @property
    def tenant_id(self) -> UUID:
        found: UUID = self.facts["tenant_id"]
        return found

    @property
    def state(self) -> str:
        return str(self.facts["access_state"])

    @property
    def open_minor(self) -> int:
        return int(self.facts["open_minor"])

    @property
    def overdue_minor(self) -> int:
        return int(self.facts["overdue_minor"])

    @property
    def exposure_minor(self) -> int:
        """What we would lose if nothing more were paid: what its limit counts (billing.exposure), so
        without the time on open work, which nobody owes yet."""
        return self.open_minor + self.work.usage_minor + self.work.items_minor

    @property
    def next_invoice(self) -> datetime | None:
        """When the draft becomes final, else when the running period ends."""
        if self.facts["draft_at"] is not None:
            return _moment(self.facts["draft_at"])
        status = self.facts["status"]
        if status is None or status in (*ENDED, "paused"):
            return None
        return _moment(self.facts["period_end"])


def _moment(value: datetime | None) -> datetime | None:
    return value


def list_accounts(*, now: datetime) -> Sequence[Account]:
    usage, pending = queries.usage_by_company(now=now), queries.pending_minutes()
    agreed = queries.agreed_prices()
    found = []
    for row in queries.list_companies(now=now):
        tenant_id = row["tenant_id"]
        plan = plan_of(row["plan_key"], row["plan_version"]) if row["plan_key"] else None
        interval: Interval = "year" if row["base_interval"] == "year" else "month"
        prices = agreed.get(tenant_id, ())
        work = work_of(
            plan or AGREED, row["status"], usage.get(tenant_id, ()), prices,
            items_minor=row["items_minor"], now=now,
            pending_minutes=pending.get(tenant_id, 0),
        )  # fmt: skip
        mrr = monthly_revenue(plan or AGREED, interval, row["status"], prices, day_of(now))
        found.append(Account(row, plan, interval, mrr, work))
    return found
