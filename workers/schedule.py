"""Periodic work: the one table of it. `workers/scheduler.py` keeps to it."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal

from app.calendars.recurrence import Daily, Every, NthBusinessDay, Rule


@dataclass(frozen=True, slots=True)
class Periodic:
    """One job `job` ('<line>.<verb>') for each active tenant of that kind, at each period of `when`.

    `catch_up` says what becomes of periods that were missed while nobody scheduled: `once` makes up
    for all of them with one job; `each` adds one for every period, in order, each after the one
    before has ended; `skip` lets go what is late by more than a quarter of an hour. `held` says what
    becomes of periods while the company's access doesn't let the job run: `skip` lets them go,
    `wait` makes up for them afterwards, as `catch_up` says.

    Entries that follow a company's calendar, or that catch up with each, get their `period` ('2026-11',
    '2026-11-23', '2026-11-23T10:00:00Z') as an argument.
    """

    name: str
    when: Rule
    job: str
    queue: str = "default"
    each: Literal["client", "provider"] = "client"
    catch_up: Literal["once", "each", "skip"] = "once"
    held: Literal["skip", "wait"] = "skip"

    @property
    def everywhere_at_once(self) -> bool:
        """One moment for all companies; else each plans its own."""
        return isinstance(self.when, Every) and self.catch_up != "each"


# One more whenever an entry comes or goes (tests/structure/test_job_states.py): dispatchers of two
# versions of ours may lead by turns, and the older one leaves alone what it doesn't know.
VERSION = 12
TASKS: tuple[Periodic, ...] = (
    Periodic("send-usage", Every(timedelta(hours=1)), "billing.send_usage", queue="billing"),
    # planned days that came, results that nobody objected to
    Periodic("tend-requests", Every(timedelta(hours=1)), "requests.tend"),
    # grants that ended, absences that began
    Periodic("stand-in", Every(timedelta(minutes=15)), "requests.stand_in"),
    Periodic("remind-clients", Every(timedelta(minutes=30)), "chasing.remind"),
    # warnings before a clock runs out, contracts that changed
    Periodic("watch-clocks", Every(timedelta(minutes=10)), "clocks.watch"),
    Periodic("expire-approvals", Every(timedelta(hours=1)), "approvals.expire"),
    # the month before is counted, and its supervisors are told
    Periodic("prepare-months", NthBusinessDay(time(8), 3), "service_levels.prepare"),
    # it finds by itself what was missed
    Periodic("raise-recurring", Daily(time(6)), "requests.look_for_recurring", held="wait"),
    # drafts of invoices that come again; it makes up for what was missed
    Periodic("make-invoices", Daily(time(5)), "sales_invoices.look_at_schedules", held="wait"),
    # guests whose time is over, or soon will be
    Periodic("tend-guests", Daily(time(7)), "people.tend_guests"),
    Periodic("prune-api", Every(timedelta(hours=1)), "api.prune", queue="batch"),
    Periodic("prune-webhooks", Every(timedelta(hours=24)), "webhooks.prune", queue="batch"),
    Periodic("prune-mail", Every(timedelta(hours=6)), "mail_in.prune", queue="batch"),
    # documents whose period has ended, and those that two people want deleted
    Periodic("look-at-retention", Daily(time(2)), "documents.look_at_retention", queue="batch"),
    # credits of signed months, ten days later
    Periodic("give-credits", Daily(time(4)), "service_levels.give_credits", queue="billing"),
    # makes up for webhooks that never came
    Periodic(
        "backfill-billing",
        Every(timedelta(minutes=15)),
        "billing.backfill",
        queue="billing",
        each="provider",
    ),
    Periodic(
        "reconcile-provider",
        Daily(time(4)),
        "billing.reconcile_provider",
        queue="billing",
        each="provider",
    ),
    # ledger, hours, Stripe and invoices, each against the other
    Periodic("reconcile-billing", Daily(time(3)), "billing.reconcile", queue="billing"),
    # files of subscription invoices, once what they lacked is there
    Periodic("mend-subscription-files", Daily(time(5)), "sales_invoices.mend_subscriptions"),
    # a late payment moves on by time alone
    Periodic(
        "look-at-access", Every(timedelta(hours=1)), "billing.look_at_access", queue="billing"
    ),
    Periodic("sync-billing", Every(timedelta(hours=1)), "billing.sync_customer", queue="billing"),
)
