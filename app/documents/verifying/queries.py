from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, Integer, Text, column, func, select

from tenants.core.db import db


@dataclass(frozen=True, slots=True)
class Issued:
    """All that a stranger with the exact file, or its code, is told. `company` is empty where it
    wants to be named to nobody."""

    issued_at: datetime
    kind: str
    version: int
    latest: int
    replaced_at: datetime | None
    company: str
    provider: str

    @property
    def superseded(self) -> bool:
        return self.version < self.latest


_COLUMNS = (
    column("issued_at", DateTime(timezone=True)),
    column("kind", Text),
    column("version", Integer),
    column("latest", Integer),
    column("replaced_at", DateTime(timezone=True)),
    column("company", Text),
    column("provider", Text),
)


def find_issued(*, sha256: str = "", code: str = "") -> Issued | None:
    """Needs no scope. Unknown, deleted and never issued are all None."""
    if not sha256 and not code:
        return None
    found = func.verify_document(sha256, code).table_valued(*_COLUMNS)
    row = db.session.execute(select(found)).one_or_none()
    return Issued(*row) if row else None
