"""Every verb of a request as a call of our own services, and requests in any state to try it on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.service_requests.checking.services.findings import Noted
from app.service_requests.models import Question, ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import get_request, list_all, list_current_deliverables
from app.service_requests.services import (
    approving,
    conversation,
    decisions,
    ending,
    holding,
    linking,
    timekeeping,
    work,
)
from app.service_requests.services.moves import move
from app.service_requests.transitions import ENDED, OPEN, TRANSITIONS
from tenants.permissions import Actor
from tests.factories import Stage, World, acting
from tests.factories.lifecycle import Made, make_request, open_question
from tests.factories.people import now

# Neither checked by a second person nor approved: every verb has its chance.
ITEM = "administration_question"
FINDING = Noted("wrong_fact", "major", "a wrong total")


@dataclass
class Try:
    """One verb on one request; `other` is another open one of the same line."""

    request: ServiceRequest
    actor: Actor
    other: ServiceRequest
    at: datetime = field(default_factory=now)

    @property
    def who(self) -> dict[str, Any]:
        return {"request": self.request, "actor": self.actor, "now": self.at}

    @property
    def question(self) -> Question:
        found: Question = list_all(model=Question, request=self.request)[-1]
        return found

    @property
    def sha256(self) -> str:
        return package_hash(list_current_deliverables(request_id=self.request.id))


def _quote(verb: str, target: str | None = None) -> Callable[[Try], object]:
    return lambda t: move(t.request, verb, actor=t.actor, now=t.at, target=target)


VERBS: Mapping[str, Callable[[Try], object]] = {
    "quote": _quote("quote"),
    "accept_quote": _quote("accept_quote", "assigned"),
    "decline_quote": _quote("decline_quote"),
    "withdraw_quote": _quote("withdraw_quote"),
    "assign": lambda t: work.assign_to_me(**t.who),
    "plan": lambda t: holding.plan(**t.who, planned_for=(t.at + timedelta(days=9)).date()),
    "fall_due": lambda t: move(t.request, "fall_due", actor=t.actor, now=t.at),
    "start": lambda t: work.start_work(**t.who),
    "ask": lambda t: conversation.ask_question(**t.who, body="Which one?"),
    "answer": lambda t: conversation.answer_question(**t.who, question=t.question, answer="1"),
    "withdraw": lambda t: conversation.withdraw_question(**t.who, question=t.question),
    "wait": lambda t: holding.wait_for_others(**t.who, waiting_for="The bank", reason="a form"),
    "hold": lambda t: holding.hold(**t.who, reason="our system is down"),
    "resume": lambda t: holding.resume(**t.who),
    "submit": lambda t: work.submit_for_review(**t.who),
    "deliver": lambda t: decisions.deliver_unchecked(**t.who),
    "return": lambda t: decisions.return_from_review(**t.who, noted=[FINDING]),
    "pass": lambda t: decisions.pass_review(**t.who),
    "approve": lambda t: approving.approve(**t.who, real_now=now(), sha256=t.sha256),
    "refuse": lambda t: approving.refuse(**t.who, sha256=t.sha256, reason="no"),
    "close": lambda t: ending.close_request(**t.who),
    "lapse": lambda t: move(t.request, "lapse", actor=t.actor, now=t.at),
    "reopen": lambda t: ending.reopen(**t.who, reason="a page is missing"),
    "cancel": lambda t: ending.cancel_request(**t.who, reason="not needed"),
    "reject": lambda t: ending.reject(**t.who, reason="not ours"),
    "merge": lambda t: linking.merge(**t.who, into=t.other),
    "duplicate": lambda t: linking.mark_duplicate(**t.who, of=t.other),
}  # fmt: skip
# Beside the table: who takes a request over moves it only from the queue, starting takes a new one
# first, a second question finds it waiting already, and a planned one can be planned anew.
EXTRA: Mapping[str, Mapping[str, str | None]] = {
    "assign": {state: None for state in OPEN},
    "start": {"new": "in_progress"},
    "ask": {"new": "waiting_client", "waiting_client": None},
    "plan": {"planned": None},
}


def targets(verb: str, state: str, actor: Actor) -> set[str]:
    """Where the table lets this person bring it; empty for a refusal."""
    found = {
        one.target
        for one in TRANSITIONS
        if (one.verb, one.source) == (verb, state)
        and one.who == actor.side
        and actor.can(one.permission, "administration")
    }
    extra = EXTRA.get(verb, {})
    if not found and state in extra and actor.can("request.work", "administration"):
        found = {extra[state] or state} if actor.side == "provider" else set()
    return found


def make_in(stage: Stage, world: World, state: str) -> Made:
    """A request with all that any verb could ask for, put into this state from outside."""
    company = world.a
    made = make_request(stage, company, item=ITEM, state="in_progress", operator=world.operator_a)
    _work(stage, world, made)
    open_question(stage, made, answered=state != "waiting_client")
    stage.run(
        "UPDATE requests SET state = :s, preparer_id = :p, planned_for = :d, delivered_at = :w,"
        " closed_at = :c WHERE tenant_id = :t AND id = :i",
        s=state, p=world.operator_a.id, t=company.id, i=made.id,
        d=(now() + timedelta(days=3)).date() if state == "planned" else None,
        w=now() if state in ("delivered", "closed", "reopened") else None,
        c=now() if state in ENDED else None,
    )  # fmt: skip
    return made


def _work(stage: Stage, world: World, made: Made) -> None:
    operator = world.operator_a
    with acting(stage, operator.scope(made.company)):
        actor = operator.actor(made.company)
        row = get_request(actor=actor, number=made.number)
        who: dict[str, Any] = {"request": row, "actor": actor, "now": now()}
        timekeeping.record_time(**who, minutes=45, worked_on=now().date(), activity="Checked")
        work.upload_deliverable(
            **who, name="report.pdf", content_type="application/pdf", content=b"%PDF-1.7",
            title="Report",
        )  # fmt: skip


def people(world: World) -> Mapping[str, tuple[Any, str]]:
    """By name: the person, and the level of a grant."""
    return {
        "user": (world.a.user, ""),
        "approver": (world.a.approver, ""),
        "admin": (world.a.admin, ""),
        "reader": (world.operator_both, "read"),
        "operator": (world.operator_both, "work"),
        "reviewer": (world.supervisor, "review"),
    }
