"""The checklist of a request as its page shows it: one statement, the rest is known already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.catalogue.item import CatalogueItem
from app.service_requests.catalogue import item_of
from app.service_requests.checklists.rules import HINTS, Facts, is_done
from app.service_requests.checklists.services import HANDED_OVER
from app.service_requests.models import ServiceRequest
from app.web.i18n import text
from tenants.permissions import Actor

ICONS = {
    "do": "checkbox", "attach": "paperclip", "compute": "calculator", "ask_client": "hand-stop",
    "approve": "signature", "wait_until": "calendar-event",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepShown:
    """`by_hand` steps have a box to tick; the others say by `hint` what they wait for."""

    id: UUID
    label: str
    kind: str
    icon: str
    mandatory: bool
    client_rule: bool
    done: bool
    by_hand: bool
    hint: str
    by: str
    at: datetime | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Checklist:
    steps: Sequence[StepShown]
    may_tick: bool

    @property
    def done(self) -> int:
        return sum(one.done for one in self.steps)

    @property
    def blocking(self) -> int:
        return sum(one.mandatory and not one.done and one.kind != "approve" for one in self.steps)


def checklist_of(actor: Actor, request: ServiceRequest, found: Any, today: date) -> Checklist:
    """`found` is the request's conversation. Figures of a service line count as last written down."""
    if actor.side == "client":
        return Checklist((), may_tick=False)
    asked = [row for row in found.questions if row.withdrawn_at is None]
    facts = Facts(
        today=today,
        results=[row.kind for row in found.deliverables if row.superseded_at is None],
        slots=[row.slot for row in found.files if row.slot],
        asked=len(asked),
        open_questions=sum(row.is_open for row in asked),
        approved=any(row.decision == "approved" for row in found.approvals),
    )
    may_tick = (
        actor.can("request.work", request.line)
        and request.is_open
        and request.state not in HANDED_OVER
    )
    return Checklist([_shown(one, item_of(request), facts) for one in found.steps], may_tick)


def _shown(step: Any, item: CatalogueItem, facts: Facts) -> StepShown:
    done = is_done(step, facts)
    return StepShown(
        id=step.id, label=step.label if step.client_rule else text(item.step_words(step.label)), kind=step.kind,
        icon=ICONS[step.kind], mandatory=step.mandatory, client_rule=step.client_rule, done=done,
        by_hand=step.kind == "do", hint="" if done else text(HINTS.get(step.kind, "")),
        by=step.done_by_name if done else "", at=step.done_at if done else None,
        until=step.wait_until,
    )  # fmt: skip
