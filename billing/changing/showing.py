"""What of a change the subscription's pages say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from billing import queries as billing
from billing.change_models import PLANS, PlanChange
from billing.changing.outgoing import UNPAID
from billing.changing.previewing import FigureLine, Figures
from billing.changing.queries import find_errand, find_invoice_of, find_newest, list_payable
from billing.changing.rules import is_stale
from billing.models import ENDED, BillingAccount, StripeInvoice, Subscription
from billing.plan_changes import find_lasting
from billing.plans import BY_KEY, Interval, Part, Plan, plan_of
from tenants.core.text import _m

# For so long the page says what became of something that Stripe refused.
REMEMBERED = timedelta(days=2)
PROBLEMS = {
    UNPAID: _m("The payment did not go through."),
    "never_paid": _m("The payment did not come, so the plan stays as it was."),
    "no_answer": _m("Stripe did not answer. Try again."),
    "not_made": _m("Stripe did not make this change. Talk to us."),
    "at_stripe": _m("It was taken back at Stripe."),
    "ended": _m("The subscription has ended."),
    "card_declined": _m("The card was declined. Change the payment method and try again."),
    "resource_missing": _m("There is no payment method. Add one and try again."),
}
OTHERWISE = _m("Stripe refused it. Talk to us if it happens again.")


@dataclass(frozen=True, slots=True)
class LineShown:
    """`plan` is whose base it is about, None for what Stripe's own words say better."""

    line: FigureLine
    plan: Plan | None

    @property
    def is_credit(self) -> bool:
        return self.line.amount < 0


@dataclass(frozen=True, slots=True)
class ChangeShown:
    row: PlanChange
    before: Plan
    after: Plan
    lines: Sequence[LineShown]
    figures: Figures
    invoice: StripeInvoice | None
    now: datetime

    @property
    def at_once(self) -> bool:
        return self.row.effective_at is None

    @property
    def trial(self) -> bool:
        return bool(self.row.figures.get("trial"))

    @property
    def turn(self) -> datetime:
        """When the next base is due, as it is said on the page."""
        return datetime.fromtimestamp(self.row.figures["turn"], UTC)

    @property
    def stale(self) -> bool:
        return self.row.state == "asked" and is_stale(
            asked_at=self.row.asked_at, turn=self.turn, now=self.now
        )

    @property
    def base(self) -> Part:
        return self.after.priced(_interval(self.row.to_interval))[0]

    @property
    def base_before(self) -> Part:
        return self.before.priced(_interval(self.row.from_interval))[0]

    @property
    def unpaid(self) -> bool:
        return self.row.state == "sent" and self.row.problem == UNPAID

    @property
    def problem(self) -> str:
        return problem_of(self.row)


def problem_of(row: PlanChange) -> str:
    return PROBLEMS.get(row.problem, OTHERWISE) if row.problem else ""


def change_shown(*, now: datetime) -> ChangeShown | None:
    """The one on its way, else the last one."""
    lasting = find_lasting()
    row = lasting if lasting is not None and lasting.kind in PLANS else find_newest(kinds=PLANS)
    if row is None:
        return None
    figures = Figures.of(row.figures)
    return ChangeShown(
        row=row, before=plan_of(row.from_plan, row.from_version),
        after=plan_of(row.to_plan, row.to_version), figures=figures,
        lines=[LineShown(one, _plan_of(one)) for one in figures.lines],
        invoice=find_invoice_of(row), now=now,
    )  # fmt: skip


def _plan_of(line: FigureLine) -> Plan | None:
    part = BY_KEY.get(line.lookup_key)
    return plan_of(part.plan, part.version) if part is not None and part.kind == "base" else None


def _interval(name: str) -> Interval:
    return "year" if name == "year" else "month"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the overview says about the subscription's course; `failed` is what Stripe refused
    lately and nobody asked for again."""

    subscription: Subscription | None
    ends: datetime | None
    change: ChangeShown | None
    errand: PlanChange | None
    ending: PlanChange | None
    failed: PlanChange | None
    payable: Sequence[StripeInvoice]
    account: BillingAccount | None

    @property
    def is_live(self) -> bool:
        return self.subscription is not None and self.subscription.status not in ENDED

    @property
    def is_paused(self) -> bool:
        return self.subscription is not None and self.subscription.status == "paused"

    @property
    def late(self) -> bool:
        return self.subscription is not None and self.subscription.status in ("past_due", "unpaid")

    @property
    def problem(self) -> str:
        return problem_of(self.failed) if self.failed else ""


def standing(*, now: datetime) -> Standing:
    account, subscription = billing.find_account(), billing.find_subscription()
    lasting = find_lasting()
    change = change_shown(now=now) if lasting is not None and lasting.kind in PLANS else None
    errand = find_errand()
    return Standing(
        subscription=subscription,
        ends=_ends(subscription),
        change=change,
        errand=errand,
        ending=lasting if lasting is not None and lasting.kind == "end" else None,
        failed=_failed(now) if errand is None else None,
        payable=list_payable(),
        account=account,
    )


def _ends(subscription: Subscription | None) -> datetime | None:
    if subscription is None or subscription.status in ENDED:
        return None
    if subscription.cancel_at is not None or not subscription.cancel_at_period_end:
        return subscription.cancel_at
    items = billing.list_items(stripe_subscription_id=subscription.stripe_subscription_id)
    return max((one.period_end for one in items), default=None)


def _failed(now: datetime) -> PlanChange | None:
    newest = find_newest(kinds=("keep", "pay", "resume", "end"))
    if newest is None or newest.state != "refused" or newest.ended_at is None:
        return None
    return newest if now - newest.ended_at < REMEMBERED else None
