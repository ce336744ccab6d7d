from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select, tuple_

from app.catalogue.models import OWN, SHIPPED, CatalogueEntry, CatalogueVersion
from tenants.core.db import db
from tenants.core.errors import NotFound

E, V = CatalogueEntry, CatalogueVersion


def list_current() -> Sequence[Any]:
    """Of every item: its code, the version that holds, whether it is offered, and which of its
    versions ask for the client's approval."""
    gated = (
        select(func.array_agg(V.version))
        .where(V.code == E.code, V.document["gated"].as_boolean())
        .scalar_subquery()
    )
    return db.session.execute(select(E.code, E.version, E.offered, gated.label("gated"))).all()


def list_documents(wanted: Collection[tuple[str, int]]) -> Sequence[Any]:
    return db.session.execute(
        select(V.code, V.version, V.document).where(tuple_(V.code, V.version).in_(wanted))
    ).all()


def find_document(*, code: str, version: int) -> dict[str, Any] | None:
    return db.session.execute(
        select(V.document).where(V.code == code, V.version == version)
    ).scalar_one_or_none()


def find_entry(*, code: str, for_change: bool = False) -> CatalogueEntry | None:
    query = select(E).where(E.code == code)
    return db.session.execute(query.with_for_update() if for_change else query).scalar_one_or_none()


def list_versions(*, code: str) -> Sequence[CatalogueVersion]:
    """Newest first."""
    return (
        db.session.execute(select(V).where(V.code == code).order_by(V.version.desc()))
        .scalars()
        .all()
    )


def list_entries() -> dict[str, CatalogueEntry]:
    return {row.code: row for row in db.session.execute(select(E)).scalars()}


def newest_shipped() -> dict[str, int]:
    """By code, the newest version that shipped."""
    rows = db.session.execute(
        select(V.code, func.max(V.version)).where(V.origin == SHIPPED).group_by(V.code)
    ).all()
    return {code: version for code, version in rows}


def origins_in_force() -> dict[str, str]:
    rows = db.session.execute(
        select(E.code, V.origin).join(V, (V.code == E.code) & (V.version == E.version))
    ).all()
    return {code: origin for code, origin in rows}


def get_version(*, code: str, version: int) -> CatalogueVersion:
    row = db.session.get(CatalogueVersion, (code, version))
    if row is None:
        raise NotFound
    return row


def began_here(*, code: str) -> bool:
    """The provider made it; it may be that a file of the same code shipped since."""
    query = select(V.origin).where(V.code == code).order_by(V.version).limit(1)
    return db.session.execute(query).scalar_one_or_none() == OWN


def codes_begun_here() -> set[str]:
    first = select(V.code, func.min(V.version)).group_by(V.code)
    query = select(V.code).where(tuple_(V.code, V.version).in_(first), V.origin == OWN)
    return set(db.session.execute(query).scalars())


def last_version(*, code: str) -> int:
    return int(
        db.session.execute(select(func.max(V.version)).where(V.code == code)).scalar_one() or 0
    )
