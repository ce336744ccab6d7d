"""A month is signed off once, in order, for all lines; then nothing of it changes any more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from app.contracts.offered import offered_lines
from app.contracts.terms import ContractTerms
from app.service_levels.agreed import Agreements
from app.service_levels.counting import count, severities
from app.service_levels.credits import credit_of
from app.service_levels.figures import figures_of
from app.service_levels.input_queries import list_inputs
from app.service_levels.judging import Outcome
from app.service_levels.models import SlaInput, SlaMonth, SlaOutcome
from app.service_levels.months import Month
from app.service_levels.queries import first_moment, get_agreements, list_signed
from app.service_levels.rights import require_signer
from app.service_levels.services import correcting
from app.service_levels.services.booking import credit_row, lock_company
from app.service_requests.sla.clock import CLOCKS
from app.webhooks.catalogue import Event
from app.webhooks.services.publishing import publish
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class MonthNotOver(Conflict):
    code = "month_not_over"
    message = _m("This month is not over yet. Sign it off when it is.")


class EarlierMonthOpen(Conflict):
    code = "earlier_month_open"
    message = _m("Sign off %(month)s first: months are signed off in order.")


class NothingToSign(Conflict):
    code = "nothing_to_sign"
    message = _m("There is nothing to sign off in this month: no request was open then.")


def sign_off(*, month: date, actor: Actor, now: datetime) -> Sequence[SlaMonth]:
    """Signed already, it stays as it is. Credits are computed with it, without a claim."""
    require_signer(actor)
    first = month.replace(day=1)
    lock_company()
    signed = list_signed()
    done = [one for one in signed if one.month == first]
    if done:
        return done
    agreements = get_agreements()
    span, terms = agreements.month(first)
    _check_turn(span, agreements, signed, now)
    outcomes = count(span, agreements)
    require_signer(actor, _concerned(outcomes, terms))
    rows = _freeze(span, terms, outcomes, actor=actor, now=now)
    db.session.add_all(
        SlaInput(id=uuid7(), month=first, **asdict(one))
        for one in list_inputs(span, agreements, now=now)
    )
    corrected = correcting.correct_earlier(agreements, booked_in=first, actor=actor, now=now)
    audit.record(
        "service_levels.month.signed", actor=actor, now=now, object_type="month",
        month=span.name, counted=len(outcomes), corrected=corrected, contract=terms.number,
    )  # fmt: skip
    publish([Event("month.ready", key=span.name, data={"month": span.name})], at=now)
    db.session.flush()
    return rows


def _check_turn(
    span: Month, agreements: Agreements, signed: Sequence[SlaMonth], now: datetime
) -> None:
    if now < span.end:
        raise MonthNotOver
    last = max((one.month for one in signed), default=None)
    expected = agreements.next_to_sign(last=last, began=first_moment())
    if expected is None or span.first < expected:
        raise NothingToSign
    if span.first > expected:
        raise EarlierMonthOpen(month=expected.strftime("%Y-%m"))


def _concerned(outcomes: Iterable[Outcome], terms: ContractTerms) -> set[str]:
    return {one.line for one in outcomes} | {line for line, base in terms.credit_bases.items()
                                             if base}  # fmt: skip


def _freeze(
    span: Month, terms: ContractTerms, outcomes: Sequence[Outcome], *, actor: Actor, now: datetime
) -> list[SlaMonth]:
    by_line = {line: [one for one in outcomes if one.line == line]
               for line in sorted({*offered_lines(), *_concerned(outcomes, terms)})}  # fmt: skip
    rows = [_month_row(span, terms, line, found, actor, now) for line, found in by_line.items()]
    db.session.add_all(rows)
    db.session.flush()
    for line, found in by_line.items():
        db.session.add_all(
            SlaOutcome(id=uuid7(), month=span.first, booked_in=span.first, revision=1,
                       **asdict(one))
            for one in found
        )  # fmt: skip
        base = terms.credit_base(line)
        if base:
            credit = credit_of(severities(found), base=base, rules=terms.credit_rules)
            db.session.add(credit_row(credit, span.first, line, actor=actor, now=now))
    return rows


def _month_row(
    span: Month, terms: ContractTerms, line: str, found: Sequence[Outcome], actor: Actor,
    now: datetime,
) -> SlaMonth:  # fmt: skip
    return SlaMonth(
        id=uuid7(), month=span.first, line=line, zone=span.zone, contract_number=terms.number,
        figures=_documents(found), signed_at=now, signed_by=actor.user_id,
        signed_by_name=actor.name,
    )  # fmt: skip


def _documents(found: Sequence[Outcome]) -> Mapping[str, object]:
    return {
        clock: figures_of(one for one in found if one.clock == clock).as_document()
        for clock in CLOCKS
    }
