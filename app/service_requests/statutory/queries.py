from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.calendars.deadlines import Deadline, deadline_of, shipped_deadlines
from app.service_requests.statutory.models import DeadlineVersion
from tenants.core.db import db
from tenants.core.errors import NotFound

V = DeadlineVersion


@dataclass(frozen=True, slots=True)
class Standing:
    """A deadline as it counts now, and what the provider last said of it. A withdrawn one goes on
    where it is used and is not offered any more."""

    deadline: Deadline
    shipped: bool
    version: DeadlineVersion | None = None

    @property
    def own(self) -> bool:
        return self.version is not None and self.version.document is not None

    @property
    def withdrawn(self) -> bool:
        return self.version is not None and self.version.withdrawn

    @property
    def revision(self) -> int:
        return self.version.revision if self.version else 0


def list_standing(session: Session | None = None) -> Mapping[str, Standing]:
    """By code: what ships in the order of its files, then the provider's own."""
    latest = (session or db.session).scalars(
        select(V).ext(distinct_on(V.code)).order_by(V.code, V.revision.desc())
    )
    shipped, said = shipped_deadlines(), {one.code: one for one in latest}
    return {
        code: Standing(_deadline(code, said.get(code)), code in shipped, said.get(code))
        for code in (*shipped, *(one for one in said if one not in shipped))
    }


def deadlines_as_they_count(session: Session | None = None) -> Mapping[str, Deadline]:
    return {code: one.deadline for code, one in list_standing(session).items()}


def get_standing(*, code: str) -> Standing:
    found = list_standing().get(code)
    if found is None:
        raise NotFound
    return found


def list_versions(*, code: str) -> Sequence[DeadlineVersion]:
    """Newest first."""
    return db.session.scalars(
        select(V).where(V.code == code).order_by(V.revision.desc()).limit(50)
    ).all()


def _deadline(code: str, version: DeadlineVersion | None) -> Deadline:
    if version is not None and version.document is not None:
        return deadline_of(code, version.document)
    return shipped_deadlines()[code]
