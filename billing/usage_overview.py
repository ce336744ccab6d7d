"""What is used of what is included, what it comes to by the end of the period, and what that costs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billing import queries
from billing.forecast import KNOWN_AFTER, forecast
from billing.limits.queries import seats, storage
from billing.limits.rules import Standing, step_of
from billing.plans import AGREED, CURRENCY, Part, Plan, plan_of
from billing.presenting import amount_of, days_of, usage_period
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals
from billing.prices.showing import figures_of


@dataclass(frozen=True, slots=True)
class MeterUse:
    """`forecast` is None while nothing can be said; `free` in a trial. Amounts are minor units before
    VAT, of what goes beyond the included units."""

    part: Part
    used: int
    forecast: int | None
    unit_amount: Decimal
    free: bool
    days: Sequence[tuple[date, int]]

    @property
    def included(self) -> int:
        return self.part.included

    @property
    def beyond(self) -> int:
        return max(0, self.used - self.included)

    @property
    def forecast_beyond(self) -> int | None:
        return None if self.forecast is None else max(0, self.forecast - self.included)

    @property
    def minor(self) -> int:
        return 0 if self.free else amount_of(self.unit_amount, self.beyond)

    @property
    def forecast_minor(self) -> int | None:
        beyond = self.forecast_beyond
        if beyond is None:
            return None
        return 0 if self.free else amount_of(self.unit_amount, beyond)

    @property
    def step(self) -> int:
        """80 or 100 percent of the included units reached; 0 for neither, and without any."""
        return step_of(self.used, self.included or None)

    @property
    def running(self) -> Sequence[tuple[date, int]]:
        """The sum up to and with each day."""
        total, found = 0, []
        for day, quantity in self.days:
            total += quantity
            found.append((day, total))
        return found


@dataclass(frozen=True, slots=True)
class UsageOverview:
    """`period` is None without a subscription; its end is the first moment after it."""

    plan: Plan
    period: tuple[datetime, datetime] | None
    days: tuple[date, date] | None
    trial: bool
    known: bool
    meters: Sequence[MeterUse]
    seats: Standing
    storage: Standing
    currency: str = CURRENCY

    @property
    def minor(self) -> int:
        return sum(one.minor for one in self.meters)

    @property
    def forecast_minor(self) -> int | None:
        found = [one.forecast_minor for one in self.meters]
        return None if None in found else sum(one for one in found if one is not None)


def usage_overview(*, now: datetime) -> UsageOverview:
    account, subscription = queries.find_account(), queries.find_subscription()
    period = usage_period(subscription)
    trial = subscription is not None and subscription.status == "trialing"
    return UsageOverview(
        plan=plan_of(account.plan_key, account.plan_version) if account else AGREED,
        period=period,
        days=days_of(*period) if period else None,
        trial=trial,
        known=period is not None and (now >= period[1] or now - period[0] >= KNOWN_AFTER),
        meters=_meters(*period, trial=trial, now=now) if period else [],
        seats=seats(now=now),
        storage=storage(now=now),
    )


def unbilled(*, now: datetime) -> int:
    """What the running period's usage costs so far, before VAT."""
    subscription = queries.find_subscription()
    period = usage_period(subscription)
    if period is None or subscription is None or subscription.status == "trialing":
        return 0
    return sum(one.minor for one in _meters(*period, trial=False, now=now))


def _meters(start: datetime, end: datetime, *, trial: bool, now: datetime) -> list[MeterUse]:
    by_day: dict[str, dict[date, int]] = defaultdict(dict)
    for row in queries.billed_days(start=start, end=end):
        by_day[row.meter_key][row.day] = int(row.quantity)
    found = []
    for figure in figures_of(list_proposals(approved=True), day_of(start)):
        meter = figure.part.meter
        if meter is None:
            continue
        used = sum(by_day[meter].values())
        found.append(
            MeterUse(
                part=figure.part, used=used, unit_amount=figure.amount, free=trial,
                forecast=forecast(used, start=start, end=end, now=now),
                days=_every_day(by_day[meter], start, min(now, end)),
            )
        )  # fmt: skip
    return found


def _every_day(
    found: Mapping[date, int], start: datetime, until: datetime
) -> list[tuple[date, int]]:
    """Quiet days too. In UTC, as the period is."""
    first, last = days_of(start, until)
    last = max([last, *found])
    days = [date.fromordinal(at) for at in range(first.toordinal(), last.toordinal() + 1)]
    return [(day, found.get(day, 0)) for day in days]
