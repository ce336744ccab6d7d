"""The accounts as the page lists them: filtered, sorted, counted."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from billing.figures.accounts import Account
from tenants.access import ACCESS_STATES
from tenants.core.text import _m

SHOWN = 100
SORTS: Mapping[str, tuple[str, Callable[[Account], Any]]] = {
    "": (_m("by name"), lambda one: (one.facts["name"].lower(),)),
    "mrr": (_m("by monthly revenue"), lambda one: -one.mrr_minor),
    "overage": (_m("by overage"), lambda one: -one.work.overage_minor),
    "unbilled": (_m("by unbilled work"), lambda one: -one.work.unbilled_minor),
    "open": (_m("by open invoices"), lambda one: -one.open_minor),
    "overdue": (_m("by overdue invoices"), lambda one: -one.overdue_minor),
    "exposure": (_m("by exposure"), lambda one: -one.exposure_minor),
    "since": (_m("by state, latest first"), lambda one: -_since(one)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """It stands in the address."""

    q: str = ""
    state: str = ""
    attention: str = ""
    sort: str = ""

    def parameters(self, **changes: Any) -> dict[str, Any]:
        return {name: value for name, value in (asdict(self) | changes).items() if value}

    @property
    def filters(self) -> bool:
        return bool(self.q or self.state or self.attention)


def chosen_in(values: Mapping[str, str]) -> Chosen:
    """What isn't one of the words counts as nothing chosen."""
    state, sort = values.get("state", ""), values.get("sort", "")
    return Chosen(
        q=values.get("q", "").strip().replace("\0", "")[:80],
        state=state if state in ACCESS_STATES else "",
        attention="1" if values.get("attention") else "",
        sort=sort if sort in SORTS else "",
    )


def fitting(accounts: Sequence[Account], chosen: Chosen) -> list[Account]:
    found = [one for one in accounts if _fits(one, chosen)]
    return sorted(found, key=SORTS[chosen.sort][1])


def counts(accounts: Sequence[Account]) -> Mapping[str, int]:
    found = Counter(one.state for one in accounts)
    return {state: found[state] for state in ACCESS_STATES if found[state]}


def sums(accounts: Sequence[Account]) -> Mapping[str, int]:
    return {
        "mrr": sum(one.mrr_minor for one in accounts),
        "overage": sum(one.work.overage_minor for one in accounts),
        "unbilled": sum(one.work.unbilled_minor for one in accounts),
        "open": sum(one.open_minor for one in accounts),
        "overdue": sum(one.overdue_minor for one in accounts),
        "exposure": sum(one.exposure_minor for one in accounts),
        "attention": sum(1 for one in accounts if one.facts["attention"]),
    }


def _fits(one: Account, chosen: Chosen) -> bool:
    words = f"{one.facts['name']} {one.facts['code']}".lower()
    return (
        chosen.q.lower() in words
        and chosen.state in ("", one.state)
        and (not chosen.attention or bool(one.facts["attention"]))
    )


def _since(one: Account) -> float:
    at = one.facts["access_since"]
    return at.timestamp() if at else 0.0
