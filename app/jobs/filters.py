"""What the list of jobs shows; it stands in the address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from tenants.core.text import _m
from tenants.jobs import QUEUES

HOURS = (1, 24)
NAME_LENGTH = 80
# To the microsecond, so that a list holds what its column counted.
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class When:
    """States, and of those who wait which ones."""

    label: str
    states: tuple[str, ...]
    when: str = ""


DUE = ("queued", "retrying")
WHEN: Mapping[str, When] = {
    "": When(_m("Not ended"),
             (*DUE, "dispatched", "running", "waiting", "quarantined")),
    "due": When(_m("Waiting"), DUE, "due"),
    "later": When(_m("Due later"), DUE, "later"),
    "held": When(_m("Held"), DUE, "held"),
    "running": When(_m("Running"), ("dispatched", "running")),
    "parts": When(_m("Waiting for its parts"), ("waiting",)),
    "retrying": When(_m("Failed, tried again"), ("retrying",)),
    "quarantined": When(_m("In quarantine"), ("quarantined",)),
    "succeeded": When(_m("Done"), ("succeeded",)),
    "cancelled": When(_m("Cancelled"), ("cancelled",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobFilter:
    """`hours` count back from now to a job's end, 0 is any time; so do `after` and `until`, to the
    moment of each."""

    client: str = ""
    queue: str = ""
    state: str = ""
    name: str = ""
    hours: int = 0
    after: datetime | None = None
    until: datetime | None = None

    @property
    def chosen(self) -> bool:
        return self != JobFilter()

    def parameters(self, **changes: Any) -> dict[str, Any]:
        found = {name: value for name, value in (asdict(self) | changes).items() if value}
        return {
            name: value.astimezone(UTC).strftime(MOMENT) if isinstance(value, datetime) else value
            for name, value in found.items()
        }


def filter_of(values: Mapping[str, str]) -> JobFilter:
    """What isn't one of the words counts as nothing chosen."""
    hours = values.get("hours", "")
    queue, state = values.get("queue", ""), values.get("state", "")
    return JobFilter(
        client=values.get("client", "")[:64],
        queue=queue if queue in QUEUES else "",
        state=state if state in WHEN else "",
        name=values.get("name", "").strip().replace("\0", "")[:NAME_LENGTH],
        hours=int(hours) if hours in map(str, HOURS) else 0,
        after=_moment(values.get("after", "")),
        until=_moment(values.get("until", "")),
    )


def _moment(value: str) -> datetime | None:
    try:
        return datetime.strptime(value, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
