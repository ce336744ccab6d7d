"""Which part of the quality figures is asked for, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.catalogue.lines import LINES
from app.service_requests.checking.kinds import KINDS, SEVERITIES
from tenants.core.text import _m

BY: Mapping[str, str] = {
    "operator": _m("By operator"), "line": _m("By service line"), "client": _m("By client"),
}  # fmt: skip
# Further back nobody counts by the day.
LONGEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class QualityFilter:
    """`since` and `until` are both included. `operator` is a person's id; empty values narrow
    nothing."""

    since: date
    until: date
    by: str = "operator"
    client: str = ""
    line: str = ""
    operator: str = ""

    def bounds(self, zone: ZoneInfo) -> dict[str, Any]:
        """Days as the time sheet has them, and moments in the reader's zone."""
        return {
            "first": self.since, "last": self.until,
            "since": _midnight(self.since, zone),
            "until": _midnight(self.until + timedelta(days=1), zone),
        }  # fmt: skip

    @property
    def who(self) -> UUID | None:
        return UUID(self.operator) if self.operator else None


def filter_of(args: Mapping[str, str], *, today: date) -> QualityFilter:
    """Unknown values count as none; without days the last three months."""
    until = min(_day(args.get("until")) or today, today)
    since = _day(args.get("since")) or _begin(until)
    if not until - LONGEST <= since <= until:
        since = _begin(until)
    return QualityFilter(
        since=since,
        until=until,
        by=args.get("by", "") if args.get("by") in BY else "operator",
        client=args.get("client", "")[:64],
        line=args.get("line", "") if args.get("line") in LINES else "",
        operator=_person(args.get("operator", "")),
    )


def parameters(chosen: QualityFilter, **changes: Any) -> dict[str, Any]:
    found = asdict(chosen) | changes
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in found.items()
        if value
    }


def finding_of(args: Mapping[str, str]) -> dict[str, str]:
    """What narrows a list of findings further."""
    kind, severity = args.get("kind", ""), args.get("severity", "")
    return {
        "kind": kind if kind in KINDS else "",
        "severity": severity if severity in SEVERITIES else "",
    }


def _begin(until: date) -> date:
    month = until.replace(day=1)
    for _ in range(2):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year > 2000 else None


def _person(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
