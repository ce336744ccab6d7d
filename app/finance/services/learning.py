"""What confirmed work teaches for the next statement, of one company only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.finance.evidence import (
    PAYER_ACCOUNT,
    Evidence,
    is_worn_out,
    masked,
    of_open_line,
    of_payer,
)
from app.finance.models import Match, OpenItem, PaymentRule, PaymentRuleSource, StatementLine
from app.finance.rule_queries import find_rules, get_rule
from app.service_requests.models import ServiceRequest
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.core.ids import uuid7
from tenants.keys import data_key
from tenants.permissions import Actor


def remember_matches(
    *, request: ServiceRequest, matches: Sequence[Match], actor: Actor, now: datetime
) -> None:
    """Confirmed: this payer pays for that customer. One line counts once, whatever it paid."""
    db.session.flush()
    seen: dict[Evidence, tuple[StatementLine, str]] = {}
    times: Counter[Evidence] = Counter()
    counted: set[tuple[UUID, Evidence]] = set()
    for line, customer in _payments(matches):
        for one in _evidence(line, customer):
            seen.setdefault(one, (line, customer))
            if (line.id, one) not in counted:
                counted.add((line.id, one))
                times[one] += 1
    rules = find_rules(times.keys())
    for one, (line, customer) in seen.items():
        if one not in rules:
            rules[one] = _new_rule(one, line, customer, actor, now)
    db.session.flush()
    _count(request, {rules[one].id: n for one, n in times.items()}, actor, now, confirmed=True)
    for one, n in times.items():
        rule = rules[one]
        rule.confirmed += n
        if rule.state == "retired" and not is_worn_out(rule.confirmed, rule.undone):
            rule.state = "active"
    db.session.flush()


def count_against(
    *,
    request: ServiceRequest,
    matches: Sequence[Match],
    were_confirmed: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Undone: against the rule that proposed it, and against what its confirmation taught."""
    rule_ids = {row.learned_rule_id for row in matches if row.learned_rule_id}
    if were_confirmed:
        found = find_rules(
            {one for line, customer in _payments(matches) for one in _evidence(line, customer)}
        )
        rule_ids |= {rule.id for rule in found.values()}
    _against(request, [get_rule(rule_id=one) for one in sorted(rule_ids)], actor, now)


def remember_left_open(
    *, request: ServiceRequest, line: StatementLine, note: str, actor: Actor, now: datetime
) -> None:
    """Fees, wages: such a line pays no open item next time either."""
    one = _of_open(line)
    if one is None:
        return
    rule = find_rules([one]).get(one)
    if rule is None:
        rule = _new_rule(one, line, "", actor, now)
        db.session.flush()
    rule.note = note
    rule.confirmed += 1
    if rule.state == "retired" and not is_worn_out(rule.confirmed, rule.undone):
        rule.state = "active"
    _count(request, {rule.id: 1}, actor, now, confirmed=True)
    db.session.flush()


def count_left_open_against(
    *, request: ServiceRequest, line: StatementLine, actor: Actor, now: datetime
) -> None:
    one = _of_open(line)
    rule = find_rules([one]).get(one) if one else None
    if rule is not None:
        _against(request, [rule], actor, now)


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


def _payments(matches: Sequence[Match]) -> Iterable[tuple[StatementLine, str]]:
    """The line and the customer of each match; rows of one transaction, in one statement."""
    if not matches:
        return []
    rows = db.session.execute(
        select(StatementLine, OpenItem.customer)
        .join(
            Match,
            (Match.tenant_id == StatementLine.tenant_id) & (Match.line_id == StatementLine.id),
        )
        .join(OpenItem, (OpenItem.tenant_id == Match.tenant_id) & (OpenItem.id == Match.item_id))
        .where(
            Match.tenant_id == matches[0].tenant_id,
            Match.control_id == matches[0].control_id,
            Match.id.in_([row.id for row in matches]),
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


def _new_rule(
    one: Evidence, line: StatementLine, customer: str, actor: Actor, now: datetime
) -> PaymentRule:
    rule = PaymentRule(
        id=uuid7(), kind=one.kind, evidence=one.text, customer=customer,
        customer_key=one.customer_key, confirmed=0, undone=0, state="active",
        shown=line.name or line.remittance[:120], learned_by=actor.user_id,
        learned_by_name=actor.name, learned_at=now,
    )  # fmt: skip
    if one.kind == PAYER_ACCOUNT:
        key = data_key()
        iban = key.open(line.iban_sealed, f"{line.tenant_id}|statement_lines.iban|{line.id}")
        rule.account_sealed = key.seal(iban, f"{line.tenant_id}|payment_rules.account|{rule.id}")
        rule.shown = masked(iban)
    db.session.add(rule)
    audit.record(
        "finance.payment_rule.learned", actor=actor, now=now, object_type="payment_rule",
        object_id=rule.id, kind=one.kind, line=line.id,
    )  # fmt: skip
    return rule


def _against(
    request: ServiceRequest, rules: Sequence[PaymentRule], actor: Actor, now: datetime
) -> None:
    for rule in rules:
        rule.undone += 1
        if rule.state == "active" and is_worn_out(rule.confirmed, rule.undone):
            rule.state, rule.changed_at = "retired", now
            audit.record(
                "finance.payment_rule.retired", actor=actor, now=now,
                object_type="payment_rule", object_id=rule.id, confirmed=rule.confirmed,
                undone=rule.undone,
            )  # fmt: skip
    db.session.flush()
    _count(request, {rule.id: 1 for rule in rules}, actor, now, confirmed=False)


def _count(
    request: ServiceRequest, times: dict[UUID, int], actor: Actor, now: datetime, *, confirmed: bool
) -> None:
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
    made = insert(PaymentRuleSource).values(rows)
    db.session.execute(
        made.on_conflict_do_update(
            index_elements=["tenant_id", "rule_id", "request_id"],
            set_={
                name: getattr(PaymentRuleSource, name) + getattr(made.excluded, name),
                "by_name": made.excluded.by_name,
            },
        )
    )
