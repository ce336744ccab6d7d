"""How small a difference this company lets pass, by currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.finance.currencies import is_currency
from app.finance.models import PaymentTolerance
from app.finance.settlement import MOST_BASIS_POINTS, MOST_MAJOR, Tolerance, tolerance_for
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.money import exponent
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope


@dataclass(frozen=True, slots=True)
class Tolerances:
    by_currency: Mapping[str, Tolerance]

    def of(self, currency: str) -> Tolerance:
        return tolerance_for(self.by_currency, currency)


def tolerances() -> Tolerances:
    return Tolerances(
        {row.currency: Tolerance(row.absolute, row.basis_points) for row in list_tolerances()}
    )


def list_tolerances() -> list[PaymentTolerance]:
    return list(
        db.session.execute(
            select(PaymentTolerance)
            .where(PaymentTolerance.tenant_id == current_scope().tenant_id)
            .order_by(PaymentTolerance.currency)
        ).scalars()
    )


def set_tolerance(
    *, currency: str, absolute: int, basis_points: int, actor: Actor, now: datetime
) -> PaymentTolerance:
    """For the next proposals and matches by hand; what was decided stays."""
    if actor.side != "provider":
        raise Forbidden
    actor.require("request.review", "finance")
    if not is_currency(currency):
        raise Invalid(field_errors={"currency": [_m("This is not a currency's code.")]})
    if not 0 <= absolute <= MOST_MAJOR * 10 ** exponent(currency):
        raise Invalid(field_errors={"absolute": [_m("At most 5 units of the currency may pass.")]})
    if not 0 <= basis_points <= MOST_BASIS_POINTS:
        raise Invalid(field_errors={"percent": [_m("At most 2 percent may pass.")]})
    row = db.session.execute(
        select(PaymentTolerance).where(
            PaymentTolerance.tenant_id == current_scope().tenant_id,
            PaymentTolerance.currency == currency,
        )
    ).scalar_one_or_none()
    if row is None:
        row = PaymentTolerance(id=uuid7(), currency=currency)
        db.session.add(row)
    row.absolute, row.basis_points = absolute, basis_points
    row.changed_by, row.changed_by_name, row.changed_at = actor.user_id, actor.name, now
    db.session.flush()
    audit.record(
        "finance.payment_tolerance.set", actor=actor, now=now, object_type="payment_tolerance",
        object_id=row.id, currency=currency, absolute=absolute, basis_points=basis_points,
    )  # fmt: skip
    return row
