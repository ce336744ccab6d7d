"""What the quality figures are counted from, over all clients that are open to the reader."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.desk.quality.figures import Cube
from app.desk.queries import GRANTED, OWN_LINES, granted

MOST = 200
_OF_REQUEST = "d.tenant_id = r.tenant_id AND d.request_id = r.id"
# Each return, refusal and reopening makes another submission.
FIRST_PASS = (
    "r.reopened_count = 0 AND NOT EXISTS (SELECT FROM review_draws d"
    f" WHERE {_OF_REQUEST} AND d.submission > 1)"
)
CHECKED = (
    "EXISTS (SELECT FROM reviews v WHERE v.tenant_id = r.tenant_id AND v.request_id = r.id"
    " AND v.outcome = 'passed')"
)
_DELIVERED = f"""FROM granted g JOIN requests r ON {OWN_LINES}
    AND r.delivered_at >= :since AND r.delivered_at < :until
    WHERE (CAST(:who AS uuid) IS NULL OR r.preparer_id = :who)"""
_TIME = f"""FROM granted g JOIN requests r ON {OWN_LINES}
    JOIN time_entries e ON e.tenant_id = r.tenant_id AND e.request_id = r.id
        AND e.worked_on BETWEEN :first AND :last
    WHERE (CAST(:who AS uuid) IS NULL OR e.user_id = :who)"""
_FINDINGS = """FROM granted g JOIN review_findings f ON f.tenant_id = g.tenant_id
        AND f.line = ANY (g.lines) AND f.at >= :since AND f.at < :until
    JOIN requests r ON r.tenant_id = f.tenant_id AND r.id = f.request_id
    WHERE (CAST(:who AS uuid) IS NULL OR f.operator_id = :who)"""
# Fixed texts; every value is bound.
CUBE = {
    "delivered": text(f"""WITH {GRANTED} SELECT r.tenant_id, r.line, r.preparer_id AS user_id,
        count(*) AS delivered, count(*) FILTER (WHERE {FIRST_PASS}) AS first_pass,
        count(*) FILTER (WHERE {CHECKED}) AS checked {_DELIVERED} GROUP BY 1, 2, 3"""),
    "time": text(f"""WITH {GRANTED} SELECT r.tenant_id, r.line, e.user_id,
        sum(e.minutes) AS minutes,
        coalesce(sum(e.minutes) FILTER (WHERE e.category = 'rework'), 0) AS rework
        {_TIME} GROUP BY 1, 2, 3"""),
    "findings": text(f"""WITH {GRANTED} SELECT f.tenant_id, f.line, f.operator_id AS user_id,
        f.kind, f.severity, count(*) AS findings {_FINDINGS} GROUP BY 1, 2, 3, 4, 5"""),
}  # fmt: skip
_ROW = "r.tenant_id, r.number, r.item, r.title, r.line, r.state"
_NEWEST = " ORDER BY at DESC, number DESC LIMIT :most"
_LIST_DELIVERED = (
    f"WITH {GRANTED} SELECT {_ROW}, r.preparer_id AS user_id, r.delivered_at AS at, 0 AS minutes,"
    f" '' AS kind, '' AS severity, '' AS body {_DELIVERED}"
)
LISTS = {
    "delivered": text(_LIST_DELIVERED + _NEWEST),
    "first_pass": text(f"{_LIST_DELIVERED} AND {FIRST_PASS}{_NEWEST}"),
    "corrected": text(f"{_LIST_DELIVERED} AND NOT ({FIRST_PASS}){_NEWEST}"),
    "checked": text(f"{_LIST_DELIVERED} AND {CHECKED}{_NEWEST}"),
    "rework": text(
        f"WITH {GRANTED} SELECT {_ROW}, e.user_id, max(e.at) AS at, sum(e.minutes) AS minutes,"
        f" '' AS kind, '' AS severity, '' AS body {_TIME} AND e.category = 'rework'"
        f" GROUP BY {_ROW}, e.user_id HAVING sum(e.minutes) <> 0{_NEWEST}"
    ),
    "findings": text(
        f"WITH {GRANTED} SELECT {_ROW}, f.operator_id AS user_id, f.at, 0 AS minutes, f.kind,"
        f" f.severity, f.body {_FINDINGS}"
        " AND (:kind = '' OR f.kind = :kind) AND (:severity = '' OR f.severity = :severity)"
        f"{_NEWEST}"
    ),
}  # fmt: skip

Pairs = Sequence[tuple[UUID, str]]


def read_cube(
    session: Session, *, pairs: Pairs, bounds: Mapping[str, Any], who: UUID | None
) -> Cube:
    values = {**granted(pairs), **bounds, "who": who}
    return Cube(**{name: session.execute(sql, values).all() for name, sql in CUBE.items()})


def list_behind(
    session: Session, *, what: str, pairs: Pairs, bounds: Mapping[str, Any], who: UUID | None,
    kind: str = "", severity: str = "",
) -> Sequence[Row[Any]]:  # fmt: skip
    """The newest, one more than MOST at the most."""
    values = {**granted(pairs), **bounds, "who": who, "most": MOST + 1}
    if what == "findings":
        values |= {"kind": kind, "severity": severity}
    return session.execute(LISTS[what], values).all()
