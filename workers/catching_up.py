"""Which period of an entry is done next, and whether: pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from app.calendars.recurrence import Moment

# What is missed by more is not made up for by entries that skip.
LATE = timedelta(minutes=15)


class Step(NamedTuple):
    """`settled` is the last period that is done with; None: as before. `again`: there is more."""

    run: Moment | None = None
    settled: str | None = None
    again: bool = False


NOTHING = Step()


def step(
    due: Sequence[Moment],
    *,
    catch_up: Literal["once", "each", "skip"],
    held: Literal["skip", "wait"],
    now: datetime,
    allowed: bool,
    busy: bool,
) -> Step:
    """`due` are the periods whose moment has come and that aren't settled, in order; `allowed`: the
    company's access lets the job run; `busy`: the job of the period before has not ended."""
    if not due:
        return NOTHING
    first, newest = due[0], due[-1]
    if not allowed:
        return NOTHING if held == "wait" else Step(settled=newest.period)
    if catch_up == "each":
        if busy:
            return Step(again=True)
        return Step(first, first.period, again=len(due) > 1)
    if catch_up == "skip" and now - newest.at > LATE:
        return Step(settled=newest.period)
    return Step(newest, newest.period)
