"""The operator's queue over 50 granted clients of 1,000 with 200 requests each; floor: the same 50
rows of one client by the client's own list query."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from app.desk import queries
from app.desk.conditions import Reader
from app.desk.filters import QueueFilter
from bench.measure import Result, Stage
from bench.people import make_requests, make_tenants
from tenants.core import clock
from tenants.core.ids import uuid7
from tenants.scoping import across_tenants

Pairs = Sequence[tuple[UUID, str]]


def measure(stage: Stage) -> list[Result]:
    tenants = make_tenants(stage, 1_000, prefix="desk")
    make_requests(stage, [tenant.id for tenant in tenants], each=200)
    granted = [(tenant.id, "finance") for tenant in tenants[::20]]
    reader = Reader(uuid7(), clock.now(), ZoneInfo("Europe/Paris"), {})

    def queue(pairs: Pairs) -> None:
        with (
            stage.app.app_context(),
            across_tenants(reason="bench", tenant_ids=[pair[0] for pair in pairs]) as session,
        ):
            page = queries.list_queue(session, pairs=pairs, reader=reader, chosen=QueueFilter())
            assert len(page.items) == 50

    value, low = stage.meter.interleaved(lambda: queue(granted), lambda: queue(granted[:1]))
    return [Result("operator's queue, 50 of 1,000 clients, 200,000 requests", value, 12, 3, low)]
