"""What confirmed work teaches for the next statement, of one company only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.finance.evidence import (
    PAYER_ACCOUNT,
    Evidence,
    is_worn_out,
    of_open_line,
    of_payer,
)
from app.finance.masking import mask_account
from app.finance.models import (
    Match,
    OpenItem,
    PaymentControl,
    PaymentRule,
    PaymentRuleSource,
    StatementLine,
)
from app.finance.rule_queries import evidence_of, find_rules, hold_rules
from app.service_requests.models import ServiceRequest
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.core.ids import uuid7
from tenants.keys import data_key
from tenants.permissions import Actor


@dataclass(slots=True)
class _Taught:
    """What speaks for a rule: `line` shows it, `lines` are all that say so."""

    line: StatementLine
    customer: str = ""
    note: str = ""
    lines: set[UUID] = field(default_factory=set)


def remember_matches(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    match_ids: Sequence[UUID],
    actor: Actor,
    now: datetime,
) -> None:
    """Confirmed: this payer pays for that customer. One line counts once, whatever it paid."""
    taught: dict[Evidence, _Taught] = {}
    for line, customer in _payments(control, match_ids):
        for one in _evidence(line, customer):
            taught.setdefault(one, _Taught(line, customer)).lines.add(line.id)
    _speak_for(request, taught, actor, now)


def count_against(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    matches: Sequence[Match],
    were_confirmed: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Undone: against the rule that proposed it, and against what its confirmation taught."""
    rule_ids = {row.learned_rule_id for row in matches if row.learned_rule_id}
    if were_confirmed:
        paid = _payments(control, [row.id for row in matches])
        found = find_rules({one for line, customer in paid for one in _evidence(line, customer)})
        rule_ids |= {rule.id for rule in found.values()}
    _speak_against(request, rule_ids, actor, now)


def remember_left_open(
    *, request: ServiceRequest, lines: Iterable[StatementLine], actor: Actor, now: datetime
) -> None:
    """Fees, wages: such lines pay no open item next time either; each says why in its note."""
    taught: dict[Evidence, _Taught] = {}
    for line in lines:
        one = _of_open(line)
        if one is not None:
            kept = taught.setdefault(one, _Taught(line))
            kept.note = line.note
            kept.lines.add(line.id)
    _speak_for(request, taught, actor, now)


def count_left_open_against(
    *, request: ServiceRequest, line: StatementLine, actor: Actor, now: datetime
) -> None:
    one = _of_open(line)
    found = find_rules([one]) if one else {}
    _speak_against(request, [rule.id for rule in found.values()], actor, now)


def switch_rule(*, rule: PaymentRule, on: bool, actor: Actor, now: datetime) -> None:
    """For the next proposals; those that stand already are decided one by one."""
    if actor.side != "provider":
        raise Forbidden
    actor.require("payment_control.work", "finance")
    state = "active" if on else "off"
    if rule.state == state:
        return
    rule.state, rule.changed_by_name, rule.changed_at = state, actor.name, now
    db.session.flush()
    audit.record(
        "finance.payment_rule.switched", actor=actor, now=now, object_type="payment_rule",
        object_id=rule.id, state=state,
    )  # fmt: skip


def _payments(
    control: PaymentControl, match_ids: Sequence[UUID]
) -> Iterable[tuple[StatementLine, str]]:
    """The line and the customer of each match, in one statement."""
    if not match_ids:
        return []
    rows = db.session.execute(
        select(StatementLine, OpenItem.customer)
        .join(
            Match,
            (Match.tenant_id == StatementLine.tenant_id) & (Match.line_id == StatementLine.id),
        )
        .join(OpenItem, (OpenItem.tenant_id == Match.tenant_id) & (OpenItem.id == Match.item_id))
        .where(
            Match.tenant_id == control.tenant_id,
            Match.control_id == control.id,
            Match.id == any_(literal(list(match_ids), ARRAY(Uuid))),
        )
        .order_by(Match.id)
    )
    return [(line, customer) for line, customer in rows]


def _evidence(line: StatementLine, customer: str) -> list[Evidence]:
    return of_payer(iban_index=line.iban_index, name=line.name, customer=customer)


def _of_open(line: StatementLine) -> Evidence | None:
    return of_open_line(
        iban_index=line.iban_index, name=line.name, text=line.remittance, amount=line.amount
    )


def _speak_for(
    request: ServiceRequest, taught: Mapping[Evidence, _Taught], actor: Actor, now: datetime
) -> None:
    if not taught:
        return
    rows = _rule_rows(request, taught, actor, now)
    made = insert(PaymentRule)
    # Other requests of this company may teach the same at this moment.
    rules = db.session.scalars(
        made.on_conflict_do_update(
            index_elements=["tenant_id", "kind", "evidence", "customer_key"],
            set_={
                "confirmed": PaymentRule.confirmed + made.excluded.confirmed,
                "note": made.excluded.note,
            },
        ).returning(PaymentRule),
        rows,
        execution_options={"populate_existing": True},
    ).all()
    new = {row["id"] for row in rows}
    for rule in rules:
        if rule.id in new:
            audit.record(
                "finance.payment_rule.learned", actor=actor, now=now, object_type="payment_rule",
                object_id=rule.id, kind=rule.kind, line=taught[evidence_of(rule)].line.id,
            )  # fmt: skip
        if rule.state == "retired" and not is_worn_out(rule.confirmed, rule.undone):
            rule.state = "active"
    times = {rule.id: len(taught[evidence_of(rule)].lines) for rule in rules}
    _count(request, times, actor, now, confirmed=True)


def _rule_rows(
    request: ServiceRequest, taught: Mapping[Evidence, _Taught], actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """In the order in which every transaction takes the rules: none waits for another in a ring."""
    known = find_rules(taught.keys())
    sealing = any(one.kind == PAYER_ACCOUNT and one not in known for one in taught)
    key = data_key() if sealing else None
    rows = []
    for one in sorted(taught):
        line, rule_id = taught[one].line, uuid7()
        shown, sealed = line.name or line.remittance[:120], ""
        if key is not None and one.kind == PAYER_ACCOUNT:
            iban = key.open(line.iban_sealed, f"{line.tenant_id}|statement_lines.iban|{line.id}")
            sealed = key.seal(iban, f"{line.tenant_id}|payment_rules.account|{rule_id}")
            shown = mask_account(iban)
        rows.append(
            {
                "tenant_id": request.tenant_id, "id": rule_id, "kind": one.kind,
                "evidence": one.text, "customer_key": one.customer_key,
                "customer": taught[one].customer, "note": taught[one].note, "shown": shown,
                "account_sealed": sealed, "confirmed": len(taught[one].lines),
                "learned_by": actor.user_id, "learned_by_name": actor.name, "learned_at": now,
            }
        )  # fmt: skip
    return rows


def _speak_against(
    request: ServiceRequest, rule_ids: Collection[UUID], actor: Actor, now: datetime
) -> None:
    rules = hold_rules(rule_ids)
    for rule in rules:
        rule.undone += 1
        if rule.state == "active" and is_worn_out(rule.confirmed, rule.undone):
            rule.state, rule.changed_at = "retired", now
            audit.record(
                "finance.payment_rule.retired", actor=actor, now=now,
                object_type="payment_rule", object_id=rule.id, confirmed=rule.confirmed,
                undone=rule.undone,
            )  # fmt: skip
    _count(request, {rule.id: 1 for rule in rules}, actor, now, confirmed=False)


def _count(
    request: ServiceRequest, times: dict[UUID, int], actor: Actor, now: datetime, *, confirmed: bool
) -> None:
    db.session.flush()
    if not times:
        return
    name = "confirmed" if confirmed else "undone"
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": request.tenant_id, "id": uuid7(), "rule_id": rule_id,
            "request_id": request.id, "confirmed": 0, "undone": 0, "by_name": actor.name,
            "at": now, name: count,
        }
        for rule_id, count in times.items()
    ]  # fmt: skip
    made = insert(PaymentRuleSource)
    db.session.execute(
        made.on_conflict_do_update(
            index_elements=["tenant_id", "rule_id", "request_id"],
            set_={
                name: getattr(PaymentRuleSource, name) + getattr(made.excluded, name),
                "by_name": made.excluded.by_name,
            },
        ),
        rows,
    )
