"""Whether every promise was kept. Pure, over what was found at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.faults.storm.plan import Order


@dataclass(frozen=True)
class Job:
    tenant: str
    name: str
    key: str | None
    state: str
    error: str


@dataclass(frozen=True)
class Effect:
    """`tenant` has it; `owner` is who it was meant for, empty for periodic work."""

    tenant: str
    owner: str
    tag: str


@dataclass(frozen=True)
class Promise:
    """A row of the outbox."""

    tenant: str
    id: str
    key: str
    state: str


@dataclass
class Facts:
    owners: list[str]
    orders: Sequence[Order]
    jobs: list[Job]
    effects: list[Effect]
    promises: list[Promise]
    # recipient, subject, Message-ID
    mails: list[tuple[str, str, str]]
    began: datetime
    now: datetime
    # company and order of each item at Stripe
    charged: list[tuple[str, str]] = field(default_factory=list)
    # whose receiver, order, number of the message
    told: list[tuple[str, str, str]] = field(default_factory=list)
    waiting_in_valkey: int = 0
    night: str = "2027-03-28"
    wrong: list[str] = field(default_factory=list)


def broken(facts: Facts) -> list[str]:
    """A sentence for each promise that was not kept."""
    return [
        *facts.wrong, *_jobs(facts), *_effects(facts), *_mails(facts), *_charged(facts), *_told(facts),
        *_periods(facts),
    ]  # fmt: skip


def _jobs(facts: Facts) -> list[str]:
    by_key = {(job.tenant, job.key): job for job in facts.jobs if job.key}
    found = []
    for order in facts.orders:
        job = by_key.get((facts.owners[order.tenant], order.tag))
        wanted = "quarantined" if order.poison else "succeeded"
        if job is None:
            found.append(f"{order.tag} ({order.verb}) was never added")
        elif job.state != wanted:
            found.append(f"{order.tag} ({order.verb}) is {job.state}: {job.error}")
        elif order.poison and not job.error:
            found.append(f"{order.tag} ({order.verb}) is in quarantine without a reason")
    known = {order.tag for order in facts.orders}
    found += [
        f"{job.name} {job.key or ''} of {job.tenant} is {job.state}: {job.error}"
        for job in facts.jobs
        if job.key not in known and job.state != "succeeded"
    ]
    if facts.waiting_in_valkey:
        found.append(f"{facts.waiting_in_valkey} hand-overs still wait in Valkey")
    return found


def _effects(facts: Facts) -> list[str]:
    wanted = Counter(
        (facts.owners[order.tenant], tag) for order in facts.orders for tag in order.effects
    )
    ordered = [one for one in facts.effects if one.owner]
    found = [
        f"the effect {one.tag} of {one.owner} is in {one.tenant}"
        for one in ordered
        if one.owner != one.tenant
    ]
    return found + _differences("the effect", wanted, Counter((o.tenant, o.tag) for o in ordered))


def _mails(facts: Facts) -> list[str]:
    mails = [one for one in facts.promises if one.key.startswith("storm:")]
    wanted = Counter(
        (facts.owners[order.tenant], f"storm:{tag}")
        for order in facts.orders
        for tag in order.mails
    )
    found = _differences(
        "the promised mail", wanted, Counter((one.tenant, one.key) for one in mails)
    )
    found += [
        f"what {one.key} promised is {one.state}" for one in facts.promises if one.state != "done"
    ]
    by_id = {one.id: one for one in mails}
    came = set()
    for recipient, subject, message_id in facts.mails:
        one = by_id.get(message_id.strip("<>").partition("@")[0])
        if one is None:
            found.append(f"a mail under a number that nobody promised: {subject}")
        elif (recipient.partition("@")[0], f"storm:{subject}") != (one.tenant, one.key):
            found.append(f"the mail {one.key} of {one.tenant} went to {recipient} as {subject}")
        else:
            came.add(one.id)
    found += [f"the mail {one.key} never came" for one in mails if one.id not in came]
    return found


def _charged(facts: Facts) -> list[str]:
    return _differences("the item at Stripe", _wanted(facts, "charge"), Counter(facts.charged))


def _told(facts: Facts) -> list[str]:
    """May come again, under the same number."""
    numbers = {(tenant, tag, number) for tenant, tag, number in facts.told}
    found = Counter((tenant, tag) for tenant, tag, _ in numbers)
    return _differences("the message", _wanted(facts, "announce"), found)


def _wanted(facts: Facts, verb: str) -> Counter[tuple[str, str]]:
    return Counter(
        (facts.owners[order.tenant], order.tag) for order in facts.orders if order.verb == verb
    )


def _periods(facts: Facts) -> list[str]:
    """Every hour once, and none left out; the night that has no half past two once."""
    found = []
    seen: dict[str, list[str]] = defaultdict(list)
    for one in facts.effects:
        if not one.owner:
            seen[one.tenant].append(one.tag)
    for tenant in facts.owners:
        tags = Counter(seen[tenant])
        found += [
            f"{tag} was done {count} times for {tenant}"
            for tag, count in tags.items()
            if count > 1 and tag != "tick"
        ]
        found += [f"{tag} is missing for {tenant}" for tag in _due(facts) if tag not in tags]
        ticked = sum(job.tenant == tenant and job.name == "storm.tick" for job in facts.jobs)
        if tags["tick"] != ticked:
            found.append(f"{ticked} ticks of {tenant} were done {tags['tick']} times")
    return found


def _due(facts: Facts) -> list[str]:
    hour = facts.began.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    due = []
    while hour <= facts.now:
        due.append(f"hour {hour:%Y-%m-%dT%H:%M:%SZ}")
        if f"{hour:%Y-%m-%d %H}" == f"{facts.night} 01":
            due.append(f"night {facts.night}")
        hour += timedelta(hours=1)
    return due


def _differences(
    what: str, wanted: Counter[tuple[str, str]], found: Counter[tuple[str, str]]
) -> list[str]:
    return [
        f"{what} {tag} of {tenant} is there {found[tenant, tag]} times, not {wanted[tenant, tag]}"
        for tenant, tag in sorted(wanted.keys() | found.keys())
        if found[tenant, tag] != wanted[tenant, tag]
    ]
