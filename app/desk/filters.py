"""What narrows the queue and how it is sorted, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS
from app.service_requests.models import PRIORITIES
from app.service_requests.transitions import OPEN
from tenants.core.text import _m

DUE: Mapping[str, str] = {
    "overdue": _m("Overdue"), "today": _m("Due today"), "week": _m("Due this week"),
}  # fmt: skip
SORTS: Mapping[str, str] = {
    "breach": _m("Next breach first"), "due": _m("Due first"),
    "newest": _m("Newest first"), "waiting": _m("Longest without a move first"),
}  # fmt: skip
ME, NOBODY = "me", "nobody"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Empty values narrow nothing. `who` is 'me', 'nobody' or a person's id; `snoozed` shows what
    is put off instead of what is not."""

    state: str = ""
    client: str = ""
    line: str = ""
    item: str = ""
    priority: str = ""
    who: str = ""
    due: str = ""
    since: str = ""
    snoozed: bool = False
    search: str = ""
    sort: str = ""

    @property
    def narrows(self) -> bool:
        return self != QueueFilter(sort=self.sort)


NAMES = {one.name: "q" if one.name == "search" else one.name for one in fields(QueueFilter)}
PARAMETERS = tuple(NAMES.values())


def filter_of(args: Mapping[str, str]) -> QueueFilter:
    """Unknown values count as none."""
    return QueueFilter(
        state=_known(args.get("state"), OPEN),
        client=args.get("client", "")[:64],
        line=_known(args.get("line"), LINES),
        item=_known(args.get("item"), ITEMS),
        priority=_known(args.get("priority"), PRIORITIES),
        who=_person(args.get("who", "")),
        due=_known(args.get("due"), DUE),
        since=_day(args.get("since", "")),
        snoozed=args.get("snoozed") == "1",
        search=" ".join(args.get("q", "").replace("\0", "").split())[:120],
        sort=_known(args.get("sort"), SORTS),
    )


def merged(base: QueueFilter, chosen: QueueFilter) -> QueueFilter:
    """A view's own filter, with what was chosen beside it."""
    own = {name: value for name in NAMES if (value := getattr(chosen, name))}
    return replace(base, **own)


def parameters(chosen: QueueFilter) -> dict[str, Any]:
    """As it stands in an address."""
    found = {NAMES[name]: getattr(chosen, name) for name in NAMES}
    return {name: "1" if value is True else str(value) for name, value in found.items() if value}


def query_of(chosen: QueueFilter) -> str:
    return urlencode(parameters(chosen))


def from_query(query: str) -> QueueFilter:
    return filter_of(dict(parse_qsl(query)))


def end_of(due: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the reader's day or week."""
    today = now.astimezone(zone).date()
    last = today if due == "today" else today + timedelta(days=6 - today.weekday())
    return _midnight(last + timedelta(days=1), zone)


def start_of(since: str, zone: ZoneInfo) -> datetime:
    return _midnight(date.fromisoformat(since), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _known(value: str | None, values: object) -> str:
    return value if value and value in values else ""  # type: ignore[operator]


def _person(value: str) -> str:
    if value in (ME, NOBODY):
        return value
    try:
        return str(UUID(value))
    except ValueError:
        return ""


def _day(value: str) -> str:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return ""
    return found.isoformat() if 2000 <= found.year <= 2200 else ""
