from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, and_, exists, func, or_, select

from app.finance.line_views import QUALITY_VIEWS, VIEWS, in_view
from app.finance.models import (
    TAKEN_STATES,
    BankStatement,
    ImportReject,
    Match,
    OpenItem,
    PaymentControl,
    StatementLine,
)
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, encode_cursor, small_int
from tenants.scoping import current_scope

Kept = TypeVar("Kept", Match, StatementLine, OpenItem)


def find_control(*, request_id: UUID) -> PaymentControl | None:
    return db.session.execute(
        select(PaymentControl).where(
            PaymentControl.tenant_id == current_scope().tenant_id,
            PaymentControl.request_id == request_id,
        )
    ).scalar_one_or_none()


def get_control(*, request_id: UUID) -> PaymentControl:
    control = find_control(request_id=request_id)
    if control is None:
        raise NotFound
    return control


def find_taken_statement(*, sha256: str, not_control: UUID) -> int | None:
    """The number of the request whose control took this very statement already."""
    return db.session.execute(
        select(ServiceRequest.number)
        .join(
            PaymentControl,
            and_(
                PaymentControl.tenant_id == ServiceRequest.tenant_id,
                PaymentControl.request_id == ServiceRequest.id,
            ),
        )
        .where(
            PaymentControl.tenant_id == current_scope().tenant_id,
            PaymentControl.statement_sha256 == sha256,
            PaymentControl.state.in_(TAKEN_STATES),
            PaymentControl.id != not_control,
        )
        .limit(1)
    ).scalar_one_or_none()


def list_statements(*, control: PaymentControl) -> list[BankStatement]:
    return list(
        db.session.execute(
            select(BankStatement)
            .where(
                BankStatement.tenant_id == control.tenant_id,
                BankStatement.control_id == control.id,
            )
            .order_by(BankStatement.position)
        ).scalars()
    )


def list_rejects(*, control: PaymentControl) -> list[ImportReject]:
    return list(
        db.session.execute(
            select(ImportReject)
            .where(
                ImportReject.tenant_id == control.tenant_id,
                ImportReject.control_id == control.id,
            )
            .order_by(ImportReject.source, ImportReject.line, ImportReject.id)
        ).scalars()
    )


def list_live_matches(*, control: PaymentControl, state: str | None = None) -> list[Match]:
    query = select(Match).where(
        Match.tenant_id == control.tenant_id,
        Match.control_id == control.id,
        Match.state != "undone",
    )
    if state:
        query = query.where(Match.state == state)
    return list(db.session.execute(query.order_by(Match.id)).scalars())


def has_confirmed(*, control: PaymentControl) -> bool:
    return bool(
        db.session.execute(
            select(
                exists().where(
                    Match.tenant_id == control.tenant_id,
                    Match.control_id == control.id,
                    Match.state == "confirmed",
                )
            )
        ).scalar_one()
    )


def get_match(*, control: PaymentControl, match_id: UUID) -> Match:
    return _get(Match, control, match_id)


def get_line(*, control: PaymentControl, line_id: UUID) -> StatementLine:
    return _get(StatementLine, control, line_id)


def get_item(*, control: PaymentControl, item_id: UUID) -> OpenItem:
    return _get(OpenItem, control, item_id)


def _get(model: type[Kept], control: PaymentControl, row_id: UUID) -> Kept:
    row = db.session.execute(
        select(model).where(
            model.tenant_id == control.tenant_id,
            model.control_id == control.id,
            model.id == row_id,
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def allocated(*, control: PaymentControl, by: Any, key: UUID) -> int:
    """Signed minor units of live matches on one line or item; `by` is Match.line_id or item_id.
    An item is settled by the differences too."""
    taken = Match.amount + Match.difference if by is Match.item_id else Match.amount
    return int(
        db.session.execute(
            select(func.coalesce(func.sum(taken), 0)).where(
                Match.tenant_id == control.tenant_id,
                Match.control_id == control.id,
                Match.state != "undone",
                by == key,
            )
        ).scalar_one()
    )


def live_by_line(*, control: PaymentControl) -> dict[UUID, int]:
    return _live(control, Match.line_id, Match.amount)


def live_by_item(*, control: PaymentControl) -> dict[UUID, int]:
    return _live(control, Match.item_id, Match.amount + Match.difference)


def _live(control: PaymentControl, key: Any, taken: Any) -> dict[UUID, int]:
    rows = db.session.execute(
        select(key, func.sum(taken))
        .where(
            Match.tenant_id == control.tenant_id,
            Match.control_id == control.id,
            Match.state != "undone",
        )
        .group_by(key)
    )
    return {one: int(total) for one, total in rows}


def settled_items(
    *, control: PaymentControl, item_ids: Sequence[UUID], line_id: UUID
) -> dict[UUID, tuple[int, bool]]:
    """What live matches settle of these items, and whether one of them joins this line."""
    rows = db.session.execute(
        select(
            Match.item_id,
            func.sum(Match.amount + Match.difference),
            func.bool_or(Match.line_id == line_id),
        )
        .where(
            Match.tenant_id == control.tenant_id,
            Match.control_id == control.id,
            Match.state != "undone",
            Match.item_id.in_(item_ids),
        )
        .group_by(Match.item_id)
    )
    return {item_id: (int(settled), joined) for item_id, settled, joined in rows}


@dataclass(frozen=True, slots=True)
class LineCounts:
    """How many statement lines stand where, for the workbench's views; the last four for those who
    decide and see how good the rules are."""

    all: int
    proposed: int
    confirmed: int
    unmatched: int
    left_open: int
    learned: int = 0
    difference: int = 0
    suggested: int = 0
    by_rule: int = 0
    ever_by_rule: int = 0
    undone: int = 0


def count_lines(*, control: PaymentControl, quality: bool = False) -> LineCounts:
    views = (*VIEWS, *(QUALITY_VIEWS if quality else ()))
    row = db.session.execute(
        select(
            *(func.count().filter(and_(True, *in_view(view))).label(view) for view in views)
        ).where(
            StatementLine.tenant_id == control.tenant_id,
            StatementLine.control_id == control.id,
        )
    ).one()
    return LineCounts(**dict(row._mapping))


def list_suggested_open(*, control: PaymentControl) -> list[StatementLine]:
    """Undecided lines like those that were left open before."""
    return list(
        db.session.execute(
            select(StatementLine)
            .where(
                StatementLine.tenant_id == control.tenant_id,
                StatementLine.control_id == control.id,
                *in_view("suggested"),
            )
            .order_by(StatementLine.statement, StatementLine.position)
        ).scalars()
    )


def lines_with_undone(*, control: PaymentControl, line_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these lines where a match was undone."""
    rows = db.session.execute(
        select(Match.line_id).where(
            Match.tenant_id == control.tenant_id,
            Match.control_id == control.id,
            Match.line_id.in_(line_ids),
            Match.state == "undone",
        )
    ).scalars()
    return set(rows)


def list_lines(
    *,
    control: PaymentControl,
    view: str = "all",
    search: str = "",
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[StatementLine]:
    query = (
        select(StatementLine)
        .where(
            StatementLine.tenant_id == control.tenant_id,
            StatementLine.control_id == control.id,
            *in_view(view),
        )
        .order_by(StatementLine.statement, StatementLine.position)
        .limit(limit + 1)
    )
    if search.strip():
        word = search.strip()
        query = query.where(
            or_(
                StatementLine.name.icontains(word, autoescape=True),
                StatementLine.remittance.icontains(word, autoescape=True),
            )
        )
    if cursor:
        statement, position = decode_cursor(cursor, small_int, small_int)
        query = query.where(
            or_(
                StatementLine.statement > statement,
                and_(
                    StatementLine.statement == statement,
                    StatementLine.position > position,
                ),
            )
        )
    rows = list(db.session.execute(query).scalars())
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, encode_cursor(rows[-1].statement, rows[-1].position) if more else None)


def list_matches_of_lines(*, control: PaymentControl, line_ids: Sequence[UUID]) -> list[Row[Any]]:
    """Live matches with their items, for a page of lines."""
    return list(
        db.session.execute(
            select(
                Match.id, Match.line_id, Match.amount, Match.rule, Match.confidence,
                Match.explanation, Match.state, Match.decided_by_name, Match.note,
                Match.difference, Match.difference_kind, Match.group_id, Match.learned_rule_id,
                OpenItem.id.label("item_id"), OpenItem.number, OpenItem.customer,
                OpenItem.due_on, OpenItem.open_amount, OpenItem.currency,
            )
            .join(
                OpenItem,
                and_(OpenItem.tenant_id == Match.tenant_id, OpenItem.id == Match.item_id),
            )
            .where(
                Match.tenant_id == control.tenant_id,
                Match.control_id == control.id,
                Match.line_id.in_(line_ids),
                Match.state != "undone",
            )
            .order_by(Match.id)
        )
    )  # fmt: skip


def count_proposals(*, control: PaymentControl, thresholds: Sequence[int]) -> list[tuple[int, int]]:
    """How many proposals each confidence or better would confirm."""
    row = db.session.execute(
        select(*(func.count().filter(Match.confidence >= one) for one in thresholds)).where(
            Match.tenant_id == control.tenant_id,
            Match.control_id == control.id,
            Match.state == "proposed",
        )
    ).one()
    return list(zip(thresholds, row, strict=True))


def count_learned(*, control: PaymentControl) -> int:
    """Proposals of learned rules."""
    return int(
        db.session.execute(
            select(func.count()).where(
                Match.tenant_id == control.tenant_id,
                Match.control_id == control.id,
                Match.state == "proposed",
                Match.learned_rule_id.is_not(None),
            )
        ).scalar_one()
    )


def count_proposed(*, control: PaymentControl) -> int:
    return int(
        db.session.execute(
            select(func.count()).where(
                Match.tenant_id == control.tenant_id,
                Match.control_id == control.id,
                Match.state == "proposed",
            )
        ).scalar_one()
    )
