"""“Give me the next one”: what is missed first of all that nobody has yet."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.auth.errands import for_client
from app.desk.filters import NOBODY, QueueFilter
from app.desk.queries import DeskContext, list_queue
from app.desk.queue import across
from app.desk.services.next_one import TAKEN_FROM, take_if_free
from app.desk.views.blueprint import bp
from app.desk.views.common import context, reader
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import staff
from tenants.permissions import LEVELS, Actor

# Pages of waiting work that are looked through at most.
MOST_PAGES = 8


@bp.post("/next")
@staff("desk.use")
def take_next() -> ResponseReturnValue:
    found = context()
    for row in _waiting(found):
        if _taken(row["slug"], row["id"]):
            opened = f"{row['slug']}/{row['number']}"
            return redirect(f"{url_for('desk.queue', view='mine')}&open={opened}", 303)
    return redirect(url_for("desk.queue", view="unassigned", next="none"), 303)


def _taken(slug: str, request_id: UUID) -> bool:
    def work(actor: Actor) -> bool:
        return take_if_free(request_id=request_id, actor=actor, now=clock.now())

    try:
        return for_client(slug, work)
    except CoulisseError:
        return False


def _waiting(found: DeskContext) -> Iterator[Any]:
    """In the order in which they are missed."""
    pairs = [
        (one.tenant_id, line)
        for one in found.clients
        for line, level in one.grant_lines.items()
        if LEVELS[level] >= LEVELS["work"]
    ]
    cursor, who = None, reader(found)
    for _ in range(MOST_PAGES if pairs else 0):
        with across(found, reason="the next one", user_id=who.user_id) as session:
            page = list_queue(
                session, pairs=pairs, reader=who, chosen=QueueFilter(who=NOBODY), cursor=cursor
            )
        yield from (row for row in page.items if row["state"] in TAKEN_FROM)
        cursor = page.next_cursor
        if cursor is None:
            return
