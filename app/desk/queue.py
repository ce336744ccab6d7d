"""The operator's one queue over every client that a live grant opens to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.desk.queries import QueueFilter, count_queue, list_queue
from app.service_requests.catalogue import LINES
from app.service_requests.transitions import OPEN
from tenants import scoping
from tenants.core.pagination import Page
from tenants.queries import Workspace, list_workspaces

VIEWS = ("all", "mine", "unassigned", "overdue", "in_review")


@dataclass(frozen=True, slots=True)
class Desk:
    """`granted` are the (tenant, line) pairs; `page` has the rows of the chosen filter."""

    clients: Sequence[Workspace]
    page: Page[Any]
    counts: Mapping[str, int]


def filter_of(args: Mapping[str, str]) -> QueueFilter:
    """What stands in the address; unknown values count as none."""
    state, line = args.get("state", ""), args.get("line", "")
    view = args.get("view", "")
    chosen = QueueFilter(
        state=state if state in OPEN else "",
        client=args.get("client", "")[:64],
        line=line if line in LINES else "",
        mine=view == "mine",
        unassigned=view == "unassigned",
        overdue=view == "overdue",
        search=args.get("q", "").strip()[:120],
    )
    return replace(chosen, state="in_review") if view == "in_review" else chosen


def granted_pairs(clients: Sequence[Workspace], slug: str = "") -> list[tuple[UUID, str]]:
    return [
        (one.tenant_id, line)
        for one in clients
        if slug in ("", one.slug)
        for line in one.grant_lines
    ]


def list_clients() -> list[Workspace]:
    """Those with a live grant; ends the read, so that `across_tenants` may begin its own."""
    found = [one for one in list_workspaces() if one.grant_lines]
    scoping.leave()
    return found


def read_desk(
    *, user_id: UUID, now: datetime, chosen: QueueFilter, cursor: str | None, counted: bool = True
) -> Desk:
    clients = list_clients()
    everywhere = granted_pairs(clients)
    if not everywhere:
        return Desk(clients, Page([], None), dict.fromkeys(VIEWS, 0))
    with scoping.across_tenants(
        reason="desk queue", tenant_ids=[one.tenant_id for one in clients], user_id=user_id
    ) as session:
        page = list_queue(
            session, granted=granted_pairs(clients, chosen.client), user_id=user_id, now=now,
            chosen=chosen, cursor=cursor,
        )  # fmt: skip
        counts = (
            count_queue(session, granted=everywhere, user_id=user_id, now=now) if counted else {}
        )
    return Desk(clients, page, counts)
