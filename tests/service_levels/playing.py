"""Plays a script through the real services, with the clock moved to each step."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.contracts.periods import write_periods
from app.service_requests.offers.queries import list_offers
from app.service_requests.queries import get_request, list_open_questions
from app.service_requests.services import (
    classing,
    conversation,
    decisions,
    ending,
    holding,
    intake,
    linking,
    offers,
    work,
)
from app.service_requests.sla import ledger
from app.service_requests.sla.models import SlaEvent
from tenants.core.db import db
from tests.factories import (
    Company,
    Person,
    Stage,
    acting,
    make_company,
    make_grant,
    make_member,
    make_staff,
)
from tests.factories.contracts import make_contract
from tests.factories.people import now
from tests.service_levels.reference import Agreement, Step, Wish
from tests.service_levels.script import SINGLE, WORK, Script

ITEMS = {WORK: "finance_question", SINGLE: "hr_question"}
# Whose act it is; everything else is the operator's.
CLIENT = ("raise", "answer", "late", "reopen", "cancel_client")
SUPERVISOR = ("reject", "cancel_provider", "void")


@dataclass
class Played:
    company: Company
    script: Script
    supervisor: Person
    operator: Person
    numbers: dict[int, int] = field(default_factory=dict)

    @property
    def places(self) -> dict[int, int]:
        return {number: place for place, number in self.numbers.items()}


def play_all(stage: Stage, scripts: list[Script], *, order: str) -> list[Played]:
    """`order`: one company after the other, or everything in the order of time."""
    operator, supervisor = make_staff(stage), make_staff(stage, role="supervisor")
    played = [_furnish(stage, one, operator, supervisor) for one in scripts]
    acts = [(act.at, place, wish, act) for place, one in enumerate(scripts)
            for wish, act in _acts(one)]  # fmt: skip
    if order == "by time":
        random.Random(order).shuffle(acts)
        acts.sort(key=lambda one: one[0])
    else:
        acts.sort(key=lambda one: (-one[1], one[0]))
    for _, place, wish, act in acts:
        _play(stage, played[place], wish, act)
    return played


def _acts(script: Script) -> list[tuple[Wish, Step]]:
    return [
        (wish, act)
        for wish in script.wishes
        for act in (Step(wish.raised_at, "raise"), *wish.steps)
    ]


def _furnish(stage: Stage, script: Script, operator: Person, supervisor: Person) -> Played:
    found = script.agreement
    company = make_company(stage, country=found.country, time_zone=found.zone)
    make_member(stage, company)
    make_member(stage, company, key="approver", approver=True)
    make_grant(stage, company, operator)
    make_grant(stage, company, supervisor, level="review")
    make_contract(stage, company, country=found.country, zone=found.zone, **_document(found))
    return Played(company, script, supervisor, operator)


def _document(found: Agreement) -> dict[str, Any]:
    return {
        "calendar": {
            "country": found.country, "region": found.region, "zone": found.zone,
            "week": [write_periods(day) for day in found.week],
            "half_days": {day.isoformat(): write_periods(hours)
                          for day, hours in found.half_days.items()},
            "provider_closures": sorted(day.isoformat() for day in found.closed
                                        if day.month == 10),
        },
        "targets": [
            {"line": line, "item": None, "priority": priority, "first_response": first,
             "resolution": resolution}
            for line in (WORK, SINGLE) for priority, (first, resolution) in found.targets.items()
        ],
        "items": {ITEMS[SINGLE]: {"scope": "offer"}},
        "credits": {"cap": found.cap, "rates": found.rates, "bases": found.bases},
        "third_party_pauses": found.third_party_pauses,
    }  # fmt: skip


def _play(stage: Stage, played: Played, wish: Wish, act: Step) -> None:
    company = played.company
    person = played.operator
    if act.verb in CLIENT:
        person = company.user
    elif act.verb in SUPERVISOR:
        person = played.supervisor
    elif act.verb == "accept":
        person = company.approver
    with acting(stage, company.scope):
        level = "review" if person is played.supervisor else "work"
        actor = person.actor(company, level=level)
        if act.verb == "raise":
            row = intake.raise_request(
                actor=actor, now=act.at, item_code=ITEMS[wish.line], uploads=[],
                values={"title": "Please", "details": company.text("do it"), "wanted_on": None},
            )  # fmt: skip
            played.numbers[wish.place] = row.number
            return
        row = get_request(actor=actor, number=played.numbers[wish.place])
        who: dict[str, Any] = {"request": row, "actor": actor, "now": act.at}
        VERBS[act.verb](played, act, who)


def _deliver(played: Played, act: Step, who: dict[str, Any]) -> None:
    if who["request"].delivered_at is None:
        work.record_time(**who, minutes=30, worked_on=act.at.date(), activity="Done")
        work.upload_deliverable(
            **who, name="result.txt", content_type="text/plain", content=b"done", title="Result"
        )
    work.submit_for_review(**who)
    who["actor"] = played.supervisor.actor(played.company, level="review")
    decisions.pass_review(**who)


def _answer(_played: Played, _act: Step, who: dict[str, Any]) -> None:
    for question in list_open_questions(request_id=who["request"].id):
        conversation.answer_question(**who, question=question, answer="Yes")


def _void(_played: Played, _act: Step, who: dict[str, Any]) -> None:
    ledger.void(**who, pause_id=_last_pause(who["request"].id))


def _last_pause(request_id: UUID) -> UUID:
    return db.session.execute(
        select(SlaEvent.id)
        .where(SlaEvent.request_id == request_id, SlaEvent.event == "paused",
               SlaEvent.reason == "waiting_client")
        .order_by(SlaEvent.seq.desc())
        .limit(1)
    ).scalar_one()  # fmt: skip


def _other(played: Played, act: Step, who: dict[str, Any]) -> Any:
    assert act.number is not None
    return get_request(actor=who["actor"], number=played.numbers[act.number])


def _accept(_played: Played, _act: Step, who: dict[str, Any]) -> None:
    offer = list_offers(request=who["request"])[0]
    offers.accept_offer(**who, offer=offer, real_now=now(), sha256=offer.sha256)


def _until(at: datetime) -> Any:
    return (at + timedelta(days=30)).date()


VERBS: dict[str, Any] = {
    "take": lambda _p, _s, who: work.start_work(**who),
    "write": lambda _p, _s, who: conversation.send_message(**who, body="Soon", uploads=[]),
    "ask": lambda _p, _s, who: conversation.ask_question(**who, body="Which one?"),
    "answer": _answer,
    "wait": lambda _p, _s, who: holding.wait_for_others(**who, waiting_for="Bank", reason="Late"),
    "hold": lambda _p, _s, who: holding.hold(**who, reason="Ill"),
    "resume": lambda _p, _s, who: holding.resume(**who),
    "late": lambda _p, step, who: ledger.late_input(**who, cut_off=step.until, reason="statement"),
    "prio": lambda _p, step, who: classing.set_priority(
        **who, priority=step.priority, reason="Checked"
    ),
    "deliver": _deliver,
    "reopen": lambda _p, _s, who: ending.reopen(**who, reason="Wrong"),
    "void": _void,
    "cancel_client": lambda _p, _s, who: ending.cancel_request(**who, reason="No"),
    "cancel_provider": lambda _p, _s, who: ending.cancel_request(**who, reason="No"),
    "reject": lambda _p, _s, who: ending.reject(**who, reason="No"),
    "duplicate": lambda p, step, who: linking.mark_duplicate(**who, of=_other(p, step, who)),
    "merge": lambda p, step, who: linking.merge(**who, into=_other(p, step, who)),
    "offer": lambda _p, step, who: offers.make_offer(
        **who, price=10_000, body="A day", valid_until=_until(step.at)
    ),
    "accept": _accept,
}
