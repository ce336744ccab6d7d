"""Series of numbers, and the next number of one: without gaps and in the order of days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert

from app.finance.sales_invoices.models import TYPES, InvoiceCounter, InvoiceSeries
from app.finance.sales_invoices.numbering import MOST, counts_by_year, written
from app.finance.sales_invoices.queries import find_series
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.scoping import current_scope

# What a company begins with: invoices, and credit notes in a series of their own.
USUAL = {
    "FR": (("F-{year}-", _m("Invoices")), ("A-{year}-", _m("Credit notes"))),
    "DE": (("RE-{year}-", _m("Invoices")), ("RK-{year}-", _m("Credit notes"))),
}
DIGITS = 4
_COUNTERS = cast(Table, InvoiceCounter.__table__)
_NEW = insert(_COUNTERS)
_COUNT = _NEW.on_conflict_do_update(
    index_elements=["tenant_id", "series_id", "year"],
    set_={
        "last_number": _COUNTERS.c.last_number + 1,
        "last_issued_on": _NEW.excluded.last_issued_on,
    },
    where=_COUNTERS.c.last_issued_on <= _NEW.excluded.last_issued_on,
).returning(_COUNTERS.c.last_number)


class OutOfOrder(Conflict):
    code = "invoice_date_out_of_order"
    message = _m(
        "A later invoice of this series has its number already: numbers and days go up together. "
        "Choose today, or another series."
    )


def add_series(
    *, name: str, prefix: str, digits: int, types: list[str], actor: Actor, now: datetime
) -> InvoiceSeries:
    actor.require("sales_invoice.manage", "finance")
    if len(written(prefix, digits, 2026, 1)) > MOST:
        raise Invalid(
            field_errors={"prefix": [_m("The number would be longer than 35 characters.")]}
        )
    made = db.session.execute(
        insert(InvoiceSeries)
        .values(_row(name, prefix, digits, types, actor, now))
        .on_conflict_do_nothing(index_elements=["tenant_id", "prefix"])
        .returning(InvoiceSeries)
    ).scalar_one_or_none()
    if made is None:
        raise Invalid(field_errors={"prefix": [_m("Another series begins like this already.")]})
    audit.record(
        "finance.invoice_series.added", actor=actor, now=now, object_type="invoice_series",
        object_id=made.id, prefix=prefix,
    )  # fmt: skip
    return made


def switch_series(*, series_id: UUID, active: bool, actor: Actor, now: datetime) -> None:
    actor.require("sales_invoice.manage", "finance")
    changed = db.session.execute(
        update(InvoiceSeries)
        .where(InvoiceSeries.tenant_id == current_scope().tenant_id, InvoiceSeries.id == series_id)
        .values(active=active)
        .returning(InvoiceSeries.id)
    ).scalar_one_or_none()
    if changed is None:
        raise NotFound
    audit.record(
        "finance.invoice_series.switched", actor=actor, now=now, object_type="invoice_series",
        object_id=series_id, active=active,
    )  # fmt: skip


def series_for(*, kind: str, series_id: UUID | None, actor: Actor, now: datetime) -> InvoiceSeries:
    """The one asked for, or the usual one of the type; a company's first ones are made here."""
    found = find_series(kind=kind, series_id=series_id)
    if found is None and series_id is None:
        _add_usual(actor, now)
        found = find_series(kind=kind)
    if found is None:
        raise Invalid(field_errors={"series": [_m("Choose a series in use that fits.")]})
    return found


def next_number(*, series: InvoiceSeries, issued_on: date) -> tuple[int, int, str]:
    """Year, number and how it is written. The counter's row stays locked until the transaction ends,
    so this comes last; what is rolled back leaves no gap."""
    year = issued_on.year if counts_by_year(series.prefix) else 0
    number = db.session.execute(
        _COUNT,
        {
            "tenant_id": series.tenant_id, "id": uuid7(), "series_id": series.id, "year": year,
            "last_number": 1, "last_issued_on": issued_on,
        },
    ).scalar_one_or_none()  # fmt: skip
    if number is None:
        raise OutOfOrder
    return year, number, written(series.prefix, series.digits, year, number)


def _add_usual(actor: Actor, now: datetime) -> None:
    for (prefix, name), types in zip(
        USUAL.get(get_tenant().country, USUAL["FR"]),
        ([one for one in TYPES if one != "381"], ["381"]),
        strict=True,
    ):
        db.session.execute(
            insert(InvoiceSeries)
            .values(_row(name, prefix, DIGITS, types, actor, now))
            .on_conflict_do_nothing(index_elements=["tenant_id", "prefix"])
        )


def _row(
    name: str, prefix: str, digits: int, types: list[str], actor: Actor, now: datetime
) -> dict[str, Any]:
    return {
        "tenant_id": current_scope().tenant_id, "id": uuid7(), "name": name, "prefix": prefix,
        "digits": digits, "types": types, "made_by_name": actor.name, "made_at": now,
    }  # fmt: skip
