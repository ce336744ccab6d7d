"""Which list behind which figure is asked for, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from app.catalogue.lines import LINES
from app.desk.filters import NOBODY
from app.desk.supervision.figures import AGES, LATER
from tenants.core.text import _m

# What each list is called, and what it holds.
LISTS: Mapping[str, tuple[str, str]] = {
    "open": (
        _m("Open requests"),
        _m("Everything that is not delivered yet, also what was put off."),
    ),
    "late": (_m("Late"), _m("The time of a first answer or of the result is over.")),
    "due": (_m("Due in seven days"), _m("A first answer or the result is due by then.")),
    "risk": (
        _m("At risk"),
        _m("Due in seven days, and until then its operator has more work due than hours."),
    ),
    "load": (_m("Work of one person"), _m("Without what waits for an approval or an offer.")),
    "approvals": (_m("Waiting for approval"), _m("The result is with the client, who decides.")),
    "rework": (_m("Rework"), _m("Time of the last 30 days that was recorded as rework.")),
    "credits": (
        _m("Missed, in months that are not signed off"),
        _m("What a credit is formed of, at clients whose contract gives one."),
    ),
    "time": (
        _m("Time that is not settled"),
        _m("Entries of months that are over; they can still be changed."),
    ),
}
OF_REQUESTS = ("open", "late", "due", "risk", "load", "approvals")


@dataclass(frozen=True, slots=True)
class Asked:
    """Empty values narrow nothing. `who` is a person's id or 'nobody', `week` counts from the present
    one, with LATER for what comes after; `age` is a place in AGES."""

    what: str
    client: str = ""
    line: str = ""
    who: str = ""
    week: str = ""
    age: str = ""
    month: str = ""

    @property
    def person(self) -> UUID | None:
        return UUID(self.who) if self.who not in ("", NOBODY) else None

    @property
    def first(self) -> date | None:
        return date.fromisoformat(f"{self.month}-01") if self.month else None

    def parameters(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}


def asked_of(args: Mapping[str, str]) -> Asked | None:
    """Without a list of that name nothing; other unknown values count as none."""
    what = args.get("what", "")
    if what not in LISTS:
        return None
    return Asked(
        what=what,
        client=args.get("client", "")[:64],
        line=args.get("line", "") if args.get("line") in LINES else "",
        who=_person(args.get("who", "")),
        week=_place(args.get("week", ""), LATER + 1),
        age=_place(args.get("age", ""), len(AGES)),
        month=_month(args.get("month", "")),
    )


def _person(typed: str) -> str:
    try:
        return NOBODY if typed == NOBODY else str(UUID(typed))
    except ValueError:
        return ""


def _place(typed: str, many: int) -> str:
    return typed if typed in {str(place) for place in range(many)} else ""


def _month(typed: str) -> str:
    try:
        return f"{date.fromisoformat(f'{typed}-01'):%Y-%m}"
    except ValueError:
        return ""
