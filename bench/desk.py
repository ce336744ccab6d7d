"""The operator's queue over 50 granted clients of 1,000 with 200 requests each: its two questions, the
complete pages by filter and order, and opening a request. Floors: one of these clients' own list of
50, as a question and as a complete page."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.desk import queries
from app.desk.conditions import Reader
from app.desk.filters import QueueFilter
from app.desk.queue import BUILT_IN
from app.service_requests.queries import list_requests
from bench import supervising
from bench.browser import getter, session_of
from bench.desk_data import Desk, make_desk
from bench.measure import Result, Stage
from bench.people import BenchTenant
from bench.portal import statements
from tenants.core import clock
from tenants.core.db import unit_of_work
from tenants.permissions import Actor
from tenants.scoping import Scope, across_tenants, enter

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
    return [*_database(stage, desk), *_pages(stage, desk), *supervising.measure(stage, desk)]


def _database(stage: Stage, desk: Desk) -> list[Result]:
    reader = Reader(desk.operator, clock.now(), ZoneInfo("Europe/Paris"), {})
    views = {code: view.filter for code, view in BUILT_IN.items()}

    def queue(session: Session) -> None:
        page = queries.list_queue(session, pairs=desk.pairs, reader=reader, chosen=QueueFilter())
        assert len(page.items) == 50

    def counts(session: Session) -> None:
        found = queries.count_views(
            session, pairs=desk.pairs, reader=reader, views=views, worked={}, reviewed={}
        )
        assert found["all"] > 50

    def across(read: Callable[[Session], None]) -> Callable[[], None]:
        def act() -> None:
            ids = [tenant.id for tenant in desk.granted]
            with (
                stage.app.app_context(),
                across_tenants(reason="bench", tenant_ids=ids) as session,
            ):
                read(session)

        return act

    listed, counted, low = stage.meter.interleaved(
        across(queue), across(counts), _own_list(stage, desk.granted[0]), times=4
    )
    return [
        Result("operator's queue, 50 of 1,000 clients, 200,000 requests", listed, 12, 3, low),
        Result("counts of its seven views", counted, 12, 3, low),
    ]


def _own_list(stage: Stage, client: BenchTenant) -> Callable[[], None]:
    actor = Actor(user_id=client.member, name="", side="client", lines={"finance": ""})

    def act() -> None:
        with stage.app.app_context():
            enter(Scope(tenant_id=client.id, side="client"))
            with unit_of_work():
                assert len(list_requests(actor=actor, state="open").items) == 50

    return act


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
        queue, request, palette, *narrowed, own, rounds=11, times=2
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
