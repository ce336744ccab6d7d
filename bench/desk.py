"""The operator's queue over 50 granted clients of 200; floor: the same 50 rows of one client."""

from app.desk import queries
from bench.measure import Result, Stage, interleaved
from bench.people import make_requests, make_tenants
from tenants.core import clock
from tenants.core.ids import uuid7
from tenants.scoping import across_tenants


def measure(stage: Stage) -> list[Result]:
    tenants = make_tenants(stage, 200, prefix="desk")
    make_requests(stage, [tenant.id for tenant in tenants], each=200)
    granted = [(tenant.id, "finance") for tenant in tenants[:50]]
    user, now = uuid7(), clock.now()

    def queue(pairs: list[tuple[object, str]]) -> None:
        with (
            stage.app.app_context(),
            across_tenants(
                reason="bench",
                tenant_ids=[pair[0] for pair in pairs],  # type: ignore[misc]
            ) as session,
        ):
            page = queries.list_queue(
                session, granted=pairs, user_id=user, now=now,  # type: ignore[arg-type]
                chosen=queries.QueueFilter(),
            )  # fmt: skip
            assert len(page.items) == 50

    value, low = interleaved(lambda: queue(list(granted)), lambda: queue(list(granted[:1])))
    return [Result("operator's queue, 50 of 200 clients", value, low, must=12.0, goal=3.0)]
