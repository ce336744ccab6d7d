"""The requests that a figure counts, with their names as of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.reporting.content import Content, Entry, total
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import scoped_tenant_id

R = ServiceRequest


@dataclass(frozen=True, slots=True)
class Behind:
    """`sum` is the figure; rows are (request or None, what it adds or None for one)."""

    of: str
    sum: int
    rows: Sequence[tuple[Any, int | None]]

    @property
    def unit(self) -> str:
        """'minutes', 'usage' or, for what counts as one, nothing."""
        kind = self.of.partition(":")[0]
        return {"time": "minutes", "usage": "usage"}.get(kind, "")


def entries_of(content: Content, of: str) -> list[Entry]:
    """Of one list, or of all whose names begin with this."""
    lists: Mapping[str, list[Entry]] = content["lists"]
    if of in lists:
        return lists[of]
    found = [entries for name, entries in lists.items() if name.startswith(f"{of}:")]
    if not of or not found:
        raise NotFound
    return [entry for entries in found for entry in entries]


def behind(content: Content, of: str) -> Behind:
    entries = entries_of(content, of)
    numbers = {number for number, _ in entries if number is not None}
    columns: tuple[Any, ...] = (R.number, R.item, R.title, R.line, R.state)
    rows = db.session.execute(
        select(*columns).where(R.tenant_id == scoped_tenant_id(), R.number.in_(numbers))
    )
    named = {row.number: row for row in rows}
    return Behind(
        of, total(entries),
        [(named.get(number) if number is not None else None, value) for number, value in entries],
    )  # fmt: skip
