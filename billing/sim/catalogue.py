from __future__ import annotations

from decimal import Decimal

from billing.sim.errors import ApiError, bad_request, missing_param
from billing.sim.events import emit
from billing.sim.params import (
    Params,
    boolean,
    decimal,
    integer,
    mapping,
    merged_metadata,
    required,
    sequence,
    text,
    within,
)
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown


def plain(number: Decimal) -> str:
    """`Decimal("1E+2")` and `Decimal("0.50")` as Stripe writes them."""
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def create_product(store: Store, params: Params) -> Obj:
    ident = text(params, "id") or new_id("prod")
    if ident in store.table("products"):
        raise bad_request(
            f"Product already exists with id: {ident}", param="id", code="resource_already_exists"
        )
    product = {
        "id": ident,
        "object": "product",
        "active": boolean(params, "active", default=True),
        "created": store.now(),
        "default_price": None,
        "description": text(params, "description"),
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": merged_metadata({}, params),
        "name": required(params, "name"),
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": text(params, "tax_code"),
        "tax_details": None,
        "type": "service",
        "unit_label": text(params, "unit_label"),
        "updated": store.now(),
        "url": None,
    }
    store.put("products", product)
    emit(store, "product.created", product)
    return shown(store, product)


def update_product(store: Store, params: Params, ident: str) -> Obj:
    product = store.get("products", ident, status=404)
    for name in ("name", "description", "unit_label", "tax_code"):
        if name in params:
            product[name] = text(params, name)
    product["active"] = boolean(params, "active", default=product["active"])
    product["metadata"] = merged_metadata(product["metadata"], params)
    product["updated"] = store.now()
    emit(store, "product.updated", product)
    return shown(store, product)


def retrieve_product(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("products", ident, status=404))


def list_products(store: Store, params: Params) -> Obj:
    rows = [
        row
        for row in store.newest("products")
        if "active" not in params or row["active"] is boolean(params, "active")
    ]
    return page(store, "/v1/products", rows, params)


def _amount(params: Params, prefix: str) -> Decimal | None:
    whole, fine = integer(params, prefix), decimal(params, f"{prefix}_decimal")
    if whole is not None and fine is not None:
        raise bad_request(f"You may only specify one of {prefix}, {prefix}_decimal.", param=prefix)
    return Decimal(whole) if whole is not None else fine


def _shown_amount(amount: Decimal | None, prefix: str) -> Obj:
    whole = None if amount is None or amount != int(amount) else int(amount)
    return {prefix: whole, f"{prefix}_decimal": None if amount is None else plain(amount)}


def _tiers(params: Params) -> list[Obj]:
    tiers: list[Obj] = []
    for given in sequence(params, "tiers"):
        bound = required(given, "up_to")
        unit, flat = _amount(given, "unit_amount"), _amount(given, "flat_amount")
        if unit is None and flat is None:
            raise missing_param("tiers[unit_amount]")
        tiers.append(
            {"up_to": None if bound == "inf" else int(bound)}
            | _shown_amount(unit, "unit_amount")
            | _shown_amount(flat, "flat_amount")
        )
    bounds = [tier["up_to"] for tier in tiers]
    if not bounds or bounds[-1] is not None or None in bounds[:-1]:
        raise bad_request("The last tier, and only it, must be up to inf.", param="tiers")
    if bounds[:-1] != sorted(set(bounds[:-1])):
        raise bad_request("Tiers must rise.", param="tiers")
    return tiers


def _recurring(store: Store, params: Params) -> Obj | None:
    given = mapping(params, "recurring")
    if not given:
        return None
    usage = text(given, "usage_type") or "licensed"
    meter = text(given, "meter")
    if usage == "metered":
        if meter is None:
            raise bad_request("Metered prices must be backed by meters.", param="recurring[meter]")
        store.get("meters", meter, param="recurring[meter]")
    elif meter is not None:
        raise bad_request("Only metered prices have meters.", param="recurring[meter]")
    interval = required(given, "interval")
    if interval not in ("day", "week", "month", "year"):
        raise bad_request(f"Invalid recurring[interval]: {interval}", param="recurring[interval]")
    return {
        "interval": interval,
        "interval_count": integer(given, "interval_count") or 1,
        "meter": meter,
        "trial_period_days": None,
        "usage_type": usage,
    }


def create_price(store: Store, params: Params) -> Obj:
    product = required(params, "product")
    store.get("products", product, param="product")
    lookup = text(params, "lookup_key")
    holders = [
        row for row in store.table("prices").values() if lookup and row["lookup_key"] == lookup
    ]
    if holders and not boolean(params, "transfer_lookup_key"):
        raise bad_request(
            f"A price (`{holders[0]['id']}`) already uses that lookup key.", param="lookup_key"
        )
    scheme = text(params, "billing_scheme") or "per_unit"
    amount = _amount(params, "unit_amount")
    tiers: list[Obj] = []
    mode = text(params, "tiers_mode")
    if scheme == "tiered":
        tiers = _tiers(params)
        if mode != "graduated":
            raise bad_request("The simulator knows graduated tiers only.", param="tiers_mode")
    elif amount is None:
        raise missing_param("unit_amount")
    price = {
        "id": new_id("price"),
        "object": "price",
        "active": boolean(params, "active", default=True),
        "billing_scheme": scheme,
        "created": store.now(),
        "currency": required(params, "currency"),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": lookup,
        "metadata": merged_metadata({}, params),
        "nickname": text(params, "nickname"),
        "product": product,
        "recurring": (recurring := _recurring(store, params)),
        "tax_behavior": text(params, "tax_behavior") or "unspecified",
        "tiers_mode": mode,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        **_shown_amount(None if tiers else amount, "unit_amount"),
        "_tiers": tiers,
    }
    for holder in holders:
        holder["lookup_key"] = None
    store.put("prices", price)
    emit(store, "price.created", price)
    return shown(store, price)


def update_price(store: Store, params: Params, ident: str) -> Obj:
    price = store.get("prices", ident, status=404)
    if "nickname" in params:
        price["nickname"] = text(params, "nickname")
    price["active"] = boolean(params, "active", default=price["active"])
    price["metadata"] = merged_metadata(price["metadata"], params)
    emit(store, "price.updated", price)
    return shown(store, price)


def retrieve_price(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("prices", ident, status=404))


def list_prices(store: Store, params: Params) -> Obj:
    keys = sequence(params, "lookup_keys")
    product = text(params, "product")
    rows = [
        row
        for row in store.newest("prices")
        if (not keys or row["lookup_key"] in keys)
        and (product is None or row["product"] == product)
        and ("active" not in params or row["active"] is boolean(params, "active"))
    ]
    return page(store, "/v1/prices", rows, params)


def create_tax_rate(store: Store, params: Params) -> Obj:
    percentage = decimal(params, "percentage")
    if percentage is None:
        raise missing_param("percentage")
    if not 0 <= percentage <= 100:
        raise ApiError(400, "Invalid percentage", param="percentage")
    rate = {
        "id": new_id("txr"),
        "object": "tax_rate",
        "active": boolean(params, "active", default=True),
        "country": text(params, "country"),
        "created": store.now(),
        "description": text(params, "description"),
        "display_name": required(params, "display_name"),
        "effective_percentage": None,
        "flat_amount": None,
        "inclusive": required(params, "inclusive") == "true",
        "jurisdiction": text(params, "jurisdiction"),
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "percentage": float(percentage),
        "rate_type": "percentage",
        "state": text(params, "state"),
        "tax_type": text(params, "tax_type"),
    }
    store.put("tax_rates", rate)
    emit(store, "tax_rate.created", rate)
    return shown(store, rate)


def retrieve_tax_rate(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("tax_rates", ident, status=404))


def list_tax_rates(store: Store, params: Params) -> Obj:
    rows = [
        row
        for row in store.newest("tax_rates")
        if within(params.get("created"), row["created"])
        and ("active" not in params or row["active"] is boolean(params, "active"))
        and ("inclusive" not in params or row["inclusive"] is boolean(params, "inclusive"))
    ]
    return page(store, "/v1/tax_rates", rows, params)


PRODUCT = "active description metadata name tax_code unit_label"
ROUTES = [
    route("POST", "/v1/products", create_product, f"{PRODUCT} id"),
    route("GET", "/v1/products", list_products, f"{PAGED} active"),
    route("GET", "/v1/products/{id}", retrieve_product),
    route("POST", "/v1/products/{id}", update_product, PRODUCT),
    route(
        "POST",
        "/v1/prices",
        create_price,
        "active billing_scheme currency lookup_key metadata nickname product recurring"
        " tax_behavior tiers tiers_mode transfer_lookup_key unit_amount unit_amount_decimal",
    ),
    route("GET", "/v1/prices", list_prices, f"{PAGED} active lookup_keys product"),
    route("GET", "/v1/prices/{id}", retrieve_price),
    route("POST", "/v1/prices/{id}", update_price, "active metadata nickname"),
    route(
        "POST",
        "/v1/tax_rates",
        create_tax_rate,
        "active country description display_name inclusive jurisdiction metadata percentage"
        " state tax_type",
    ),
    route("GET", "/v1/tax_rates", list_tax_rates, f"{PAGED} active created inclusive"),
    route("GET", "/v1/tax_rates/{id}", retrieve_tax_rate),
]
