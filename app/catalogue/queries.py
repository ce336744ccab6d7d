from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select, tuple_

from app.catalogue.models import CatalogueEntry, CatalogueVersion
from tenants.core.db import db

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


def newest_shipped() -> dict[str, Any]:
    """By code: the newest version that shipped, and what holds."""
    rows = db.session.execute(
        select(V.code, V.version, V.origin, V.made_at, V.made_by_name, V.shipped_version)
        .order_by(V.code, V.version)
    ).all()  # fmt: skip
    return {row.code: row for row in rows if row.origin == "shipped"}
