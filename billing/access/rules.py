"""What a subscription lets a company do: one pure function of what Stripe said, what we agreed, and
the time.

A payment that is late is told of on days 0, 3, 7 and 12; new work stops on day 7, everything but
reading and paying on day 14. The days count from the oldest invoice that should have been paid, and
no attempt to charge it moves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

State = Literal[
    "pending", "trialing", "active", "grace", "suspended", "paused", "cancelled", "closed"
]
# Stripe's words for a subscription that we know; another one is somebody's attention, no refusal.
KNOWN = (
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "paused",
    "canceled",
)  # fmt: skip
MAIL_DAYS = (0, 3, 7, 12)


@dataclass(frozen=True, slots=True)
class Policy:
    grace: timedelta = timedelta(days=14)
    new_work_until: timedelta = timedelta(days=7)
    export: timedelta = timedelta(days=30)
    # What we know is too old to hold against anybody: our own outage suspends nobody.
    stale: timedelta = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Facts:
    """`status` is Stripe's, None without a subscription; `due` are the days from which open invoices
    should have been paid; `before` and the rest are what was decided last time."""

    before: State
    status: str | None
    synced_at: datetime | None
    due: Sequence[datetime] = ()
    paused_reason: str = ""
    ended_at: datetime | None = None
    disputed: bool = False
    grace_since: datetime | None = None
    over_exposure: bool = False
    trial_used_up: bool = False
    new_work: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """`attention` is a word for the provider's people: somebody has to look. `mail_day` is the last of
    MAIL_DAYS that has come in this grace."""

    state: State
    reason: str
    new_work: bool
    attention: str = ""
    grace_since: datetime | None = None
    mail_day: int | None = None
    export_until: datetime | None = None


def derive(facts: Facts, policy: Policy, now: datetime) -> Access:
    attention = _attention(facts, policy, now)
    if attention in ("stale", "unknown_status", "disputed"):
        return Access(
            facts.before, attention,
            new_work=facts.new_work and facts.before in ("trialing", "active", "grace"),
            attention=attention, grace_since=facts.grace_since,
        )  # fmt: skip
    match facts.status:
        case None | "incomplete":
            return Access("pending", facts.status or "no_subscription", new_work=False)
        case "canceled" | "incomplete_expired":
            return _ended(facts, policy, now)
        case "paused" if facts.paused_reason == "pause_requested":
            return Access("paused", "on_request", new_work=False)
        case "paused":
            return Access("suspended", facts.paused_reason or "paused", new_work=False)
        case "trialing":
            # What is included is the most: nothing beyond it is ever paid.
            reason = "trial_used_up" if facts.trial_used_up else "trial"
            return Access("trialing", reason, new_work=not facts.trial_used_up)
    return _running(facts, policy, now)


def _attention(facts: Facts, policy: Policy, now: datetime) -> str:
    if facts.disputed:
        return "disputed"
    if facts.status is not None and facts.status not in KNOWN:
        return "unknown_status"
    if facts.synced_at is None:
        return ""
    return "stale" if now - facts.synced_at > policy.stale else ""


def _ended(facts: Facts, policy: Policy, now: datetime) -> Access:
    if facts.status == "incomplete_expired" and facts.before == "pending":
        # Nothing ever was: they may try again.
        return Access("pending", "incomplete_expired", new_work=False)
    until = (facts.ended_at or now) + policy.export
    state: State = "closed" if now >= until else "cancelled"
    return Access(state, facts.status or "", new_work=False, export_until=until)


def _running(facts: Facts, policy: Policy, now: datetime) -> Access:
    overdue = [at for at in facts.due if at <= now]
    if not overdue and facts.status == "active":
        worth_a_look = "over_exposure" if facts.over_exposure else ""
        return Access("active", "paid", new_work=True, attention=worth_a_look)
    # Anchored once per episode: an attempt, a later invoice or one that is paid don't move it.
    since = facts.grace_since or min(overdue, default=now)
    age = now - since
    if facts.status == "unpaid" or age >= policy.grace:
        reason = "unpaid" if facts.status == "unpaid" else "grace_over"
        return Access("suspended", reason, new_work=False, grace_since=since)
    return Access(
        "grace", "payment_late", grace_since=since, mail_day=_mail_day(age),
        new_work=age < policy.new_work_until and not facts.over_exposure,
    )  # fmt: skip


def _mail_day(age: timedelta) -> int:
    return max(day for day in MAIL_DAYS if age >= timedelta(days=day) or day == 0)
