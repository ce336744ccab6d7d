"""Which of a customer's delivery addresses and contacts an invoice takes: the usual one, none, or one
that was chosen. What was chosen is kept as it was, whatever becomes of the file."""

from typing import Any

from app.finance.einvoicing.document import Address
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.customers import Buyer
from tenants.core.errors import Invalid
from tenants.core.text import _m

USUAL, NONE = "", "none"
GONE = _m("This is no longer in the customer\u2019s file. Choose again.")


def places(buyer: Buyer, content: Draft) -> list[tuple[str, str]]:
    """Ids with what tells them apart; what was chosen before stays a choice."""
    found = [(one.id, _line(one.name, one.address)) for one in buyer.places]
    kept = content.delivery_choice
    if kept not in (USUAL, NONE, *(key for key, _ in found)) and content.delivery_address:
        found.append((kept, _line(content.delivery_name, content.delivery_address)))
    return found


def people(buyer: Buyer, content: Draft) -> list[tuple[str, str]]:
    found = [
        (str(one.id), ", ".join(part for part in (one.name, one.job or one.email) if part))
        for one in buyer.contacts
    ]
    kept = content.contact_choice
    if kept not in (USUAL, *(key for key, _ in found)) and content.contact:
        found.append((kept, content.contact))
    return found


def delivery(chosen: str, buyer: Buyer, before: Draft) -> dict[str, Any]:
    """What the draft keeps of it."""
    if chosen == USUAL:
        name, address = buyer.delivery_name, buyer.delivery
    elif chosen == NONE:
        name, address = "", None
    else:
        place = next((one for one in buyer.places if one.id == chosen), None)
        if place is not None:
            name, address = place.name, place.address
        elif chosen == before.delivery_choice and before.delivery_address:
            name, address = before.delivery_name, before.delivery_address
        else:
            raise Invalid(field_errors={"delivery": [GONE]})
    return {"delivery_choice": chosen, "delivery_name": name, "delivery_address": address}


def contact(chosen: str, buyer: Buyer, before: Draft) -> dict[str, Any]:
    names = ("contact_choice", "contact", "contact_phone", "contact_email")
    if chosen == USUAL:
        return dict.fromkeys(names, "")
    who = next((one for one in buyer.contacts if str(one.id) == chosen), None)
    if who is not None:
        return dict(zip(names, (chosen, who.name, who.phone, who.email), strict=True))
    if chosen == before.contact_choice and before.contact:
        return {name: getattr(before, name) for name in names}
    raise Invalid(field_errors={"contact": [GONE]})


def _line(name: str, address: Address) -> str:
    town = " ".join(part for part in (address.postcode, address.city) if part)
    return ", ".join(part for part in (name, *address.lines[:1], town) if part)
