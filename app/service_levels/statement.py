"""A month as both sides read it: signed off, or as it stands so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.contracts.terms import DETAIL, ContractTerms
from app.service_levels.counting import count, holding, severities
from app.service_levels.credits import Credit, contest_until, credit_of, rate_of, state_of
from app.service_levels.figures import Figures, figures_of
from app.service_levels.input_queries import list_inputs, list_signed_inputs
from app.service_levels.judging import BREACHED, EXCLUDED, Outcome
from app.service_levels.models import MonthContest, SlaCredit, SlaMonth, SlaOutcome
from app.service_levels.months import Month, next_first
from app.service_levels.punctuality import Input, Punctuality, punctuality_of
from app.service_levels.queries import (
    first_moment,
    get_agreements,
    list_contests,
    list_credits,
    list_outcomes,
    list_signed,
)
from app.service_levels.worked import NO_WORK, MonthOfWork, Worked, read_worked
from app.service_requests.sla.clock import CLOCKS
from tenants.permissions import Actor

Row = Outcome | SlaOutcome


@dataclass(frozen=True, slots=True)
class LineMonth:
    """`credit` is what the month gives back as it stands; `first_credit` what the sign-off gave."""

    line: str
    figures: Mapping[str, Figures]
    credit: Credit | SlaCredit | None
    first_credit: SlaCredit | None
    state: str
    until: datetime | None
    contest: MonthContest | None
    breaches: Sequence[Row]
    contestable: Sequence[Row]
    inputs: Punctuality
    worked: Worked | None

    @property
    def is_empty(self) -> bool:
        counted = any(one.counted or one.excluded for one in self.figures.values())
        return not (self.credit or counted or self.inputs.due or self.worked)


@dataclass(frozen=True, slots=True)
class Statement:
    span: Month
    months: Sequence[date]
    signed: SlaMonth | None
    over: bool
    next_to_sign: date | None
    lines: Sequence[LineMonth]
    outcomes: Sequence[Row]
    booked: Sequence[SlaOutcome]
    booked_credits: Sequence[SlaCredit]
    terms: ContractTerms
    rates: Mapping[str, int] = field(default_factory=dict)
    inputs: Sequence[Input] = ()
    work: MonthOfWork = NO_WORK

    @property
    def total(self) -> int:
        return sum(one.credit.amount for one in self.lines if one.credit)

    @property
    def has_credits(self) -> bool:
        return any(one.credit for one in self.lines)

    @property
    def missed(self) -> int:
        return sum(one.outcome == BREACHED for one in self.outcomes)

    @property
    def counted(self) -> int:
        return sum(one.outcome != EXCLUDED for one in self.outcomes)

    @property
    def may_be_signed(self) -> bool:
        return self.signed is None and self.over and self.next_to_sign == self.span.first


def read_month(*, actor: Actor, first: date | None, now: datetime) -> Statement:
    """Of the lines that the reader takes part in; without a month the one that runs."""
    return read_statement(
        lines=actor.visible_lines, all_time=actor.side == "provider", first=first, now=now
    )


def read_statement(
    *, lines: Sequence[str], all_time: bool, first: date | None, now: datetime
) -> Statement:
    """Recorded time as far as the contract shows it to the client, or `all_time`."""
    agreements = get_agreements()
    signed, began = list_signed(), first_moment()
    this = agreements.month_of(now)
    months = _months(agreements.month_of(began) if began else this, this)
    chosen = first if first in months else this
    span, terms = agreements.month(chosen)
    done = next((one for one in signed if one.month == chosen), None)
    rows: list[Row] = []
    credits: Sequence[SlaCredit] = []
    stored: Sequence[SlaOutcome] = list_outcomes(month=chosen, lines=lines)
    if signed:
        credits = list_credits(month=chosen, lines=lines)
    if done:
        rows += holding(one for one in stored if one.month == chosen)
    else:
        rows += count(span, agreements, lines=lines)
    contests = {one.line: one for one in list_contests(month=chosen)} if done else {}
    inputs = (list_signed_inputs(month=chosen, lines=lines) if done
              else list_inputs(span, agreements, lines=lines, now=now))  # fmt: skip
    shown = DETAIL if all_time else agreements.at(now).time.shown
    work = read_worked(month=chosen, lines=lines, shown=shown)
    reading = _Reading(span, terms, done, credits, contests, inputs, work, now)
    return Statement(
        span=span, months=months, signed=done, over=now >= span.end,
        next_to_sign=agreements.next_to_sign(
            last=max((one.month for one in signed), default=None), began=began
        ),
        lines=[one for one in (reading.line(line, rows) for line in lines) if not one.is_empty],
        outcomes=rows, booked=[one for one in stored if one.booked_in == chosen != one.month],
        booked_credits=[one for one in credits if one.booked_in == chosen != one.month],
        terms=terms, rates=terms.credit_rules.rates, inputs=inputs, work=work,
    )  # fmt: skip


@dataclass(frozen=True)
class _Reading:
    span: Month
    terms: ContractTerms
    signed: SlaMonth | None
    credits: Sequence[SlaCredit]
    contests: Mapping[str, MonthContest]
    inputs: Sequence[Input]
    work: MonthOfWork
    now: datetime

    def line(self, line: str, rows: Iterable[Row]) -> LineMonth:
        own = [one for one in rows if one.line == line]
        contest = self.contests.get(line)
        mine = [one for one in self.credits if (one.line, one.month) == (line, self.span.first)]
        until = contest_until(self.signed.signed_at, self.signed.zone) if self.signed else None
        return LineMonth(
            line=line,
            figures={
                clock: figures_of(one for one in own if one.clock == clock) for clock in CLOCKS
            },
            credit=mine[-1] if mine else self._forming(line, own),
            first_credit=mine[0] if mine else None,
            state=self._state(until, contest), until=until, contest=contest,
            breaches=[one for one in own if one.outcome == BREACHED],
            contestable=[one for one in own
                         if one.outcome != BREACHED and one.reason != "counted_before"],
            inputs=punctuality_of(one for one in self.inputs if one.line == line),
            worked=self.work.lines.get(line),
        )  # fmt: skip

    def _forming(self, line: str, own: Sequence[Row]) -> Credit | None:
        base = self.terms.credit_base(line)
        if self.signed or not base:
            return None
        return credit_of(severities(own), base=base, rules=self.terms.credit_rules)

    def _state(self, until: datetime | None, contest: MonthContest | None) -> str:
        if until is None:
            return "forming"
        decided = contest is not None and contest.answered_at is not None
        return state_of(now=self.now, until=until, contested=contest is not None, decided=decided)


def chosen_outcomes(
    found: Statement, *, line: str, clock: str, outcome: str, reason: str
) -> Sequence[Row]:
    """The list behind a figure; what isn't named doesn't narrow it."""
    wanted = {"line": line, "clock": clock, "outcome": outcome, "reason": reason}
    return [
        one for one in found.outcomes
        if all(getattr(one, name) == value for name, value in wanted.items() if value)
    ]  # fmt: skip


def chosen_inputs(found: Statement, *, line: str, inputs: str) -> Sequence[Input] | None:
    """The list behind the figures of inputs: 'all' of them, or the 'late' ones."""
    if inputs not in ("all", "late"):
        return None
    return [one for one in found.inputs
            if line in ("", one.line) and (inputs == "all" or not one.in_time)]  # fmt: skip


def rate(found: Statement, row: Row) -> int:
    return rate_of(row.severity, found.rates)


def _months(first: date, last: date) -> list[date]:
    """Newest first."""
    months = [first]
    while months[-1] < last:
        months.append(next_first(months[-1]))
    return months[::-1]


__all__ = [
    "LineMonth", "Statement", "chosen_inputs", "chosen_outcomes", "rate", "read_month",
    "read_statement",
]  # fmt: skip
