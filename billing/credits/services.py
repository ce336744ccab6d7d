"""A credit from whoever asks for it to whoever approves it. The workers issue what is approved."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from billing.credits import rules
from billing.credits.models import Credit
from billing.credits.queries import (
    find_by_source,
    find_invoice,
    get_credit,
    list_of_month,
    target_of,
)
from billing.credits.rules import Given
from billing.plans import CURRENCY
from billing.queries import find_account
from billing.telling import tell_office
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor, system_actor
from tenants.scoping import scoped_tenant_id

RIGHT = "provider.administer"


class CreditDecided(Conflict):
    code = "credit_decided"
    message = _m("Somebody decided on this credit already. Reload the page to see how.")


def give_goodwill(
    *,
    amount: int,
    reason: str,
    stripe_invoice_id: str | None,
    actor: Actor,
    now: datetime,
) -> Credit:
    """Before VAT. Without an invoice it is credit for usage. Somebody else approves it."""
    actor.require(RIGHT)
    if not reason:
        raise Invalid(field_errors={"reason": [_m("Say what it is for: the client reads it.")]})
    if amount <= 0:
        raise Invalid(field_errors={"amount": [_m("Give an amount above nothing.")]})
    _check_target(amount, stripe_invoice_id)
    credit_id = uuid7()
    _add(
        credit_id, kind="goodwill", amount=amount, source=f"goodwill:{credit_id}", reason=reason,
        method="credit_note" if stripe_invoice_id else "credit_grant", state="draft",
        target_invoice_id=stripe_invoice_id, asked_by=actor.user_id, asked_by_name=actor.name,
        asked_at=now,
    )  # fmt: skip
    row = get_credit(credit_id=credit_id)
    _note("asked", row, actor, now)
    _ask_somebody(row, actor)
    return row


def _check_target(amount: int, stripe_invoice_id: str | None) -> None:
    if stripe_invoice_id is None:
        account = find_account()
        if account is None or account.stripe_customer_id is None:
            raise Conflict(
                _m("This company has no subscription at Stripe, so there is nothing to credit."),
                code="no_customer",
            )
        return
    invoice = find_invoice(stripe_invoice_id=stripe_invoice_id)
    if invoice is None:
        raise Invalid(field_errors={"invoice": [_m("Choose one of the list.")]})
    if amount > target_of(invoice).left:
        raise Invalid(
            field_errors={"amount": [_m("The invoice has less left to credit. Give less.")]}
        )


def bring_sla_credit(
    *,
    line: str,
    month: date,
    amount: int,
    asked_by: UUID | None,
    asked_by_name: str,
    revision: int,
    actor: Actor,
    now: datetime,
) -> None:
    """What a signed month gives back by now, however often it is said. While nothing of it is on
    its way the credit follows the month, up, down or away; afterwards only what is more is given."""
    actor.require(RIGHT)
    rows = list_of_month(line=line, month=month)
    owed = rules.still_owed(
        amount, [Given("refused" if row.taken_back else row.state, row.amount) for row in rows]
    )
    movable = next(
        (row for row in rows
         if row.state in ("draft", "approved", "void") and not row.taken_back), None,
    )  # fmt: skip
    if movable is not None:
        _bring_to(movable, owed, actor, now)
    elif owed:
        first = not rows
        credit_id = uuid7()
        needs = rules.needs_second(kind="sla", amount=owed)
        added = _add(
            credit_id, kind="sla" if first else "correction", line=line, month=month, amount=owed,
            source=f"sla:{month:%Y-%m}:{line}" + ("" if first else f":{revision}"),
            method="credit_note", state="draft" if needs else "approved", asked_by=asked_by,
            asked_by_name=asked_by_name, asked_at=now,
        )  # fmt: skip
        if added:
            row = get_credit(credit_id=credit_id)
            _note("asked", row, actor, now)
            if needs:
                _ask_somebody(row, actor)


def _bring_to(row: Credit, owed: int, actor: Actor, now: datetime) -> None:
    """Whoever approved it approved the amount that stood there then."""
    if (owed == row.amount and row.state != "void") or (not owed and row.state == "void"):
        return
    if not owed:
        row.state, row.waits = "void", ""
        _note("void", row, actor, now)
        db.session.flush()
        return
    needs = rules.needs_second(kind=row.kind, amount=owed)
    row.amount, row.state, row.waits = owed, "draft" if needs else "approved", ""
    row.approved_by, row.approved_by_name, row.approved_at = None, "", None
    db.session.flush()
    _note("changed", row, actor, now)
    if needs:
        _ask_somebody(row, actor)


def ask_correction(
    *,
    contest_id: UUID,
    meter_key: str,
    amount: int,
    stripe_invoice_id: str,
    decided_by: tuple[UUID | None, str],
    confirmed_by: tuple[UUID | None, str],
    now: datetime,
) -> Credit:
    """What a contest gives back after its invoice is final. Two people for much of it: those who
    decided the contest, or who approves it now."""
    source, two = f"contest:{contest_id}", confirmed_by[0] is not None
    needs = rules.needs_second(kind="correction", amount=amount) and not two
    _add(
        uuid7(), kind="correction", amount=amount, source=source, method="credit_note",
        meter_key=meter_key, state="draft" if needs else "approved",
        target_invoice_id=stripe_invoice_id, asked_by=decided_by[0], asked_by_name=decided_by[1],
        asked_at=now, approved_by=confirmed_by[0], approved_by_name=confirmed_by[1],
        approved_at=now if two else None,
    )  # fmt: skip
    row = find_by_source(source=source)
    assert row is not None
    actor = system_actor(scoped_tenant_id())
    _note("asked", row, actor, now)
    if needs:
        _ask_somebody(row, actor)
    return row


def approve_credit(*, credit_id: UUID, actor: Actor, now: datetime) -> None:
    actor.require(RIGHT)
    row = get_credit(credit_id=credit_id)
    if row.asked_by == actor.user_id:
        raise Forbidden(
            _m("Somebody else has to approve a credit that you asked for."), code="own_credit"
        )
    _move(
        row, ("draft",), actor, now, verb="approved", state="approved", approved_by=actor.user_id,
        approved_by_name=actor.name, approved_at=now,
    )  # fmt: skip
    _issue_soon(row, actor)


def refuse_credit(*, credit_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Also by whoever asked for it, who takes it back with this."""
    actor.require(RIGHT)
    row = get_credit(credit_id=credit_id)
    if not reason:
        raise Invalid(field_errors={"reason": [_m("Say why.")]})
    _move(
        row, ("draft", "approved", "refused"), actor, now, verb="refused", state="refused",
        waits="", error=reason, refused_by_name=actor.name,
    )  # fmt: skip


def try_again(*, credit_id: UUID, actor: Actor, now: datetime) -> None:
    """What Stripe refused: looked up there before it is asked for once more."""
    actor.require(RIGHT)
    row = get_credit(credit_id=credit_id)
    _require_stuck(row)
    _move(row, (row.state,), actor, now, verb="tried_again", state="approved", waits="", error="")
    _issue_soon(row, actor)


def give_for_usage(*, credit_id: UUID, actor: Actor, now: datetime) -> None:
    """The same amount as credit for usage, where the invoice can't take it."""
    actor.require(RIGHT)
    row = get_credit(credit_id=credit_id)
    _require_stuck(row)
    _move(
        row, (row.state,), actor, now, verb="for_usage", state="approved", waits="", error="",
        method="credit_grant", target_invoice_id=None, lines=[],
    )  # fmt: skip
    _issue_soon(row, actor)


def is_stuck(row: Credit) -> bool:
    """Somebody has to say how it goes on."""
    return row.waits in rules.STUCK


def _require_stuck(row: Credit) -> None:
    if not is_stuck(row):
        raise CreditDecided


def _add(credit_id: UUID, **values: Any) -> bool:
    added = db.session.execute(
        insert(Credit)
        .values(tenant_id=scoped_tenant_id(), id=credit_id, currency=CURRENCY, **values)
        .on_conflict_do_nothing()
        .returning(Credit.id)
    ).scalar_one_or_none()
    return added is not None


def _move(
    row: Credit, states: tuple[str, ...], actor: Actor, now: datetime, *, verb: str, **values: Any
) -> None:
    """Two people at once: the second finds that it isn't in these states any more. One that Stripe
    refused stays open until somebody says how it goes on, once one has refused it it is closed."""
    moved = db.session.execute(
        update(Credit)
        .where(
            Credit.tenant_id == scoped_tenant_id(), Credit.id == row.id, Credit.state.in_(states),
            Credit.refused_by_name == "", Credit.attempt == row.attempt, Credit.waits == row.waits,
        )
        .values(**values)
        .returning(Credit.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()  # fmt: skip
    if moved is None:
        raise CreditDecided
    _note(verb, row, actor, now)


def _issue_soon(row: Credit, actor: Actor) -> None:
    """Each time anew: only one of two people comes this far."""
    enqueue("billing.issue_credits", queue="billing", key=f"credit:{row.id}:{uuid7()}",
            actor_id=actor.user_id)  # fmt: skip


def _ask_somebody(row: Credit, actor: Actor) -> None:
    tell_office("billing.credit_asked", key=f"{row.id}:{row.amount}", actor=actor,
                path=f"credits/{row.id}")  # fmt: skip


def _note(verb: str, row: Credit, actor: Actor, now: datetime) -> None:
    audit.record(
        f"billing.credit.{verb}", actor=actor, now=now, object_type="credit", object_id=row.id,
        kind=row.kind, amount=row.amount, currency=row.currency, line=row.line, month=row.month,
        method=row.method, source=row.source,
    )  # fmt: skip
