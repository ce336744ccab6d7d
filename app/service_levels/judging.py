"""What a clock's ledger says about a month: met, missed or not counted, and why.

A first response belongs to the month of the answer, a resolution to that of the delivery; of
several deliveries in a month the last one counts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.contracts.terms import ContractTerms
from app.service_levels.months import Month
from app.service_requests.sla.clock import CLOCKS, Event, Reading, cycles, measure, voided
from app.service_requests.sla.rules import ANSWERED
from app.service_requests.transitions import PAUSED

MET, BREACHED, EXCLUDED = "met", "breached", "excluded"
OUTCOMES = (MET, BREACHED, EXCLUDED)
REASONS = (
    "", "cancelled_by_client", "cancelled_by_provider", "rejected", "merged", "duplicate",
    "out_of_scope", "no_target", "counted_before", "ended", "spam", "force_majeure", "contested",
    "corrected",
)  # fmt: skip
# The provider ended it: late is late all the same, or a missed date could be cancelled away.
OURS = ("cancelled_by_provider", "rejected")
MINUTE = timedelta(minutes=1)
TermsAt = Callable[[datetime], ContractTerms]
# A request, a clock and the number of its run.
Run = tuple[UUID, str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A request with its ledger; `version` is that of its item. `cancelled_by` is the side that cancelled it, if somebody did."""

    request_id: UUID
    number: int
    line: str
    item: str
    priority: str
    cancelled_by: str
    events: Sequence[Event]
    excluded: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Minutes are business minutes. `late` is the client's own lateness with inputs, `waited` what
    the clock stood still for them, `open` all the time from start to end."""

    request_id: UUID
    number: int
    line: str
    clock: str
    run: int
    outcome: str
    reason: str
    severity: str
    started_at: datetime
    at: datetime
    due_at: datetime | None
    original_due_at: datetime | None
    target: int | None
    minutes: int
    late: int
    waited: int
    open: int

    @property
    def key(self) -> Run:
        return self.request_id, self.clock, self.run


def judge(
    case: Case, month: Month, terms_at: TermsAt, counted: frozenset[Run] = frozenset()
) -> Iterator[Outcome]:
    """`counted` are the runs that an earlier month counts as missed already."""
    for clock in CLOCKS:
        events = [one for one in case.events if one.clock == clock]
        for run, piece in enumerate(_runs(events), start=1):
            found = _judge_run(case, piece, month, terms_at)
            if found is not None:
                found = replace(found, run=run)
                yield _once(found) if found.key in counted else found


def _once(found: Outcome) -> Outcome:
    if found.outcome != BREACHED:
        return found
    return replace(found, outcome=EXCLUDED, reason="counted_before")


def _runs(events: Sequence[Event]) -> Iterator[list[Event]]:
    """A run with the start of the next one at its end, if there is one."""
    starts = [place for place, one in enumerate(events) if one.event == "started"]
    for place, after in zip(starts, [*starts[1:], len(events)], strict=True):
        yield list(events[place : after + 1])


def _judge_run(
    case: Case, piece: Sequence[Event], month: Month, terms_at: TermsAt
) -> Outcome | None:
    last = piece[-1] if len(piece) > 1 and piece[-1].event == "started" else None
    own = list(piece[:-1] if last else piece)
    undone = voided(own)
    ends = [
        place for place, one in enumerate(own) if one.event == "stopped" and one.id not in undone
    ]
    stops = [place for place in ends if month.holds(own[place].at)]
    if stops:
        end, before = own[stops[-1]], own[: stops[-1] + 1]
        # A pause that was contested counts, whenever that was decided.
        before += [one for one in own[stops[-1] + 1 :] if one.event == "voided"]
        return _measured(case, before, end, _why(case, before, end), terms_at(end.at))
    if last is None or ends or not month.holds(last.at):
        return None
    return _measured(case, own, last, "out_of_scope", terms_at(last.at))


def _measured(
    case: Case, events: Sequence[Event], end: Event, why: str, terms: ContractTerms
) -> Outcome:
    # What held when it ended, whatever the request became since.
    line, priority = end.line or case.line, end.priority or case.priority
    item = end.item or case.item
    promised = terms.target(line, item, priority, case.version if item == case.item else None)
    target = promised.first_response if end.clock == "first_response" else promised.resolution
    reading = measure(
        cycles(events, end.clock)[0], target=target, calendar=terms.calendar, now=end.at
    )
    outcome, reason = _decide(reading, case.excluded or why)
    paused = sum(reading.paused.values(), timedelta())
    waited = sum((long for one, long in reading.paused.items() if one in PAUSED), timedelta())
    return Outcome(
        request_id=case.request_id, number=case.number, line=line, clock=end.clock, run=0,
        outcome=outcome, reason=reason, severity=priority, started_at=reading.started_at,
        at=end.at, due_at=reading.due_at, original_due_at=reading.original_due_at,
        target=None if reading.target is None else reading.target // MINUTE,
        minutes=reading.elapsed // MINUTE, late=reading.late // MINUTE, waited=waited // MINUTE,
        open=(reading.elapsed + paused) // MINUTE,
    )  # fmt: skip


def _decide(reading: Reading, why: str) -> tuple[str, str]:
    missed = reading.breached_at is not None
    if why and not (missed and why in OURS):
        return EXCLUDED, why
    if reading.target is None:
        return EXCLUDED, "no_target"
    return (BREACHED, why) if missed else (MET, "")


def _why(case: Case, events: Sequence[Event], end: Event) -> str:
    """Why this end isn't counted; empty for an answer and a delivery."""
    if end.reason in (ANSWERED, "delivered"):
        return ""
    if end.reason == "cancelled":
        waits = [one for one in events if one.event in ("paused", "resumed")]
        if waits and waits[-1].reason == "quote_needed":
            return "out_of_scope"
        return "cancelled_by_client" if case.cancelled_by == "client" else "cancelled_by_provider"
    return end.reason if end.reason in REASONS else "ended"
