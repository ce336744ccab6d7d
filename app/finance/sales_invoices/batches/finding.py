"""Whom the invoices of a sheet are for: by a number of the directory, or by the very name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.directory import identifiers
from app.directory.models import Party
from app.directory.naming import name_key
from app.directory.queries import (
    list_by_ids,
    list_by_names,
    list_by_references,
    list_identified,
    load_parts,
)
from app.directory.showing import card_of
from app.finance.sales_invoices.batches.columns import NUMBERS
from app.finance.sales_invoices.batches.sheet import Invoice
from app.finance.sales_invoices.customers import Buyer, buyer_of
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

NOBODY = _m("Say for whom: a customer number, a SIREN, a VAT number or the name.")
NO_NUMBER = _m("No customer of the directory has this number.")
NO_NAME = _m("No customer of the directory has exactly this name.")
NEARLY = _m(
    "No customer of the directory has exactly this name. It has “%(name)s” (no. %(number)s)."
)
SEVERAL = _m(
    "%(count)s customers of the directory fit. Give the customer number that tells them apart."
)
TWO_CUSTOMERS = _m("These numbers belong to different entries of the directory.")
NOT_A_CUSTOMER = _m("“%(name)s” stands in the directory as a supplier only.")
ARCHIVED = _m("“%(name)s” is archived in the directory.")


@dataclass(frozen=True, slots=True)
class Missed:
    """`field` is the column that it is about."""

    field: str
    reason: Reason


class Finder:
    """Knows all customers that a part of a sheet names, in a handful of statements."""

    def __init__(self, invoices: Sequence[Invoice]) -> None:
        pairs = {pair for one in invoices for pair in _numbers(one) if pair[1]}
        references = {str(one.values.get("customer_reference", "")) for one in invoices} - {""}
        keys = {
            name_key(str(one.values["customer"])) for one in invoices if "customer" in one.values
        }
        self._by_reference = {row.reference: row.id for row in list_by_references(references)}
        self._by_number: dict[tuple[str, str], set[UUID]] = {}
        for row in list_identified(pairs):
            self._by_number.setdefault((row.scheme, row.value), set()).add(row.party_id)
        named = list_by_names(keys)
        self._by_key: dict[str, list[Party]] = {}
        for party in named:
            self._by_key.setdefault(party.name_key, []).append(party)
        ids = {*self._by_reference.values(), *(party.id for party in named)}
        ids = ids.union(*self._by_number.values())
        self._parties = list_by_ids(ids)
        wanted = [key for key, row in self._parties.items() if _why_not(row) is None]
        self._parts = load_parts(wanted)
        self._buyers: dict[tuple[UUID, date], Buyer] = {}

    def find(self, invoice: Invoice, *, on: date) -> Buyer | Missed:
        """As its file is on that day."""
        found = self._find(invoice)
        if isinstance(found, Missed):
            return found
        key = found.id, on
        if key not in self._buyers:
            self._buyers[key] = buyer_of(card_of(found, self._parts[found.id], on=on))
        return self._buyers[key]

    def _find(self, invoice: Invoice) -> Party | Missed:
        found: set[UUID] | None = None
        at = "customer"
        for field in NUMBERS:
            if field not in invoice.values:
                continue
            ids = self._numbered(field, str(invoice.values[field]))
            if not ids:
                return Missed(field, Reason("unknown_customer", NO_NUMBER))
            if found is not None and not found & ids:
                return Missed(field, Reason("two_customers", TWO_CUSTOMERS))
            found, at = (ids if found is None else found & ids), field
        if found is None:
            return self._by_name(invoice)
        return self._only(found, at, invoice)

    def _numbered(self, field: str, typed: str) -> set[UUID]:
        if field == "customer_reference":
            found = self._by_reference.get(typed)
            return {found} if found else set()
        return self._by_number.get((field, _value(field, typed)), set())

    def _by_name(self, invoice: Invoice) -> Party | Missed:
        name = str(invoice.values.get("customer", ""))
        if not name:
            return Missed("customer", Reason("no_customer", NOBODY))
        alike = self._by_key.get(name_key(name), [])
        same = {party.id for party in alike if _same(name, party)}
        if not same and alike:
            near: dict[str, str | int] = {"name": alike[0].name, "number": alike[0].number}
            return Missed("customer", Reason("unknown_customer", NEARLY, near))
        if not same:
            return Missed("customer", Reason("unknown_customer", NO_NAME))
        return self._only(same, "customer", invoice)

    def _only(self, ids: set[UUID], field: str, invoice: Invoice) -> Party | Missed:
        """Several sites of one company share its numbers: those that are no customers don't count,
        and the name may tell the others apart."""
        left = [self._parties[one] for one in ids if one in self._parties]
        usable = [row for row in left if _why_not(row) is None]
        if len(usable) > 1 and "customer" in invoice.values:
            named = [row for row in usable if _same(str(invoice.values["customer"]), row)]
            usable = named or usable
        if len(usable) > 1:
            return Missed(field, Reason("several_customers", SEVERAL, {"count": len(usable)}))
        if not usable:
            return Missed(field, _why_not(left[0]) or Reason("unknown_customer", NO_NUMBER))
        return usable[0]


def _numbers(invoice: Invoice) -> list[tuple[str, str]]:
    return [
        (field, _value(field, str(invoice.values[field])))
        for field in NUMBERS
        if field != "customer_reference" and field in invoice.values
    ]


def _value(scheme: str, typed: str) -> str:
    """As the directory keeps it; nothing where it can't be one."""
    try:
        return identifiers.read(scheme, typed)
    except ValueError:
        return ""


def _same(name: str, party: Party) -> bool:
    return " ".join(name.casefold().split()) in (
        " ".join(one.casefold().split()) for one in (party.name, party.trade_name) if one
    )


def _why_not(party: Party) -> Reason | None:
    if party.archived_at is not None:
        return Reason("archived_customer", ARCHIVED, {"name": party.name})
    if not party.customer:
        return Reason("not_a_customer", NOT_A_CUSTOMER, {"name": party.name})
    return None
