"""The operator's one queue over every client that a live grant opens to them, in views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.desk.conditions import Reader
from app.desk.filters import ME, NOBODY, QueueFilter, from_query, merged
from app.desk.queries import DeskContext, count_views, list_queue
from tenants import scoping
from tenants.core.pagination import Page
from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class View:
    """`code` is what the address says: a word, or the id of a saved one. `title` of a saved one is
    its maker's words, of ours an English source text."""

    code: str
    icon: str
    title: str
    filter: QueueFilter
    saved: bool = False
    own: bool = False


BUILT_IN: Mapping[str, View] = {
    view.code: view
    for view in (
        View("all", "inbox", _m("All open"), QueueFilter()),
        View("mine", "user", _m("Mine"), QueueFilter(who=ME)),
        View("unassigned", "user-question", _m("Unassigned"), QueueFilter(who=NOBODY)),
        View("overdue", "flame", _m("Overdue"), QueueFilter(due="overdue")),
        View("in_review", "eye", _m("To review"), QueueFilter(state="in_review")),
        View("waiting", "hand-stop", _m("Waiting for clients"),
             QueueFilter(state="waiting_client", sort="waiting")),
        View("snoozed", "alarm", _m("Snoozed"), QueueFilter(snoozed=True)),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """`page` has the rows of the chosen filter, `counts` one figure per view."""

    context: DeskContext
    views: Mapping[str, View]
    view: View
    chosen: QueueFilter
    page: Page[Any]
    counts: Mapping[str, int]


def views_of(context: DeskContext) -> dict[str, View]:
    saved = (
        View(str(one.id), one.icon, one.name, from_query(one.query), saved=True, own=one.own)
        for one in context.views
    )
    return {**BUILT_IN, **{view.code: view for view in saved}}


def reader_of(context: DeskContext, *, user_id: UUID, now: datetime, zone: ZoneInfo) -> Reader:
    tenants = {one.slug: one.tenant_id for one in context.clients}
    return Reader(user_id, now, zone, tenants)


def read_desk(
    *,
    context: DeskContext,
    reader: Reader,
    view: str,
    chosen: QueueFilter,
    cursor: str | None = None,
    reviews: bool = False,
) -> Desk:
    """A built-in view's filter holds beside what is chosen; a saved one's stands in the address
    itself, where it can be changed."""
    views = views_of(context)
    shown = views.get(view) or BUILT_IN["all"]
    if not shown.saved:
        chosen = merged(shown.filter, chosen)
    if not context.clients:
        return Desk(context, views, shown, chosen, Page([], None), dict.fromkeys(views, 0))
    with across(context, reason="desk queue", user_id=reader.user_id) as session:
        page = list_queue(
            session, pairs=context.pairs(chosen.client), reader=reader,
            chosen=replace(chosen, client=""), cursor=cursor,
        )  # fmt: skip
        counts = count_views(
            session, pairs=context.pairs(), reader=reader,
            views={code: one.filter for code, one in views.items()}, worked=context.worked(),
            reviewed=context.reviewed() if reviews else {},
        )  # fmt: skip
    return Desk(context, views, shown, chosen, page, counts)


def across(context: DeskContext, *, reason: str, user_id: UUID) -> Any:
    """Ends the read before it, so that the one across clients may begin."""
    scoping.leave()
    ids: Sequence[UUID] = [one.tenant_id for one in context.clients]
    return scoping.across_tenants(reason=reason, tenant_ids=ids, user_id=user_id)
