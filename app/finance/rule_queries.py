"""What is learned, and from where."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.finance.evidence import Evidence
from app.finance.models import PaymentRule, PaymentRuleSource
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, encode_cursor
from tenants.scoping import current_scope


def find_rules(evidence: Collection[Evidence]) -> dict[Evidence, PaymentRule]:
    """Rules of exactly this evidence, whatever their state."""
    if not evidence:
        return {}
    rows = db.session.execute(
        select(PaymentRule).where(
            PaymentRule.tenant_id == current_scope().tenant_id,
            PaymentRule.evidence == any_(literal([one.text for one in evidence], ARRAY(Text))),
        )
    ).scalars()
    found = {evidence_of(row): row for row in rows}
    return {one: found[one] for one in evidence if one in found}


def evidence_of(rule: PaymentRule) -> Evidence:
    return Evidence(rule.kind, rule.evidence, rule.customer_key)


def hold_rules(rule_ids: Collection[UUID]) -> list[PaymentRule]:
    """These rules as they are now, held until the end of the transaction."""
    if not rule_ids:
        return []
    return list(
        db.session.execute(
            select(PaymentRule)
            .where(
                PaymentRule.tenant_id == current_scope().tenant_id,
                PaymentRule.id == any_(literal(list(rule_ids), ARRAY(Uuid))),
            )
            # By code point, as Python sorts what is learned.
            .order_by(
                PaymentRule.kind.collate("C"),
                PaymentRule.evidence.collate("C"),
                PaymentRule.customer_key.collate("C"),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        ).scalars()
    )


def list_active_rules() -> list[PaymentRule]:
    return list(
        db.session.execute(
            select(PaymentRule).where(
                PaymentRule.tenant_id == current_scope().tenant_id, PaymentRule.state == "active"
            )
        ).scalars()
    )


def list_rules(
    *, kind: str = "", state: str = "", search: str = "", cursor: str | None = None
) -> Page[PaymentRule]:
    """Newest first."""
    query = (
        select(PaymentRule)
        .where(PaymentRule.tenant_id == current_scope().tenant_id)
        .order_by(PaymentRule.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if kind:
        query = query.where(PaymentRule.kind == kind)
    if state:
        query = query.where(PaymentRule.state == state)
    if search.strip():
        word = search.strip()
        query = query.where(
            or_(
                PaymentRule.shown.icontains(word, autoescape=True),
                PaymentRule.customer.icontains(word, autoescape=True),
                PaymentRule.note.icontains(word, autoescape=True),
            )
        )
    if cursor:
        [last] = decode_cursor(cursor, UUID)
        query = query.where(PaymentRule.id < last)
    rows = list(db.session.execute(query).scalars())
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Page(rows, encode_cursor(rows[-1].id) if more else None)


def count_rules() -> dict[str, int]:
    """How many by state."""
    rows = db.session.execute(
        select(PaymentRule.state, func.count())
        .where(PaymentRule.tenant_id == current_scope().tenant_id)
        .group_by(PaymentRule.state)
    ).all()
    return {state: count for state, count in rows}


def get_rule(*, rule_id: UUID) -> PaymentRule:
    row = db.session.execute(
        select(PaymentRule).where(
            PaymentRule.tenant_id == current_scope().tenant_id, PaymentRule.id == rule_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_sources(rule_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The requests behind each rule, oldest first."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(
            PaymentRuleSource.rule_id, PaymentRuleSource.confirmed, PaymentRuleSource.undone,
            PaymentRuleSource.by_name, PaymentRuleSource.at, ServiceRequest.number,
        )
        .join(
            ServiceRequest,
            and_(
                ServiceRequest.tenant_id == PaymentRuleSource.tenant_id,
                ServiceRequest.id == PaymentRuleSource.request_id,
            ),
        )
        .where(
            PaymentRuleSource.tenant_id == current_scope().tenant_id,
            PaymentRuleSource.rule_id.in_(rule_ids),
        )
        .order_by(PaymentRuleSource.at, PaymentRuleSource.id)
    ):  # fmt: skip
        found[row.rule_id].append(row)
    return found
