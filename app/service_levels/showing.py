"""A round over several clients, as its starter follows it: how far it is, and what did not work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.service_levels.overview import ClientMonths
from app.service_levels.rounds import Begun
from app.web.i18n import text
from tenants.core.text import _m
from tenants.jobs import COULD_NOT_FINISH, Part


@dataclass(frozen=True, slots=True)
class Round:
    """Of the clients that are open to the reader; `hidden` are the others. `stuck` are those that
    failed or wait for their access, each with its sentence."""

    id: UUID
    title: str
    by: str
    at: datetime
    shown: int
    hidden: int
    done: int
    failed: int
    stuck: Sequence[tuple[ClientMonths, str]]

    @property
    def going(self) -> bool:
        return self.done + len(self.stuck) < self.shown


def round_of(begun: Begun, parts: Sequence[Part], clients: Mapping[UUID, ClientMonths]) -> Round:
    mine = [one for one in parts if one.tenant_id in clients]
    stuck = [(clients[one.tenant_id], _sentence(one)) for one in mine if _is_stuck(one)]
    return Round(
        id=begun.id, title=text(begun.title, begun.title_params), by=begun.by, at=begun.at,
        shown=len(mine), hidden=begun.total - len(mine),
        done=sum(one.state == "succeeded" for one in mine),
        failed=sum(one.state in ("quarantined", "cancelled") for one in mine),
        stuck=sorted(stuck, key=lambda one: one[0].name),
    )  # fmt: skip


def _is_stuck(part: Part) -> bool:
    return part.state in ("quarantined", "cancelled") or (part.held and not part.ended)


def _sentence(part: Part) -> str:
    if part.state == "cancelled":
        return text(_m("It was cancelled."))
    if part.state == "quarantined":
        return part.error or text(COULD_NOT_FINISH)
    return text(_m("It waits: the company's subscription does not allow it at present."))
