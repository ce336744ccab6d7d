"""What a company's people find by what they type: requests, files, invoices and places to go."""

from collections.abc import Iterator

from flask import url_for

from app.catalogue.memory import ITEMS, offered_items
from app.directory.queries import list_parties
from app.directory.rights import READ, may
from app.documents.queries import Filters, list_documents
from app.finance.item_queries import list_holders
from app.finance.sales_invoices.queries import list_invoices
from app.service_requests import presenting
from app.service_requests.file_search import find_files
from app.service_requests.queries import list_requests
from app.web.i18n import text
from app.web.layout import NavItem
from app.web.palette import SHORTEST, Found, Wanted, found_record
from billing.queries import find_invoice
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import Actor

ROWS = 8
LAST = 3


def find(
    asked: Wanted, *, actor: Actor, slug: str, code: str, country: str, nav: list[NavItem]
) -> list[Found]:
    """A number means a request before anything else; nothing typed shows where one can go."""
    places = list(_places(asked, actor, slug, nav, country))
    if not asked.text:
        return places
    invoices = list(_invoices(asked, actor, slug))
    if asked.number is not None:
        own = asked.code in ("", code)
        requests = list(_requests(str(asked.number), actor, slug)) if own else []
        records = _records(asked, actor, slug)
        return [*requests, *invoices, *records, *places, *_files(asked, actor, slug)]
    if len(asked.text) < SHORTEST:
        return [*invoices, *places]
    return [
        *invoices, *places, *_requests(asked.text, actor, slug), *_records(asked, actor, slug),
        *_files(asked, actor, slug),
    ]  # fmt: skip


def _requests(search: str, actor: Actor, slug: str) -> Iterator[Found]:
    """With the last ones of a kind that is named so: a request may have no words of its own."""
    rows = {row.number: row for row in list_requests(actor=actor, search=search, limit=ROWS).items}
    for one in ITEMS.values():
        if search.lower() in text(one.title).lower():
            found = list_requests(actor=actor, item=one.code, limit=LAST).items
            rows = {row.number: row for row in found} | rows
    for row in sorted(rows.values(), key=lambda row: row.number, reverse=True)[:ROWS]:
        item = ITEMS.get(row.item)
        yield Found(
            url_for("service_requests.show", slug=slug, number=row.number),
            f"#{row.number} {presenting.subject_of(row.item, row.title)}",
            presenting.state_pill(row.state, actor.side).label,
            item.icon if item else "file",
        )


def _files(asked: Wanted, actor: Actor, slug: str) -> Iterator[Found]:
    if len(asked.text) < SHORTEST:
        return
    for row in find_files(actor=actor, words=asked.text, limit=ROWS):
        url = url_for("service_requests.show", slug=slug, number=row.number)
        kind = text(_m("File in #%(number)s"), {"number": row.number})
        yield Found(url, row.name, kind, "paperclip")


def _invoices(asked: Wanted, actor: Actor, slug: str) -> Iterator[Found]:
    """Of the subscription for who reads it, and those of the company's own customers."""
    row = find_invoice(number=asked.text.upper()) if actor.can("subscription.read") else None
    if row is not None:
        url = url_for("subscription.invoice", slug=slug, invoice_number=row.number)
        yield Found(url, text(_m("Invoice %(invoice)s"), {"invoice": row.number}),
                    text(_m("Subscription")), "receipt")  # fmt: skip
    for number in list_holders(actor=actor, number=asked.text, limit=ROWS):
        url = url_for("finance.items", slug=slug, number=number, q=asked.text)
        said = text(_m("Invoice %(invoice)s in #%(number)s"),
                    {"invoice": asked.text, "number": number})  # fmt: skip
        yield Found(url, said, text(_m("Open item")), "file-invoice")


def _records(asked: Wanted, actor: Actor, slug: str) -> Iterator[Found]:
    """Sales invoices, documents, customers and suppliers."""
    if actor.can("sales_invoice.read", "finance"):
        today = clock.now().date()
        for row in list_invoices(today=today, search=asked.text, limit=LAST).items:
            if row.number:
                yield found_record(
                    "sales_invoice", row.number, row.id, row.customer_name, slug=slug
                )
    if actor.can("document.read"):
        filters = Filters(words=asked.text)
        for one in list_documents(actor=actor, filters=filters, limit=LAST).items:
            held = one.document
            yield found_record("document", str(held.number), held.id, held.title, slug=slug)
    if may(actor, READ):
        for party in list_parties(search=asked.text, limit=LAST).items:
            yield found_record("party", str(party.number), party.id, party.name, slug=slug)


def _places(
    asked: Wanted, actor: Actor, slug: str, nav: list[NavItem], country: str
) -> Iterator[Found]:
    low = asked.text.lower()
    for item in nav:
        if item.url and low in item.label.lower():
            yield Found(item.url, item.label, text(_m("Page")), item.icon or "arrow-right")
    account = text(_m("Account"))
    if low in account.lower():
        yield Found(url_for("auth.account_page"), account, text(_m("Page")), "user-cog")
    for one in offered_items(country):
        said = text(_m("New request: %(item)s"), {"item": text(one.title)})
        if actor.can("request.raise", one.line) and low in said.lower():
            url = url_for("service_requests.new_request", slug=slug, item_code=one.code)
            yield Found(url, said, text(_m("Command")), one.icon)
