"""The client objects to a line's month; a reviewer of the line answers, and counts more as missed or not."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from app.service_levels.counting import holding
from app.service_levels.credits import contest_until
from app.service_levels.judging import BREACHED
from app.service_levels.models import MonthContest, SlaMonth, SlaOutcome
from app.service_levels.queries import find_contest, find_signed, get_agreements, list_outcomes
from app.service_levels.rights import require_signer
from app.service_levels.services.booking import book, lock_company, revise
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

_WORDS = _m("Please fill in this field.")


class TooLateToContest(Conflict):
    code = "too_late_to_contest"
    message = _m("The ten days are over. Write to us in a request instead.")


class ContestedAlready(Conflict):
    code = "contested_already"
    message = _m("Somebody of your company contested this already.")


class ContestAnswered(Conflict):
    code = "contest_answered"
    message = _m("This contest was answered already.")


def contest(*, month: date, line: str, words: str, actor: Actor, now: datetime) -> MonthContest:
    if actor.side != "client":
        raise Forbidden
    actor.require("request.answer")
    if not actor.can("request.answer", line):
        raise NotFound
    lock_company()
    signed = _get_signed(month, line)
    if now >= contest_until(signed.signed_at, signed.zone):
        raise TooLateToContest
    if find_contest(month=signed.month, line=line) is not None:
        raise ContestedAlready
    if not words:
        raise Invalid(field_errors={"words": [_WORDS]})
    row = MonthContest(id=uuid7(), month=signed.month, line=line, words=words, by_id=actor.user_id,
                     by_name=actor.name, at=now)  # fmt: skip
    db.session.add(row)
    audit.record(
        "service_levels.month.contested", actor=actor, now=now, object_type="month_contest",
        object_id=row.id, month=signed.month, line=line,
    )  # fmt: skip
    db.session.flush()
    return row


def answer_contest(
    *, month: date, line: str, answer: str, missed: Collection[UUID], actor: Actor, now: datetime
) -> MonthContest:
    """`missed` are the signed outcomes that count as missed after all; none declines the contest."""
    require_signer(actor)
    if line not in actor.lines:
        raise NotFound
    actor.require("request.review", line)
    lock_company()
    row = find_contest(month=month.replace(day=1), line=line, for_change=True)
    if row is None:
        raise NotFound
    if row.answered_at is not None:
        raise ContestAnswered
    if not answer:
        raise Invalid(field_errors={"answer": [_WORDS]})
    signed = _get_signed(month, line)
    count = _count_as_missed(signed, missed, actor=actor, now=now) if missed else 0
    row.upheld, row.answer = bool(missed), answer
    row.answered_at, row.answered_by_name = now, actor.name
    audit.record(
        "service_levels.contest.answered", actor=actor, now=now, object_type="month_contest",
        object_id=row.id, month=signed.month, line=line, upheld=row.upheld, missed=count,
    )  # fmt: skip
    db.session.flush()
    return row


def may_count(row: SlaOutcome) -> bool:
    return row.outcome != BREACHED and row.reason != "counted_before"


def _get_signed(month: date, line: str) -> SlaMonth:
    row = find_signed(month=month.replace(day=1), line=line)
    if row is None:
        raise NotFound
    return row


def _count_as_missed(
    signed: SlaMonth, missed: Collection[UUID], *, actor: Actor, now: datetime
) -> int:
    rows = holding(
        one
        for one in list_outcomes(month=signed.month, lines=[signed.line])
        if one.month == signed.month
    )
    chosen = [one for one in rows if one.id in missed and may_count(one)]
    if len(chosen) != len(set(missed)):
        raise Invalid(field_errors={"missed": [_m("Choose among those of the list.")]})
    agreements = get_agreements()
    booked_in = agreements.month_of(now)
    revised = [revise(one, booked_in=booked_in, outcome=BREACHED, reason="contested")
               for one in chosen]  # fmt: skip
    book(revised, agreements, actor=actor, now=now)
    return len(revised)
