"""Pauses that were taken back, and requests left out, after their month was signed."""

from collections.abc import Iterator
from datetime import date, datetime

from app.service_levels.agreed import Agreements
from app.service_levels.counting import holding
from app.service_levels.judging import BREACHED, EXCLUDED, MET, Case, judge
from app.service_levels.models import SlaOutcome
from app.service_levels.queries import list_corrected_cases, list_outcomes_of
from app.service_levels.services.booking import book, revise
from tenants.permissions import Actor


def correct_earlier(agreements: Agreements, *, booked_in: date, actor: Actor, now: datetime) -> int:
    """How many runs of earlier months count otherwise after all: as missed, each once only, or not
    at all. What was corrected already stays."""
    cases = list_corrected_cases()
    if not cases:
        return 0
    rows = holding(list_outcomes_of(requests=[one.request_id for one in cases]))
    missed = {one.key for one in rows if one.outcome == BREACHED}
    revised: list[SlaOutcome] = []
    for case in cases:
        for row in _signed(rows, case, before=booked_in):
            if case.excluded:
                if row.outcome != EXCLUDED:
                    revised.append(revise(row, booked_in=booked_in, outcome=EXCLUDED,
                                          reason=case.excluded))  # fmt: skip
            elif row.outcome == MET and row.key not in missed and _is_missed(case, row, agreements):
                missed.add(row.key)
                revised.append(revise(row, booked_in=booked_in, outcome=BREACHED,
                                      reason="corrected"))  # fmt: skip
    book(revised, agreements, actor=actor, now=now)
    return len(revised)


def _signed(rows: list[SlaOutcome], case: Case, *, before: date) -> Iterator[SlaOutcome]:
    found = (one for one in rows if one.request_id == case.request_id and one.month < before)
    yield from sorted(found, key=lambda one: one.month)


def _is_missed(case: Case, row: SlaOutcome, agreements: Agreements) -> bool:
    span, _ = agreements.month(row.month)
    return any(
        one.key == row.key and one.outcome == BREACHED for one in judge(case, span, agreements.at)
    )
