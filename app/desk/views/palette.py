from collections.abc import Iterator, Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue.memory import ITEMS
from app.desk.filters import QueueFilter
from app.desk.queries import (
    DeskContext,
    find_items,
    list_queue,
    search_records,
    search_requests,
)
from app.desk.queue import View, across, views_of
from app.desk.views.blueprint import bp
from app.desk.views.common import address, context, reader, title, user_id
from app.service_requests.presenting import subject_of
from app.service_requests.transitions import STATES
from app.web.i18n import text
from app.web.palette import SHORTEST, Found, Wanted, found_record, wanted
from tenants.core.text import _m
from tenants.endpoints import staff

ROWS = 8


@bp.get("/palette")
@staff("desk.use")
def palette() -> ResponseReturnValue:
    """Whatever is pasted opens; nothing typed shows where one can go."""
    asked, here = wanted(request.args.get("q", "")), context()
    found = [*_clients(here, asked), *_places(here, asked)]
    if asked.text:
        found += _invoices(asked)
        records = list(_records(asked))
        requests = list(_worded(asked)) if asked.number is None else list(_numbered(here, asked))
        # A number means a request before anything else.
        found = [*requests, *found] if asked.number is not None else [*found, *requests]
        found += records
    return render_template("_palette.html", found=found, wanted=asked.text)


def _clients(here: DeskContext, asked: Wanted) -> Iterator[Found]:
    low = asked.text.lower()
    fit = [one for one in here.clients if low in one.name.lower() or low == one.code.lower()]
    for one in fit[:5] if low else []:
        queue = url_for("desk.queue", client=one.slug)
        yield Found(queue, one.name, text(_m("Client")), "building", one.code)
        new = url_for("service_requests.catalogue", slug=one.slug)
        said = text(_m("New request for %(client)s"), {"client": one.name})
        yield Found(new, said, text(_m("Command")), "plus", one.code)


def _places(here: DeskContext, asked: Wanted) -> Iterator[Found]:
    low = asked.text.lower()
    views: Sequence[View] = list(views_of(here).values())
    for view in views:
        if low in title(view).lower():
            yield Found(address(view), title(view), text(_m("View")), view.icon)
    pages = (
        ("desk.saved_views", _m("My desk"), "adjustments"),
        ("desk.texts", _m("Text modules"), "template"),
        ("desk.new_text", _m("New text"), "plus"),
        ("auth.account_page", _m("Account"), "user-cog"),
    )
    for endpoint, label, icon in pages:
        if low in text(label).lower():
            yield Found(url_for(endpoint), text(label), text(_m("Page")), icon)


def _invoices(asked: Wanted) -> Iterator[Found]:
    for row in find_items(number=asked.text):
        url = url_for("finance.items", slug=row["slug"], number=row["number"], q=asked.text)
        said = text(_m("Invoice %(invoice)s in #%(number)s"),
                    {"invoice": asked.text, "number": row["number"]})  # fmt: skip
        yield Found(url, said, text(_m("Open item")), "file-invoice", row["client_code"])


def _records(asked: Wanted) -> Iterator[Found]:
    """Documents, sales invoices, customers and suppliers."""
    if asked.number is None and not asked.words and len(asked.text) < SHORTEST:
        return
    rows = search_records(
        number=None if asked.code else asked.number, typed=asked.text, words=asked.words, limit=ROWS
    )
    for row in rows:
        yield found_record(row["kind"], row["number"], row["id"], row["title"],
                           slug=row["slug"], client=row["client_code"])  # fmt: skip


def _worded(asked: Wanted) -> Iterator[Found]:
    rows = search_requests(words=asked.words, limit=ROWS) if asked.words else ()
    for row in rows:
        where = text(_m("in a message")) if row["in_message"] else text(STATES[row["state"]])
        yield _request(row, where)


def _numbered(here: DeskContext, asked: Wanted) -> Iterator[Found]:
    if not here.clients or asked.number is None:
        return
    slugs = [one.slug for one in here.clients if asked.code in ("", one.code)]
    pairs = [pair for slug in slugs for pair in here.pairs(slug)]
    if not pairs:
        return
    with across(here, reason="desk palette", user_id=user_id()) as session:
        page = list_queue(
            session, pairs=pairs, reader=reader(here), ended=True, limit=ROWS,
            chosen=QueueFilter(search=str(asked.number)),
        )  # fmt: skip
    for row in page.items:
        yield _request(row, text(STATES[row["state"]]))


def _request(row: Any, where: str) -> Found:
    item = ITEMS.get(row["item"])
    url = url_for("service_requests.show", slug=row["slug"], number=row["number"])
    said = f"#{row['number']} {subject_of(row['item'], row['title'])}"
    return Found(url, said, where, item.icon if item else "file", row["client_code"])
