"""Which results a second person checks: the rate that holds, and whether this one is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.core.text import _m

# Of a hundred results, by what the catalogue says of the kind of work.
DEFAULTS: Mapping[str, int] = {"always": 100, "sampled": 20, "never": 0}
# So many results without a finding after one with.
RAISED_FOR = 5
SLIPS = 10_000

# Why a rate holds, as the provider's people read it.
REASONS: Mapping[str, str] = {
    "always": _m("Every result of this kind is checked."),
    "returned": _m("It came back with findings: the correction is always checked."),
    "raised": _m("An error was found in this operator's work of this kind: every result is checked for now."),
    "operator": _m("%(rate)s %% of this operator's work of this kind is checked."),
    "item": _m("%(rate)s %% of this kind of work is checked, as the supervisor set it."),
    "kind": _m("%(rate)s %% of this kind of work is checked."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """`percent` of results are checked, because of one of REASONS."""

    percent: int
    because: str


def rate_of(
    policy: str,
    *,
    for_item: int | None = None,
    for_operator: int | None = None,
    checks_left: int = 0,
    findings_open: bool = False,
) -> Rate:
    """`policy` is the catalogue's word; what it checks always, no rate lowers. A kind of which
    nothing is checked isn't raised either."""
    if policy == "always":
        return Rate(100, "always")
    if findings_open:
        return Rate(100, "returned")
    if for_operator is not None:
        found = Rate(for_operator, "operator")
    elif for_item is not None:
        found = Rate(for_item, "item")
    else:
        found = Rate(DEFAULTS[policy], "kind")
    return Rate(100, "raised") if checks_left and found.percent else found


def slip_of(mac: str) -> int:
    """One of ten thousand slips, from a keyed hash of what is drawn for: nobody can aim for it."""
    return int(mac.rpartition(".")[2][:16], 16) % SLIPS


def is_drawn(slip: int, percent: int) -> bool:
    return slip * 100 < percent * SLIPS
