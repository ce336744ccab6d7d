"""Statements and lines across the requests of one company; profiles of its banks' CSV."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select

from app.finance.continuity import Earlier
from app.finance.models import (
    TAKEN_STATES,
    BankCsvProfile,
    BankStatement,
    PaymentControl,
    StatementLine,
)
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.scoping import current_scope


def get_statement(*, control: PaymentControl, position: int) -> BankStatement:
    return db.session.execute(
        select(BankStatement).where(
            BankStatement.tenant_id == control.tenant_id,
            BankStatement.control_id == control.id,
            BankStatement.position == position,
        )
    ).scalar_one()


def _other_taken(control: PaymentControl) -> Any:
    """Controls that count: neither this one nor one that was refused or called off."""
    return and_(
        PaymentControl.tenant_id == control.tenant_id,
        PaymentControl.id != control.id,
        PaymentControl.state.in_(TAKEN_STATES),
        ServiceRequest.state != "cancelled",
    )


def find_earlier_statement(
    *, control: PaymentControl, account_index: str, currency: str, starts_on: date | None
) -> Earlier | None:
    """The newest one that doesn't begin later."""
    query = (
        select(
            BankStatement.statement_id, ServiceRequest.number, BankStatement.starts_on,
            BankStatement.ends_on, BankStatement.closing,
        )
        .join(PaymentControl, and_(PaymentControl.tenant_id == BankStatement.tenant_id,
                                   PaymentControl.id == BankStatement.control_id))
        .join(ServiceRequest, and_(ServiceRequest.tenant_id == PaymentControl.tenant_id,
                                   ServiceRequest.id == PaymentControl.request_id))
        .where(
            BankStatement.tenant_id == control.tenant_id,
            BankStatement.account_index == account_index,
            BankStatement.currency == currency,
            _other_taken(control),
        )
        .order_by(BankStatement.ends_on.desc().nulls_last(), ServiceRequest.number.desc())
        .limit(1)
    )  # fmt: skip
    if starts_on is not None:
        query = query.where(
            or_(BankStatement.starts_on <= starts_on, BankStatement.starts_on.is_(None))
        )
    row = db.session.execute(query).one_or_none()
    return Earlier(*row) if row is not None else None


def find_taken_lines(*, control: PaymentControl, fingerprints: Sequence[str]) -> dict[str, int]:
    """Which of these bookings another request holds, and the number of that request."""
    found = db.session.execute(
        select(StatementLine.fingerprint, ServiceRequest.number)
        .join(PaymentControl, and_(PaymentControl.tenant_id == StatementLine.tenant_id,
                                   PaymentControl.id == StatementLine.control_id))
        .join(ServiceRequest, and_(ServiceRequest.tenant_id == PaymentControl.tenant_id,
                                   ServiceRequest.id == PaymentControl.request_id))
        .where(
            StatementLine.tenant_id == control.tenant_id,
            StatementLine.fingerprint.in_(fingerprints),
            _other_taken(control),
        )
        .order_by(ServiceRequest.number.desc())
    )  # fmt: skip
    return {mark: number for mark, number in found}


def list_profiles() -> list[BankCsvProfile]:
    return list(
        db.session.execute(
            select(BankCsvProfile)
            .where(BankCsvProfile.tenant_id == current_scope().tenant_id)
            .order_by(BankCsvProfile.changed_at.desc(), BankCsvProfile.name)
        ).scalars()
    )
