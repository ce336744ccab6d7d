"""The operator's queue over 50 granted clients of 1,000 with 200 requests each: what the database
does, the complete pages by filter and order, and opening a request; floor of the pages: a client's
own list of 50, complete page, signed in."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.desk import queries
from app.desk.conditions import Reader
from app.desk.filters import QueueFilter
from app.desk.queue import BUILT_IN
from bench.browser import getter, session_of
from bench.desk_data import Desk, make_desk
from bench.measure import Result, Stage
from bench.portal import statements
from tenants.core import clock
from tenants.scoping import across_tenants

Pairs = Sequence[tuple[UUID, str]]
QUEUE = "/desk?view=all"
# Each is the whole page, with the counts of the views beside it.
NARROWED: Mapping[str, str] = {
    "with words in titles": "q=about+the+bank",
    "of one state": "state=in_review",
    "of one line": "line=hr",
    "overdue": "due=overdue",
    "of one client": "client=desk-0",
    "by due date": "sort=due",
    "newest first": "sort=newest",
    "longest without a move first": "sort=waiting",
}


def measure(stage: Stage) -> list[Result]:
    desk = make_desk(stage)
    return [*_database(stage, desk), *_pages(stage, desk)]


def _database(stage: Stage, desk: Desk) -> list[Result]:
    reader = Reader(desk.operator, clock.now(), ZoneInfo("Europe/Paris"), {})
    views = {code: view.filter for code, view in BUILT_IN.items()}

    def queue(session: Session, pairs: Pairs) -> None:
        page = queries.list_queue(session, pairs=pairs, reader=reader, chosen=QueueFilter())
        assert len(page.items) == 50

    def counts(session: Session, pairs: Pairs) -> None:
        found = queries.count_views(session, pairs=pairs, reader=reader, views=views)
        assert found["all"] > 50

    def across(read: Callable[[Session, Pairs], None], pairs: Pairs) -> Callable[[], None]:
        def act() -> None:
            ids = list(dict.fromkeys(tenant_id for tenant_id, _ in pairs))
            with (
                stage.app.app_context(),
                across_tenants(reason="bench", tenant_ids=ids) as session,
            ):
                read(session, pairs)

        return act

    own = desk.pairs[:3]
    listed, counted, low = stage.meter.interleaved(
        across(queue, desk.pairs), across(counts, desk.pairs), across(queue, own)
    )
    return [
        Result("operator's queue, 50 of 1,000 clients, 200,000 requests", listed, 12, 3, low),
        Result("counts of its seven views", counted, 12, 3, low),
    ]


def _pages(stage: Stage, desk: Desk) -> list[Result]:
    client = desk.granted[0]
    own = getter(
        stage.app, f"/c/{client.slug}/requests?state=open", Cookie=session_of(stage, client.member)
    )
    queue = _page(stage, desk, QUEUE)
    request = _page(stage, desk, f"/c/{client.slug}/requests/6")
    palette = _page(stage, desk, "/desk/palette?q=supplier+77")
    narrowed = [_page(stage, desk, f"{QUEUE}&{query}") for query in NARROWED.values()]
    shown, opened, searched, *values, low = stage.meter.interleaved(
        queue, request, palette, *narrowed, own, times=4
    )
    most = max(statements(stage, act, bindings=False) for act in (queue, *narrowed))
    return [
        Result("its complete page", shown, 12, 3, low),
        Result("its SQL statements at most, however narrowed", most, 4, 4, unit="statements"),
        *(
            Result(f"the page {name}", value, 12, 3, low)
            for name, value in zip(NARROWED, values, strict=True)
        ),
        Result("words in every granted client's requests and messages", searched, 12, 3, low),
        Result("opening a request from the queue", opened, 6, 3, low),
        Result(
            "its SQL statements, as operator", statements(stage, request, bindings=False), 8, 8,
            unit="statements",
        ),
    ]  # fmt: skip


def _page(stage: Stage, desk: Desk, path: str) -> Callable[[], bytes]:
    return getter(stage.app, path, Cookie=desk.cookie)
