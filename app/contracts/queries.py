import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, DateTime, Select, Text, and_, bindparam, cast, func, select

from app.contracts.document import first_document, terms_of
from app.contracts.models import ContractDraft, ContractVersion
from app.contracts.terms import ContractTerms
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import Tenant
from tenants.scoping import scoped_tenant_id

V = ContractVersion


def get_terms(on: datetime) -> ContractTerms:
    """What holds at this moment for the client in scope, in one statement; what holds for everybody
    while there is no contract. The contract's day begins at midnight of the client's own zone."""
    row = db.session.execute(TERMS, {"tenant": scoped_tenant_id(), "on": on}).one_or_none()
    if row is None:
        raise NotFound
    return terms_from(row, on)


def select_terms(on: datetime) -> Select[Any]:
    """For a page that reads them together with other things."""
    return _select_terms(scoped_tenant_id(), on)


def _select_terms(tenant_id: Any, on: Any) -> Select[Any]:
    # As text: the same contract is read once, however often it is loaded.
    tenants, versions = Tenant.__table__, V.__table__
    t, v = tenants.c, versions.c
    day = cast(func.timezone(t.time_zone, on), Date)
    return (
        select(t.country, t.time_zone, v.number, cast(v.document, Text).label("document"))
        .select_from(tenants.outerjoin(versions, and_(v.tenant_id == t.id, v.valid_from <= day)))
        .where(t.id == tenant_id)
        .order_by(v.number.desc())
        .limit(1)
    )


# Put together once: that costs as much as running them.
TERMS = _select_terms(bindparam("tenant"), bindparam("on", type_=DateTime(timezone=True)))


def terms_from(row: Any, on: datetime) -> ContractTerms:
    """`row` is the one of `select_terms`."""
    year = on.astimezone(ZoneInfo(row.time_zone)).year
    return _terms(row.document, row.number, row.country, row.time_zone, year)


@lru_cache(maxsize=512)
def _terms(
    stored: str | None, number: int | None, country: str, zone: str, year: int
) -> ContractTerms:
    document = json.loads(stored) if stored else first_document(country, zone)
    return terms_of(document, number=number, year=year)


def version_in_force(on: date) -> ContractVersion | None:
    """On a day of the client's own calendar."""
    return db.session.execute(
        select(V)
        .where(V.tenant_id == scoped_tenant_id(), V.valid_from <= on)
        .order_by(V.number.desc())
        .limit(1)
    ).scalar_one_or_none()


def find_draft(*, for_change: bool = False) -> ContractDraft | None:
    query = select(ContractDraft).where(ContractDraft.tenant_id == scoped_tenant_id())
    if for_change:
        query = query.with_for_update()
    return db.session.execute(query).scalar_one_or_none()


def get_version(*, number: int) -> ContractVersion:
    row = db.session.execute(
        select(V).where(V.tenant_id == scoped_tenant_id(), V.number == number)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_versions() -> Sequence[ContractVersion]:
    """Newest first."""
    return (
        db.session.execute(
            select(V).where(V.tenant_id == scoped_tenant_id()).order_by(V.number.desc())
        )
        .scalars()
        .all()
    )


def newest_document() -> Mapping[str, Any]:
    """Of the highest version, in force or to come; of the usual terms while there is none."""
    versions = list_versions()
    if versions:
        return versions[0].document
    company = facts_of_company()
    return first_document(company.country, company.time_zone)


def facts_of_company() -> Any:
    return db.session.execute(
        select(Tenant.country, Tenant.time_zone).where(Tenant.id == scoped_tenant_id())
    ).one()
