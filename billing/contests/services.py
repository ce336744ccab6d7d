"""A client contests a usage record, an administrator of the provider decides, the workers settle."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from billing.contests import rules
from billing.contests.models import UsageContest
from billing.contests.queries import (
    Record,
    find_billed,
    get_contest,
    get_record,
    given_back_before,
    list_hours,
    list_unsettled,
)
from billing.credits.services import ask_correction
from billing.models import BillingAccount
from billing.plans import CURRENCY
from billing.sources import find_sources
from billing.telling import tell, tell_office
from billing.usage import record_usage
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

RAISE, DECIDE = "subscription.manage", "provider.administer"
_WORDS = _m("Please fill in this field.")


class ContestDecided(Conflict):
    code = "contest_decided"
    message = _m("Somebody decided on this contest already. Reload the page to see how.")


def open_contest(
    *,
    usage_id: UUID,
    reason: str,
    accepted: int | None,
    evidence: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> UsageContest:
    """`evidence` is the chain as it stands now, without the request's content; `accepted` what the
    client would pay for without a contest."""
    actor.require(RAISE)
    record = get_record(usage_id=usage_id)
    refused = rules.refusal(record.facts, now)
    if refused is not None:
        raise Conflict(refused[1], code=refused[0])
    if not reason:
        raise Invalid(field_errors={"reason": [_WORDS]})
    if accepted is not None and not 0 <= accepted < record.quantity:
        raise Invalid(
            field_errors={"accepted": [_m("Give less than what was recorded, or leave it empty.")]}
        )
    row = _contest_of(record, actor, now)
    added = db.session.execute(
        insert(UsageContest)
        .values(**row, reason=reason, accepted=accepted, evidence=evidence)
        .on_conflict_do_nothing()
        .returning(UsageContest.id)
    ).scalar_one_or_none()
    if added is None:
        raise Conflict(
            _m("This record was contested already. Read the answer there."),
            code="contested_already",
        )
    audit.record(
        "billing.contest.raised", actor=actor, now=now, object_type="usage_contest",
        object_id=added, meter=record.event.meter_key, quantity=record.quantity,
        accepted=accepted, request=row["request_number"],
    )  # fmt: skip
    tell_office("billing.contest_raised", key=str(added), actor=actor, path=f"contests/{added}")
    return get_contest(contest_id=added)


def _contest_of(record: Record, actor: Actor, now: datetime) -> dict[str, Any]:
    event = record.event
    source = find_sources([(event.source_type, event.source_id)]).get(event.source_id)
    return {
        "tenant_id": scoped_tenant_id(), "id": uuid7(), "meter_key": event.meter_key,
        "source_type": event.source_type, "source_id": event.source_id,
        "request_number": source.number if source else None, "occurred_at": event.occurred_at,
        "hour": event.hour, "quantity": record.quantity, "unit_amount": record.unit_amount,
        "currency": CURRENCY,
        "invoice_number": (record.billed.invoice.number or "") if record.billed else "",
        "raised_by": actor.user_id, "raised_by_name": actor.name, "raised_at": now,
    }  # fmt: skip


def decide(
    *,
    contest_id: UUID,
    verdict: str,
    remains: int | None,
    answer: str,
    actor: Actor,
    now: datetime,
) -> UsageContest:
    """`remains` is what stays billed, asked for an adjustment only. What is worth more than the
    limit waits for a second person."""
    actor.require(DECIDE)
    row = get_contest(contest_id=contest_id)
    if not answer:
        raise Invalid(field_errors={"answer": [_WORDS]})
    left = _remains(row, verdict, remains)
    proposed = rules.needs_second(rules.value(row.unit_amount, row.quantity - left))
    _move(
        row, "open", actor, now, verb="proposed" if proposed else "decided",
        state="proposed" if proposed else "decided", verdict=verdict, remains=left, answer=answer,
        decided_by=actor.user_id, decided_by_name=actor.name, decided_at=now,
    )  # fmt: skip
    if proposed:
        tell_office("billing.contest_proposed", key=f"{row.id}:{now.isoformat()}", actor=actor,
                    path=f"contests/{row.id}")  # fmt: skip
    else:
        _settle_soon(row, actor)
    return get_contest(contest_id=contest_id)


def _remains(row: UsageContest, verdict: str, remains: int | None) -> int:
    if verdict == "upheld":
        return 0
    if verdict == "answered":
        return row.quantity
    if verdict != "adjusted":
        raise Invalid(field_errors={"verdict": [_m("Choose one of the list.")]})
    if remains is None or not 0 < remains < row.quantity:
        raise Invalid(
            field_errors={
                "remains": [_m("Give what stays billed: more than nothing, less than recorded.")]
            }
        )
    return remains


def confirm(*, contest_id: UUID, actor: Actor, now: datetime) -> UsageContest:
    actor.require(DECIDE)
    row = get_contest(contest_id=contest_id)
    if row.decided_by == actor.user_id:
        raise Forbidden(_m("Somebody else has to confirm what you decided."), code="own_decision")
    _move(
        row, "proposed", actor, now, verb="confirmed", state="decided",
        confirmed_by=actor.user_id, confirmed_by_name=actor.name, confirmed_at=now,
    )  # fmt: skip
    _settle_soon(row, actor)
    return get_contest(contest_id=contest_id)


def send_back(*, contest_id: UUID, actor: Actor, now: datetime) -> UsageContest:
    """A decision that waits for its second person is undone: by either of them."""
    actor.require(DECIDE)
    row = get_contest(contest_id=contest_id)
    _move(
        row, "proposed", actor, now, verb="sent_back", state="open", verdict=None, remains=None,
        answer="", decided_by=None, decided_by_name="", decided_at=None,
    )  # fmt: skip
    return get_contest(contest_id=contest_id)


def _move(
    row: UsageContest, from_state: str, actor: Actor, now: datetime, *, verb: str, **values: Any
) -> None:
    """Two people at once: the second finds that it isn't from this state any more."""
    moved = db.session.execute(
        update(UsageContest)
        .where(
            UsageContest.tenant_id == scoped_tenant_id(),
            UsageContest.id == row.id,
            UsageContest.state == from_state,
        )
        .values(**values)
        .returning(UsageContest.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None:
        raise ContestDecided
    audit.record(
        f"billing.contest.{verb}", actor=actor, now=now, object_type="usage_contest",
        object_id=row.id, verdict=values.get("verdict", row.verdict),
        remains=values.get("remains", row.remains), quantity=row.quantity,
    )  # fmt: skip


def _settle_soon(row: UsageContest, actor: Actor) -> None:
    enqueue("billing.settle_contests", queue="billing", key=f"contest:{row.id}",
            actor_id=actor.user_id)  # fmt: skip


def settle_contests(*, actor: Actor, now: datetime) -> int:
    """What was decided becomes a row that takes usage back while the period runs, and a credit once
    its invoice is final. The account is held, so that no period closes meanwhile."""
    actor.require(DECIDE)
    account = db.session.execute(
        select(BillingAccount)
        .where(BillingAccount.tenant_id == scoped_tenant_id())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    rows = list_unsettled(for_change=True)
    for row in rows:
        closed = bool(account and account.invoiced_until and row.hour < account.invoiced_until)
        if not row.taken:
            row.outcome = "nothing"
        elif closed:
            _credit(row, now=now)
        else:
            _reverse(row, since=account.invoiced_until if account else None, actor=actor)
        row.settled_at = now
        db.session.flush()
        audit.record(
            "billing.contest.settled", actor=actor, now=now, object_type="usage_contest",
            object_id=row.id, outcome=row.outcome, taken=row.taken, amount=row.credited,
        )  # fmt: skip
        tell(f"billing.contest_{row.verdict}", key=str(row.id), actor=actor,
             link="subscription/contests")  # fmt: skip
    return len(rows)


def _reverse(row: UsageContest, *, since: datetime | None, actor: Actor) -> None:
    """Rows of their own, so that what was delivered and what is billed of it both stay in sight."""
    hours = list_hours(
        meter=row.meter_key, source_type=row.source_type, source_id=row.source_id,
        since=since, until=None,
    )  # fmt: skip
    for revision, (hour, part) in enumerate(rules.steps(hours, row.taken), 1):
        record_usage(
            meter=row.meter_key, quantity=-part, source_type="contest", source_id=row.id,
            source_rev=revision, occurred_at=hour, actor=actor,
        )  # fmt: skip
    row.outcome = "reversed"


def _credit(row: UsageContest, *, now: datetime) -> None:
    found = find_billed(meter=row.meter_key, hour=row.hour)
    row.outcome = "nothing"
    if found is None:
        return
    invoice = found.invoice.stripe_invoice_id
    amount = rules.worth(
        charged=found.charged, amount=found.amount, taken=row.taken,
        taken_before=given_back_before(meter=row.meter_key, stripe_invoice_id=invoice),
    )  # fmt: skip
    row.invoice_number = found.invoice.number or ""
    if amount:
        row.outcome, row.credited, row.stripe_invoice_id = "credited", amount, invoice
        ask_correction(
            contest_id=row.id, meter_key=row.meter_key, amount=amount, stripe_invoice_id=invoice,
            decided_by=(row.decided_by, row.decided_by_name),
            confirmed_by=(row.confirmed_by, row.confirmed_by_name), now=now,
        )  # fmt: skip
