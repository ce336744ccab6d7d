"""Freezing a checklist into a request, ticking it, and what it holds back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, update

from app.playbooks.queries import list_for_work
from app.service_requests.catalogue import item_of
from app.service_requests.checklists import rules
from app.service_requests.checklists.figures import compute_figures
from app.service_requests.checklists.models import ChecklistStep
from app.service_requests.checklists.queries import get_step, list_steps, read_facts
from app.service_requests.models import ServiceRequest
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor

# From the quality check on the list is what was handed over.
HANDED_OVER = ("in_review", "awaiting_approval", "delivered")


class ChecklistOpen(Conflict):
    code = "checklist_open"
    message = _m("Mandatory steps of the checklist are open: %(count)s. Finish them first.")


class NotByHand(Conflict):
    code = "not_by_hand"


class StepsHandedOver(Conflict):
    code = "steps_handed_over"
    message = _m("The checklist was handed over with the work. It changes when the work goes on.")


def begin_checklist(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """The client's side sees neither lists nor playbooks: for them a job does it."""
    if actor.side == "client":
        enqueue(
            "requests.freeze_checklist", queue="interactive",
            key=f"checklist:{request.id}", actor_id=actor.user_id, request_id=request.id,
        )  # fmt: skip
    else:
        freeze(request)


def freeze(request: ServiceRequest) -> Sequence[ChecklistStep]:
    """Template and client rules as they are now, once."""
    db.session.refresh(request, with_for_update={"key_share": True})
    if request.steps_total is not None:
        return list_steps(request_id=request.id)
    item = item_of(request)
    rows = [
        _row(request, kind=one.kind, label=one.label, needs=one.needs, mandatory=one.mandatory,
             wait_until=_day(request.form, one.needs) if one.kind == "wait_until" else None,
             template=item.code, template_version=item.version)
        for one in item.steps
        if one.kind != "wait_until" or _day(request.form, one.needs)
    ]  # fmt: skip
    rows += [
        _row(request, kind="do", label=label, client_rule=True, template=f"playbook:{book.id}",
             template_version=book.version)
        for book in list_for_work(line=request.line, item=request.item)
        for label in book.steps
    ]  # fmt: skip
    for position, row in enumerate(rows, start=1):
        row.position = position
    db.session.add_all(rows)
    db.session.flush()
    _count(request, done=0, total=len(rows))
    return rows


def tick(*, request: ServiceRequest, step_id: Any, actor: Actor, now: datetime) -> ChecklistStep:
    """By hand for what is to be done; the others say what they wait for, or that it is there."""
    step = _own_step(request, step_id, actor)
    if step.kind == "do":
        _mark(step, actor=actor, now=now)
        _log("ticked", request, step, actor, now)
    refresh(request, actor=actor, now=now)
    if step.done_at is None:
        raise NotByHand(rules.HINTS[step.kind])
    return step


def untick(*, request: ServiceRequest, step_id: Any, actor: Actor, now: datetime) -> ChecklistStep:
    step = _own_step(request, step_id, actor)
    if step.kind != "do":
        raise NotByHand(rules.HINTS[step.kind])
    step.done_at, step.done_by, step.done_by_name = None, None, ""
    _log("unticked", request, step, actor, now)
    refresh(request, actor=actor, now=now)
    return step


def require_complete(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Before work is handed over. ChecklistOpen with the number of mandatory steps that block."""
    steps, facts = refresh(request, actor=actor, now=now)
    waiting = rules.blocking(steps, facts)
    if waiting:
        raise ChecklistOpen(count=len(waiting))


def refresh(
    request: ServiceRequest, *, actor: Actor, now: datetime
) -> tuple[Sequence[ChecklistStep], rules.Facts]:
    """Writes down what is done by itself by now, or not any more."""
    steps = freeze(request) if request.steps_total is None else list_steps(request_id=request.id)
    facts = read_facts(request, now=now)
    if any(one.kind == "compute" for one in steps):
        facts = replace(facts, figures=compute_figures(request))
    for step in steps:
        done = rules.is_done(step, facts)
        if done and step.done_at is None:
            _mark(step, actor=actor, now=now)
        elif not done and step.done_at is not None:
            step.done_at, step.done_by, step.done_by_name = None, None, ""
    db.session.flush()
    _count(request, done=sum(one.done_at is not None for one in steps), total=len(steps))
    return steps, facts


def _own_step(request: ServiceRequest, step_id: Any, actor: Actor) -> ChecklistStep:
    actor.require("request.work", request.line)
    if actor.side == "client":
        raise Forbidden
    if not request.is_open or request.state in HANDED_OVER:
        raise StepsHandedOver
    return get_step(request_id=request.id, step_id=step_id)


def _row(request: ServiceRequest, **columns: Any) -> ChecklistStep:
    return ChecklistStep(id=uuid7(), request_id=request.id, **columns)


def _day(form: Mapping[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(str(form.get(name, "")))
    except ValueError:
        return None


def _mark(step: ChecklistStep, *, actor: Actor, now: datetime) -> None:
    if step.done_at is None:
        step.done_at, step.done_by, step.done_by_name = now, actor.user_id, actor.name


def _count(request: ServiceRequest, *, done: int, total: int) -> None:
    """For lists. Not through the object: ticking a step makes nobody's form stale."""
    table = cast(Table, ServiceRequest.__table__)
    db.session.execute(
        update(table)
        .where(table.c.tenant_id == request.tenant_id, table.c.id == request.id)
        .values(steps_done=done, steps_total=total)
    )
    db.session.refresh(request, ["steps_done", "steps_total"])


def _log(
    verb: str, request: ServiceRequest, step: ChecklistStep, actor: Actor, now: datetime
) -> None:
    audit.record(
        f"service_requests.step.{verb}", actor=actor, now=now, object_type="request",
        object_id=request.id, step=step.id, template=step.template,
        template_version=step.template_version,
    )  # fmt: skip
