from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Select, and_, cast, func, select

from app.contracts.document import first_document, terms_of
from app.contracts.models import ContractDraft, ContractVersion
from app.contracts.terms import ContractTerms
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import Tenant
from tenants.queries import scoped_tenant_id

V = ContractVersion


def get_terms(on: datetime) -> ContractTerms:
    """What holds at this moment for the client in scope, in one statement; what holds for everybody
    while there is no contract. The contract's day begins at midnight of the client's own zone."""
    row = db.session.execute(select_terms(on)).one_or_none()
    if row is None:
        raise NotFound
    return terms_from(row, on)


def select_terms(on: datetime) -> Select[Any]:
    """For a page that reads them together with other things."""
    day = cast(func.timezone(Tenant.time_zone, on), Date)
    return (
        select(Tenant.country, Tenant.time_zone, V.number, V.document)
        .outerjoin(V, and_(V.tenant_id == Tenant.id, V.valid_from <= day))
        .where(Tenant.id == scoped_tenant_id())
        .order_by(V.number.desc())
        .limit(1)
    )


def terms_from(row: Any, on: datetime) -> ContractTerms:
    """`row` is the one of `select_terms`."""
    year = on.astimezone(ZoneInfo(row.time_zone)).year
    if row.document is None:
        return _without_contract(row.country, row.time_zone, year)
    return terms_of(row.document, number=row.number, year=year)


@lru_cache(maxsize=512)
def _without_contract(country: str, zone: str, year: int) -> ContractTerms:
    return terms_of(first_document(country, zone), number=None, year=year)


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
