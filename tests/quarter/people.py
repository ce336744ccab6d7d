"""What people do with the work that they find: operators, who checks, and clients."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.service_requests.checking.queries import list_open_findings
from app.service_requests.checking.services.findings import Noted, mark_fixed
from app.service_requests.checklists import services as checklists
from app.service_requests.checklists.queries import list_steps
from app.service_requests.models import ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import (
    get_request,
    list_current_deliverables,
    list_open_questions,
)
from app.service_requests.services import (
    approving,
    conversation,
    decisions,
    ending,
    intake,
    work,
)
from app.service_requests.transitions import OPEN
from tests.factories.people import now as real_now
from tests.quarter.office import Office
from tests.quarter.script import GATED, POLICY, Asked

LETTER = {"recipient": "the bank", "language": "en", "message": "it is paid"}


@dataclass(frozen=True)
class Act:
    """Something that concerns checks: 'handed_over', 'returned' or 'passed', by which person."""

    what: str
    firm: int
    number: int
    item: str
    hand: int


@dataclass
class People:
    office: Office
    acts: list[Act] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def ask(self, asked: Asked, now: datetime) -> None:
        """A client's own request."""
        company = self.office.companies[asked.firm]
        title = company.text(f"Asked {len(self.asked)}")
        values: dict[str, Any] = {
            "title": title,
            "details": company.text("do it"),
            "wanted_on": None,
        }
        if asked.item == GATED:
            values = {"title": title, "wanted_on": None, "tone": None, "signatory": "", **LETTER}
        with self.office.as_client(asked.firm) as actor:
            row = intake.raise_request(
                actor=actor, now=now, item_code=asked.item, values=values, uploads=[]
            )
            self.asked.append((asked.firm, row.number))

    def work(self, now: datetime) -> None:
        """Everybody who is there goes on with what they have; those who check, check."""
        for row in self._open(now):
            firm, hand = row.firm, row.hand
            if hand is not None and self._is_there(hand, firm, row.line, now):
                self._go_on(firm, row.number, hand, now)
            if row.state == "in_review":
                self._check(firm, row.number, row.preparer, now)

    def answer(self, now: datetime) -> None:
        """Clients answer, approve, and close or send back what was delivered."""
        for row in self._open(now):
            dice = self._dice(row.firm, row.number, row.state, str(now.date()))
            if row.state in ANSWERS and dice.random() < 0.7:
                ANSWERS[row.state](self, row.firm, row.number, now, dice)

    def _open(self, now: datetime) -> list[Any]:
        rows = self.office.stage.rows(
            "SELECT tenant_id, number, line, state, assignee_id, preparer_id FROM requests"
            " WHERE state = ANY (:open) ORDER BY tenant_id, number", open=list(OPEN),
        )  # fmt: skip
        places = {one.id: place for place, one in self.office.companies.items()}
        hands = {one.id: place for place, one in self.office.staff.items()}
        return [
            _Row(places[row.tenant_id], row.number, row.line, row.state, hands.get(row.assignee_id),
                 hands.get(row.preparer_id))
            for row in rows if row.tenant_id in places
        ]  # fmt: skip

    def _is_there(self, hand: int, firm: int, line: str, now: datetime) -> bool:
        """Whose access ended finds the work no more, until others have it."""
        script = self.office.script
        return script.away(hand, now) is None and bool(script.level(hand, firm, line, now))

    def _dice(self, *about: object) -> random.Random:
        return random.Random("-".join(map(str, (self.office.script.seed, *about))))

    def _go_on(self, firm: int, number: int, hand: int, now: datetime) -> None:
        actor = self.office.actor(hand, firm, now)
        with self.office.acting(firm):
            request = get_request(actor=actor, number=number)
            who: dict[str, Any] = {"request": request, "actor": actor, "now": now}
            dice = self._dice(firm, number, request.state, now)
            if request.state in ("new", "assigned", "reopened") and dice.random() < 0.8:
                work.start_work(**who)
                if dice.random() < 0.15:
                    conversation.ask_question(**who, body="Which one?")
            elif request.state == "in_progress":
                self._hand_over(firm, hand, who)

    def _hand_over(self, firm: int, hand: int, who: dict[str, Any]) -> None:
        request: ServiceRequest = who["request"]
        for finding in list_open_findings(request_id=request.id):
            mark_fixed(**who, finding_id=finding.id)
        work.record_time(**who, minutes=20, worked_on=who["now"].date(), activity="Done")
        kind, name = ("letter", "letter.pdf") if request.item == GATED else ("result", "result.pdf")
        work.upload_deliverable(
            **who, name=name, content_type="application/pdf", title="Result", kind=kind,
            content=b"%PDF-1.7 " + str(who["now"]).encode(),
        )  # fmt: skip
        for step in list_steps(request_id=request.id):
            if step.kind == "do" and step.mandatory:
                checklists.tick(**who, step_id=step.id)
        if POLICY[request.item] == "always":
            work.submit_for_review(**who)
        else:
            decisions.deliver_unchecked(**who)
        self.acts.append(Act("handed_over", firm, request.number, request.item, hand))

    def _check(self, firm: int, number: int, preparer: int | None, now: datetime) -> None:
        script = self.office.script
        assert preparer is not None
        bosses = [one.place for one in script.hands if one.role == "supervisor"]
        boss = next(one for one in bosses if one != preparer)
        actor = self.office.actor(boss, firm, now)
        with self.office.acting(firm):
            request = get_request(actor=actor, number=number)
            who: dict[str, Any] = {"request": request, "actor": actor, "now": now}
            fixed = {one.id for one in list_open_findings(request_id=request.id)}
            wrong = self._dice(firm, number, "check", now).random() < 0.25
            if wrong:
                noted = [Noted("wrong_fact", "major", "a total")]
                decisions.return_from_review(**who, noted=noted, confirmed=fixed)
            else:
                decisions.pass_review(**who, confirmed=fixed)
            what = "returned" if wrong else "passed"
            self.acts.append(Act(what, firm, number, request.item, preparer))

    def _answer(self, firm: int, number: int, now: datetime, dice: random.Random) -> None:
        with self.office.as_client(firm) as actor:
            request = get_request(actor=actor, number=number)
            for question in list_open_questions(request_id=request.id):
                conversation.answer_question(
                    request=request, question=question, actor=actor, now=now, answer="That one"
                )

    def _decide(self, firm: int, number: int, now: datetime, dice: random.Random) -> None:
        with self.office.as_client(firm, "approver") as actor:
            request = get_request(actor=actor, number=number)
            sha256 = package_hash(list_current_deliverables(request_id=request.id))
            if dice.random() < 0.2:
                approving.refuse(
                    request=request, actor=actor, now=now, sha256=sha256, reason="Another tone"
                )
            else:
                approving.approve(
                    request=request, actor=actor, now=now, real_now=real_now(), sha256=sha256
                )

    def _end(self, firm: int, number: int, now: datetime, dice: random.Random) -> None:
        with self.office.as_client(firm) as actor:
            request = get_request(actor=actor, number=number)
            if dice.random() < 0.1 and not request.reopened_count:
                ending.reopen(request=request, actor=actor, now=now, reason="Once more")
            elif dice.random() < 0.5:
                ending.close_request(request=request, actor=actor, now=now)


@dataclass(frozen=True)
class _Row:
    firm: int
    number: int
    line: str
    state: str
    hand: int | None
    preparer: int | None


ANSWERS: dict[str, Any] = {
    "waiting_client": People._answer, "awaiting_approval": People._decide, "delivered": People._end,
}  # fmt: skip
