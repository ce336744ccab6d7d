"""What Stripe holds of a customer's address, VAT number, card and taxes, as our rows have it."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from billing.gateway import StripeGateway
from billing.models import ENDED, VAT_STATES, BillingAccount
from billing.taxes.rules import Kind
from billing.taxes.territories import OVERSEAS, territory

Json = Mapping[str, Any]


def fetch(gateway: StripeGateway, state: Json) -> dict[str, Any]:
    """What belongs to the customer's state besides: calls Stripe, touches no table."""
    customer = state["customer"]
    if customer.get("deleted"):
        return {}
    method = _method_of(customer, state["subscriptions"])
    return {
        "vat_ids": gateway.vat_ids(customer["id"]),
        "payment_method": gateway.fetch_payment_method(method) if method else None,
    }


def account_values(account: BillingAccount, state: Json) -> dict[str, Any]:
    """Stripe's address and VAT number are taken over once it has heard of ours: they may have been
    changed in its portal since."""
    customer = state["customer"]
    if customer.get("deleted") or "vat_ids" not in state:
        return {}
    values = _card(state["payment_method"]) | {"tax_exempt": customer["tax_exempt"] or "none"}
    if account.details_told == account.details_revision:
        values |= _address(account, customer) | _number(account, state["vat_ids"])
    return values


def invoice_values(given: Json, home: str) -> dict[str, Any]:
    """`home` is the seller's country."""
    rates = given["default_tax_rates"] or []
    counts = bool(rates) and given["customer_tax_exempt"] in (None, "none")
    percentage = Decimal(str(rates[0]["percentage"])) if counts else None
    return {
        "tax_treatment": treatment_on(given, home),
        "tax_rate": percentage,
        "buyer_vat_id": next((one["value"] for one in given["customer_tax_ids"] or ()), "") or "",
        "buyer_country": (given["customer_address"] or {}).get("country") or "",
        "credited": _credited(given),
        "balance_used": (given["ending_balance"] or 0) - given["starting_balance"]
        if given["ending_balance"] is not None
        else 0,
        "payments": [_payment(one) for one in given["payments"]],
    }


def treatment_on(given: Json, home: str) -> Kind | str:
    """What an invoice says of its VAT; empty where it says nothing."""
    address = given["customer_address"] or {}
    if not address.get("country"):
        return ""
    place = territory(address["country"], address.get("postal_code") or "")
    exempt = given["customer_tax_exempt"]
    if exempt == "reverse":
        return "reverse_charge"
    if exempt == "exempt":
        return "outside"
    if not given["default_tax_rates"]:
        return ""
    at_home = place == territory(home) or (home == "FR" and place in OVERSEAS)
    return "domestic" if at_home else "supplier_rate"


def _credited(given: Json) -> int:
    return int(given["pre_payment_credit_notes_amount"] + given["post_payment_credit_notes_amount"])


def _payment(one: Json) -> dict[str, Any]:
    paid = one["status"] == "paid"
    at = one["status_transitions"]["paid_at"] if paid else one["created"]
    return {"at": at, "paid": paid, "amount": one["amount_paid"] or one["amount_requested"]}


def _method_of(customer: Json, subscriptions: Sequence[Json]) -> str | None:
    """Checkout leaves the card at the subscription, the portal at the customer."""
    live = [one for one in subscriptions if one["status"] not in ENDED]
    own = [one["default_payment_method"] for one in live if one["default_payment_method"]]
    found = next(iter(own), None) or customer["invoice_settings"]["default_payment_method"]
    return str(found) if found else None


def _card(method: Json | None) -> dict[str, Any]:
    held = (method or {}).get((method or {}).get("type", ""), {}) or {}
    until = None
    if held.get("exp_year"):
        year, month = held["exp_year"], held["exp_month"]
        until = date(year, month, monthrange(year, month)[1])
    return {
        "card_brand": str(held.get("brand") or (method or {}).get("type") or ""),
        "card_last4": str(held.get("last4") or ""),
        "card_until": until,
    }


def _address(account: BillingAccount, customer: Json) -> dict[str, Any]:
    held = customer["address"] or {}
    return {
        "billing_name": customer["name"] or account.billing_name,
        "billing_email": customer["email"] or account.billing_email,
        "line1": held.get("line1") or "",
        "line2": held.get("line2") or "",
        "postcode": held.get("postal_code") or "",
        "town": held.get("city") or "",
        "country": held.get("country") or account.country,
    }


def _number(account: BillingAccount, held: Sequence[Json]) -> dict[str, Any]:
    if not held:
        # One that Stripe didn't take stays here, with what it said of it.
        gone = account.vat_id and account.vat_status != "unverified"
        return {"vat_id": "", "vat_status": ""} if gone else {}
    same = [one for one in held if one["value"] == account.vat_id]
    right = [one for one in held if _status(one) == "verified"]
    chosen = (same or right or list(held))[0]
    return {"vat_id": chosen["value"], "vat_status": _status(chosen)}


def _status(one: Json) -> str:
    status = (one["verification"] or {}).get("status") or "unavailable"
    return status if status in VAT_STATES else "unavailable"
