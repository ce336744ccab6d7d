"""What the client wrote in a request, as the fields of an entry of the directory. What can't be told
for sure is left to the operator, who has the client's own words beside it."""

import re
from collections.abc import Mapping
from typing import Any

_TOWN = re.compile(r"(?:[A-Z]{1,2}[- ])?(\d{4,5})\s+(\S.*)")
_COUNTRY = re.compile(r"[A-Z]{2}")


def prefilled(form: Mapping[str, Any]) -> dict[str, Any]:
    """Values of PartyData by their names, and of a second contact."""

    def said(name: str) -> str:
        return str(form.get(name) or "").strip()

    country = said("country").upper()
    country = country if _COUNTRY.fullmatch(country) else ""
    values: dict[str, Any] = {
        "name": said("title"), "customer": said("role") in ("customer", "both"),
        "supplier": said("role") in ("supplier", "both"), "kind": said("kind") or "company",
        "vat": said("vat"), "billing_street": said("street"), "billing_postcode": said("postcode"),
        "billing_city": said("city"), "billing_country": country,
        "contact_name": said("contact_name"), "contact_email": said("contact_email"),
        "contact_phone": said("contact_phone"), "payment_text": said("payment_text"),
        "end_of_month": form.get("end_of_month") in (True, "yes", "true", "1"),
        "payment_days": _days(form.get("payment_days")), "second_name": said("accounts_name"),
        "second_email": said("accounts_email"),
    }  # fmt: skip
    values |= _number(said("registration"), values["billing_country"])
    values |= _delivery(said("delivery"), country)
    return values | _endpoint(said("e_invoice"))


def _days(typed: Any) -> int | None:
    text = str(typed if typed is not None else "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _number(typed: str, country: str) -> dict[str, str]:
    digits = "".join(typed.split())
    if digits.isascii() and digits.isdigit() and country in ("FR", ""):
        scheme = {9: "siren", 14: "siret"}.get(len(digits))
        if scheme:
            return {scheme: digits}
    return {"register": typed} if typed else {}


def _delivery(typed: str, country: str) -> dict[str, str]:
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    town = _TOWN.fullmatch(lines[-1]) if lines else None
    if town is None:
        return {}
    found = {"delivery_postcode": town[1], "delivery_city": town[2], "delivery_country": country}
    if len(lines) > 1:
        found["delivery_street"] = lines[-2]
    if len(lines) > 2:
        found["delivery_name"] = lines[0]
    return found


def _endpoint(typed: str) -> dict[str, str]:
    scheme, _, rest = typed.partition(":")
    if rest and re.fullmatch("[0-9A-Z]{2,4}", scheme):
        return {"endpoint_scheme": scheme, "endpoint_value": rest.strip()}
    if "@" in typed:
        return {"endpoint_scheme": "EM", "endpoint_value": typed}
    if re.match(r"\d{9}(?!\d)", typed):
        return {"endpoint_scheme": "0225", "endpoint_value": typed}
    return {"endpoint_value": typed} if typed else {}
