"""The customer portal: what a customer may do there, and the sessions that lead to it."""

from __future__ import annotations

from typing import Any

from billing.sim.errors import bad_request
from billing.sim.events import emit
from billing.sim.params import Params, boolean, mapping, merged_metadata, required, sequence, text
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown

LASTS = 3600
FLOWS = ("payment_method_update", "subscription_cancel")


def _features(given: Params) -> Obj:
    def on(name: str) -> bool:
        return boolean(mapping(given, name), "enabled")

    cancel = mapping(given, "subscription_cancel")
    mode = text(cancel, "mode") or "at_period_end"
    if mode not in ("at_period_end", "immediately"):
        raise bad_request("Invalid mode.", param="features[subscription_cancel][mode]")
    if on("subscription_update") or on("subscription_pause"):
        raise bad_request("The simulator's portal neither changes nor pauses.", param="features")
    updates = mapping(given, "customer_update")
    return {
        "customer_update": {
            "allowed_updates": sequence(updates, "allowed_updates"),
            "enabled": on("customer_update"),
        },
        "invoice_history": {"enabled": on("invoice_history")},
        "payment_method_update": {
            "enabled": on("payment_method_update"),
            "payment_method_configuration": None,
        },
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "feedback_options": [], "options": []},
            "enabled": on("subscription_cancel"),
            "mode": mode,
            "proration_behavior": text(cancel, "proration_behavior") or "none",
        },
        "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"},
                               "enabled": False},
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "products": None,
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }  # fmt: skip


EVERYTHING: dict[str, Any] = {
    "customer_update": {
        "enabled": "true",
        "allowed_updates": ["address", "email", "name", "tax_id"],
    },
    "invoice_history": {"enabled": "true"},
    "payment_method_update": {"enabled": "true"},
    "subscription_cancel": {"enabled": "true"},
}


def create_configuration(store: Store, params: Params) -> Obj:
    profile = mapping(params, "business_profile")
    configuration: Obj = {
        "id": new_id("bpc"),
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": {
            name: text(profile, name)
            for name in ("headline", "privacy_policy_url", "terms_of_service_url")
        },
        "created": store.now(),
        "default_return_url": text(params, "default_return_url"),
        "features": _features(mapping(params, "features")),
        "is_default": not store.table("portal_configurations"),
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": merged_metadata({}, params),
        "name": text(params, "name"),
        "updated": store.now(),
    }
    store.put("portal_configurations", configuration)
    emit(store, "billing_portal.configuration.created", configuration)
    return shown(store, configuration)


def update_configuration(store: Store, params: Params, ident: str) -> Obj:
    configuration = store.get("portal_configurations", ident, status=404)
    if "features" in params:
        configuration["features"] = _features(mapping(params, "features"))
    for name in ("default_return_url", "name"):
        if name in params:
            configuration[name] = text(params, name)
    configuration["active"] = boolean(params, "active", default=configuration["active"])
    configuration["metadata"] = merged_metadata(configuration["metadata"], params)
    configuration["updated"] = store.now()
    emit(store, "billing_portal.configuration.updated", configuration, {})
    return shown(store, configuration)


def retrieve_configuration(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("portal_configurations", ident, status=404))


def list_configurations(store: Store, params: Params) -> Obj:
    rows = [
        row
        for row in store.newest("portal_configurations")
        if all(
            name not in params or row[name] is boolean(params, name)
            for name in ("active", "is_default")
        )
    ]
    return page(store, "/v1/billing_portal/configurations", rows, params)


def _default(store: Store) -> str:
    for row in store.table("portal_configurations").values():
        if row["is_default"]:
            return str(row["id"])
    return str(create_configuration(store, {"features": EVERYTHING})["id"])


def create_session(store: Store, params: Params) -> Obj:
    customer = store.get("customers", required(params, "customer"), param="customer")["id"]
    configuration = text(params, "configuration") or _default(store)
    store.get("portal_configurations", configuration, param="configuration")
    flow = text(mapping(params, "flow_data"), "type")
    if flow is not None and flow not in FLOWS:
        raise bad_request("The simulator does not know this flow.", param="flow_data[type]")
    ident = new_id("bps")
    session: Obj = {
        "id": ident,
        "object": "billing_portal.session",
        "after_expiration": None,
        "configuration": configuration,
        "created": store.now(),
        "customer": customer,
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": text(params, "locale"),
        "on_behalf_of": None,
        "return_url": text(params, "return_url"),
        "url": f"{store.base_url}/_sim/portal/{ident}",
        "_flow": flow,
    }
    return shown(store, store.put("portal_sessions", session))


CONFIGURATION = "business_profile default_return_url features metadata name"
ROUTES = [
    route("POST", "/v1/billing_portal/configurations", create_configuration, CONFIGURATION),
    route(
        "GET", "/v1/billing_portal/configurations", list_configurations,
        f"{PAGED} active is_default",
    ),
    route("GET", "/v1/billing_portal/configurations/{id}", retrieve_configuration),
    route(
        "POST", "/v1/billing_portal/configurations/{id}", update_configuration,
        f"{CONFIGURATION} active",
    ),
    route(
        "POST", "/v1/billing_portal/sessions", create_session,
        "configuration customer flow_data locale return_url",
    ),
]  # fmt: skip
