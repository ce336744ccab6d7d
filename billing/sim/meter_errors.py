"""Usage that is accepted and found wrong afterwards: reported by thin events, with samples only."""

from __future__ import annotations

from billing.sim.errors import bad_request
from billing.sim.params import Params, mapping, required
from billing.sim.routing import route
from billing.sim.state import DAY, Obj, Store
from billing.sim.thin import emit_thin, stamp

SAMPLES = 5
WINDOW = 300
MESSAGES = {
    "meter_event_customer_not_found": "The customer was not found.",
    "meter_event_invalid_value": "The value is not valid.",
    "meter_event_value_too_many_digits": "The value has too many digits.",
    "archived_meter": "The meter is archived.",
}


def told_to_reject(store: Store) -> str | None:
    """By the control panel."""
    planned: list[Obj] = store.data["reject_usage"]
    if not planned:
        return None
    first, *rest = planned
    if first["count"] > 1:
        rest = [first | {"count": first["count"] - 1}, *rest]
    store.note(rest, "reject_usage")
    return str(first["code"])


def reject(store: Store, meter: Obj, identifier: str, code: str) -> None:
    """Kept for the report, which comes after the last planned rejection or five minutes later."""
    row = {"meter": meter["id"], "identifier": identifier, "code": code, "at": store.now()}
    store.note([*store.data["rejected"], row], "rejected")


def report_due(store: Store) -> int | None:
    rejected: list[Obj] = store.data["rejected"]
    if not rejected:
        return None
    return int(rejected[0]["at"]) if not store.data["reject_usage"] else rejected[0]["at"] + WINDOW


def report(store: Store) -> None:
    rejected, store.data["rejected"] = store.data["rejected"], []
    for meter in {row["meter"] for row in rejected}:
        mine = [row for row in rejected if row["meter"] == meter]
        kinds = []
        for code in sorted({row["code"] for row in mine}):
            same = [row for row in mine if row["code"] == code]
            kinds.append(
                {
                    "code": code,
                    "error_count": len(same),
                    "sample_errors": [
                        {
                            "error_message": MESSAGES[code],
                            "request": {"identifier": row["identifier"]},
                        }
                        for row in same[:SAMPLES]
                    ],
                }
            )
        first = min(row["at"] for row in mine)
        data = {
            "developer_message_summary": f"There is {len(mine)} invalid event(s)",
            "reason": {"error_count": len(mine), "error_types": kinds},
            "validation_start": stamp(first),
            "validation_end": stamp(store.now()),
        }
        kind = "v1.billing.meter.error_report_triggered"
        emit_thin(store, kind, data, store.get("meters", meter))


def create_adjustment(store: Store, params: Params) -> Obj:
    """An event of the last 24 hours is taken back. Of a pre-aggregated meter the whole window goes
    with it; that was not tried at Stripe."""
    if required(params, "type") != "cancel":
        raise bad_request("Invalid type.", param="type")
    name = required(params, "event_name")
    identifier = required(mapping(params, "cancel"), "identifier")
    counted = store.data["counted"].get(identifier)
    fresh = store.data["identifiers"].get(identifier, 0) > store.now() - DAY
    if counted is None or not fresh or store.get("meters", counted["meter"])["event_name"] != name:
        raise bad_request(
            f"No meter event of the last 24 hours has the identifier {identifier}.",
            param="cancel[identifier]",
        )
    windows = store.data["usage"][counted["meter"]][counted["customer"]]
    if windows.get(counted["key"], {}).get("identifier") == identifier:
        del windows[counted["key"]]
    del store.data["counted"][identifier]
    return {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": identifier},
        "event_name": name,
        "livemode": False,
        "status": "complete",
        "type": "cancel",
    }


ROUTES = [
    route(
        "POST",
        "/v1/billing/meter_event_adjustments",
        create_adjustment,
        "cancel event_name type",
    ),
]
