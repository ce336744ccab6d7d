"""Trouble on the way to the API, as the control panel orders it: slow answers, refusals that come
from overload, answers that get lost after the thing was done."""

from __future__ import annotations

from billing.sim.errors import ApiError, bad_request
from billing.sim.state import Obj, Store

STATUSES = (409, 429, 500, 503)
SLOWEST = 30_000


def _count(given: Obj, name: str, default: int, most: int) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise bad_request(f"{name} must be a whole number up to {most}", param=name)
    return value


def set_faults(store: Store, given: Obj) -> Obj:
    """`{"status", "count", "path", "method"}` for the next answers, of calls whose path begins so;
    `lost` does the thing and closes the connection, `latency` is milliseconds of waiting."""
    faults = store.data["faults"]
    if given.get("clear") is True:
        faults |= {"answers": [], "latency": 0}
    if "latency" in given:
        faults["latency"] = _count(given, "latency", 0, SLOWEST)
    if "status" in given or "lost" in given:
        lost = given.get("lost") is True
        status = 0 if lost else _count(given, "status", 500, 599)
        if not lost and status not in STATUSES:
            raise bad_request(f"status is one of {STATUSES}", param="status")
        row = {
            "status": status,
            "count": _count(given, "count", 1, 10_000),
            "path": str(given.get("path") or "/v1/"),
            "method": str(given.get("method") or "POST").upper(),
        }
        faults["answers"].append(row)
    return dict(faults)


def fault_for(store: Store, method: str, path: str) -> int | None:
    """What happens to this call: a status, or 0 for an answer that gets lost."""
    planned: list[Obj] = store.data["faults"]["answers"]
    for row in planned:
        if path.startswith(row["path"]) and row["method"] in (method, "ANY"):
            row["count"] -= 1
            if row["count"] <= 0:
                planned.remove(row)
            return int(row["status"])
    return None


def overloaded(status: int) -> ApiError:
    if status == 429:
        return ApiError(429, "Too many requests hit the API too quickly.", code="rate_limit")
    if status == 409:
        return ApiError(409, "Another request holds the lock on this object.", code="lock_timeout")
    return ApiError(status, "An unknown error occurred.", kind="api_error")
