"""Lists of open items and rejects, page by page, with what matches leave of each item."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, literal, or_, select, tuple_

from app.finance.models import ImportReject, Match, OpenItem, PaymentControl, StatementLine
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, encode_cursor, small_int
from tenants.permissions import Actor
from tenants.scoping import current_scope

ITEM_STATES = ("paid", "part_paid", "open")
SOURCES = ("open_items", "statement")


def _taken(*states: str) -> Any:
    return (
        select(func.coalesce(func.sum(Match.amount + Match.difference), 0))
        .where(
            Match.tenant_id == OpenItem.tenant_id,
            Match.item_id == OpenItem.id,
            Match.state.in_(states),
        )
        .correlate(OpenItem)
        .scalar_subquery()
    )


def _waived(*states: str) -> Any:
    return (
        select(func.coalesce(func.sum(Match.difference), 0))
        .where(
            Match.tenant_id == OpenItem.tenant_id,
            Match.item_id == OpenItem.id,
            Match.state.in_(states),
        )
        .correlate(OpenItem)
        .scalar_subquery()
    )


def _items(control: PaymentControl) -> Any:
    """`remaining` is what no live match covers, `confirmed` what a person has decided; `waived` of
    it are differences that nobody pays."""
    return select(
        OpenItem.id, OpenItem.number, OpenItem.customer, OpenItem.issued_on, OpenItem.due_on,
        OpenItem.currency, OpenItem.open_amount, OpenItem.line,
        _taken("confirmed").label("confirmed"), _waived("confirmed").label("waived"),
        (OpenItem.open_amount - _taken("confirmed", "proposed")).label("remaining"),
    ).where(OpenItem.tenant_id == control.tenant_id, OpenItem.control_id == control.id)  # fmt: skip


def _of_state(state: str) -> list[Any]:
    """As the report counts them: by confirmed matches alone."""
    confirmed = _taken("confirmed")
    if state == "paid":
        return [confirmed == OpenItem.open_amount]
    if state == "part_paid":
        return [confirmed != OpenItem.open_amount, confirmed != 0]
    return [confirmed == 0, OpenItem.open_amount != 0] if state == "open" else []


def _named(search: str) -> list[Any]:
    word = search.strip()
    if not word:
        return []
    return [
        or_(
            OpenItem.number.icontains(word, autoescape=True),
            OpenItem.customer.icontains(word, autoescape=True),
        )
    ]


def list_items(
    *,
    control: PaymentControl,
    state: str = "",
    search: str = "",
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Row[Any]]:
    """By due date; `state` is one of ITEM_STATES, or empty for all."""
    query = (
        _items(control)
        .where(*_of_state(state), *_named(search))
        .order_by(OpenItem.due_on, OpenItem.line)
        .limit(limit + 1)
    )
    if cursor:
        due_on, line = decode_cursor(cursor, date.fromisoformat, small_int)
        query = query.where(
            or_(
                OpenItem.due_on > due_on,
                and_(OpenItem.due_on == due_on, OpenItem.line > line),
            )
        )
    rows = list(db.session.execute(query))
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, encode_cursor(rows[-1].due_on, rows[-1].line) if more else None)


def list_items_by_id(*, control: PaymentControl, ids: Sequence[UUID]) -> list[Row[Any]]:
    if not ids:
        return []
    return list(db.session.execute(_items(control).where(OpenItem.id.in_(ids))))


def list_items_for_line(
    *, control: PaymentControl, line: StatementLine, left: int, search: str = "", limit: int = 20
) -> list[Row[Any]]:
    """Items that this line could pay, those of exactly its rest first, then those of its payer;
    credit notes, which it could net, last. What a repayment nets is found by searching only."""
    remaining = OpenItem.open_amount - _taken("confirmed", "proposed")
    same_sign = OpenItem.open_amount > 0 if line.amount > 0 else OpenItem.open_amount < 0
    payer = OpenItem.iban_index == line.iban_index if line.iban_index else literal(value=False)
    return list(
        db.session.execute(
            _items(control)
            .where(
                OpenItem.currency == line.currency, remaining != 0, *_named(search),
                *([] if line.amount > 0 or search.strip() else [same_sign]),
            )
            .order_by(
                (remaining == left).desc(), same_sign.desc(), payer.desc(), OpenItem.due_on,
                OpenItem.line,
            )
            .limit(limit)
        )
    )  # fmt: skip


def list_lines_of_items(*, control: PaymentControl, item_ids: Sequence[UUID]) -> list[Row[Any]]:
    """Live matches with their lines, for a page of items."""
    return list(
        db.session.execute(
            select(
                Match.item_id, Match.id, Match.amount, Match.difference, Match.difference_kind,
                Match.state, StatementLine.id.label("line_id"), StatementLine.position,
                StatementLine.booked_on, StatementLine.name, StatementLine.remittance,
                StatementLine.currency,
            )
            .join(
                StatementLine,
                and_(StatementLine.tenant_id == Match.tenant_id, StatementLine.id == Match.line_id),
            )
            .where(
                Match.tenant_id == control.tenant_id,
                Match.control_id == control.id,
                Match.item_id.in_(item_ids),
                Match.state != "undone",
            )
            .order_by(StatementLine.booked_on, StatementLine.statement, StatementLine.position)
        )
    )  # fmt: skip


def list_lines_for_item(
    *, control: PaymentControl, item: OpenItem, left: int, search: str = "", limit: int = 40
) -> list[Row[Any]]:
    """Lines with something left that could pay this item: its number in the text first."""
    taken = (
        select(func.coalesce(func.sum(Match.amount), 0))
        .where(
            Match.tenant_id == StatementLine.tenant_id,
            Match.line_id == StatementLine.id,
            Match.state != "undone",
        )
        .correlate(StatementLine)
        .scalar_subquery()
    )
    rest = (StatementLine.amount - taken).label("rest")
    sign = StatementLine.amount > 0 if item.open_amount > 0 else StatementLine.amount < 0
    payer = StatementLine.iban_index == item.iban_index if item.iban_index else literal(value=False)
    word = search.strip()
    query = (
        select(
            StatementLine.id, StatementLine.position, StatementLine.booked_on, StatementLine.name,
            StatementLine.remittance, StatementLine.amount, StatementLine.currency,
            StatementLine.bank_reference, rest,
        )
        .where(
            StatementLine.tenant_id == control.tenant_id,
            StatementLine.control_id == control.id,
            StatementLine.currency == item.currency,
            StatementLine.reversal.is_(False),
            sign,
            StatementLine.amount - taken != 0,
        )
        .order_by(
            StatementLine.remittance.icontains(item.number, autoescape=True).desc(), payer.desc(),
            (StatementLine.amount - taken == left).desc(), StatementLine.booked_on,
            StatementLine.statement, StatementLine.position,
        )
        .limit(limit)
    )  # fmt: skip
    if word:
        query = query.where(
            or_(
                StatementLine.name.icontains(word, autoescape=True),
                StatementLine.remittance.icontains(word, autoescape=True),
            )
        )
    return list(db.session.execute(query))


def list_reject_page(
    *,
    control: PaymentControl,
    source: str = "",
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[ImportReject]:
    query = (
        select(ImportReject)
        .where(ImportReject.tenant_id == control.tenant_id, ImportReject.control_id == control.id)
        .order_by(ImportReject.source, ImportReject.line, ImportReject.id)
        .limit(limit + 1)
    )
    if source:
        query = query.where(ImportReject.source == source)
    if cursor:
        name, line, last = decode_cursor(cursor, str, small_int, UUID)
        query = query.where(
            tuple_(ImportReject.source, ImportReject.line, ImportReject.id) > (name, line, last)
        )
    rows = list(db.session.execute(query).scalars())
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, encode_cursor(rows[-1].source, rows[-1].line, rows[-1].id) if more else None)


def count_rejects(*, control: PaymentControl) -> dict[str, int]:
    """Places that were refused, by source; one row may hold several."""
    rows = db.session.execute(
        select(ImportReject.source, func.count())
        .where(ImportReject.tenant_id == control.tenant_id, ImportReject.control_id == control.id)
        .group_by(ImportReject.source)
    ).all()
    return {source: count for source, count in rows}


def list_holders(*, actor: Actor, number: str, limit: int) -> Sequence[int]:
    """Numbers of the requests whose lists hold an invoice of this number, newest first."""
    rows = db.session.execute(
        select(ServiceRequest.number)
        .join(PaymentControl, and_(PaymentControl.tenant_id == ServiceRequest.tenant_id,
                                   PaymentControl.request_id == ServiceRequest.id))
        .join(OpenItem, and_(OpenItem.tenant_id == PaymentControl.tenant_id,
                             OpenItem.control_id == PaymentControl.id))
        .where(
            OpenItem.tenant_id == current_scope().tenant_id,
            OpenItem.number == number,
            ServiceRequest.line.in_(actor.visible_lines),
        )
        .group_by(ServiceRequest.number)
        .order_by(ServiceRequest.number.desc())
        .limit(limit)
    )  # fmt: skip
    return rows.scalars().all()
