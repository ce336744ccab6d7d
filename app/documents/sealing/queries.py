from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.documents.sealing.models import ROOT, SEAL, SealCertificate, SealKey
from tenants.core.db import db

C = SealCertificate
OWNER = func.provider_letterhead().table_valued("name")


def list_certificates() -> Sequence[SealCertificate]:
    """Latest first."""
    return db.session.execute(select(C).order_by(C.made_at.desc(), C.id.desc())).scalars().all()


def list_roots() -> list[str]:
    """As PEM: whatever one of them vouched for was ours."""
    found = select(C.pem).where(C.kind == ROOT).order_by(C.made_at)
    return list(db.session.execute(found).scalars())


def find_current(*, kind: str, now: datetime) -> tuple[SealCertificate, SealKey] | None:
    """With its key, which the provider's side alone may read."""
    assert kind in (ROOT, SEAL)
    row = db.session.execute(
        select(C, SealKey)
        .join(SealKey, SealKey.certificate_id == C.id)
        .where(C.kind == kind, C.starts_at <= now, C.ends_at > now)
        .order_by(C.made_at.desc(), C.id.desc())
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def provider_name() -> str:
    return str(db.session.execute(select(OWNER.c.name)).scalar_one())
