"""A month of twenty companies (eight in the short form), played through the real services, signed off, and played again in
another order: the same figures and credits to the cent, which are also those of a reference that
reads the script minute by minute."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from app.service_levels.months import Month
from tests.effort import PROVE
from tests.factories.service_levels import sign
from tests.service_levels import reference
from tests.service_levels.playing import Played, play_all
from tests.service_levels.script import MONTH, SIGNED_AT, SINGLE, WORK, Script, write_scripts

COMPANIES, WISHES = (20, 12) if PROVE else (8, 3)


def test_twice_the_same_and_as_the_reference_has_it(stage):
    scripts = write_scripts(seed=7, companies=COMPANIES, wishes=WISHES)
    expected = [_judge(one) for one in scripts]
    first = play_all(stage, scripts, order="by company")
    second = play_all(stage, scripts, order="by time")
    for one, other, wanted in zip(first, second, expected, strict=True):
        for played in (one, other):
            sign(stage, played.company, played.supervisor, MONTH, SIGNED_AT)
        assert _outcomes(stage, one) == sorted(wanted.outcomes), one.script
        assert _outcomes(stage, one) == _outcomes(stage, other)
        assert _figures(stage, one) == wanted.figures == _figures(stage, other)
        assert _credits(stage, one) == wanted.credits == _credits(stage, other)
    seen = Counter(row[3] for one in expected for row in one.outcomes)
    assert all(seen[outcome] for outcome in ("met", "breached", "excluded"))
    assert any(sum(one.credits.values()) for one in expected)


class _Expected:
    def __init__(self, script: Script, judged: list[reference.Judged]) -> None:
        self.outcomes = [
            (one.place, one.clock, one.run, one.outcome, one.reason, one.severity, one.minutes,
             one.waited, one.due_at.isoformat() if one.due_at and one.outcome == "breached" else "")
            for one in judged
        ]  # fmt: skip
        self.figures = {
            (line, clock): _figure(
                [one for one in judged if (one.line, one.clock) == (line, clock)]
            )
            for line in (WORK, SINGLE)
            for clock in ("first_response", "resolution")
        }
        self.credits = {
            line: reference.credit(judged, script.agreement, line) for line in (WORK, SINGLE)
        }


def _judge(script: Script) -> _Expected:
    span = Month(MONTH, script.agreement.zone)
    minutes = reference.Minutes(
        script.agreement, span.start - timedelta(days=2), span.end + timedelta(days=30)
    )
    judged = [
        found
        for wish in script.wishes
        for found in reference.judge_wish(
            wish, script.merged_into(wish.place), script.agreement, minutes, (span.start, span.end)
        )
    ]
    return _Expected(script, judged)


def _figure(judged: list[reference.Judged]) -> tuple[object, ...]:
    counted = [one.minutes for one in judged if one.outcome != "excluded"]
    return (
        sum(one.outcome == "met" for one in judged),
        sum(one.outcome == "breached" for one in judged),
        sum(one.outcome == "excluded" for one in judged),
        reference.rank(counted, Decimal("0.5")),
        reference.rank(counted, Decimal("0.9")),
    )


def _outcomes(stage, played: Played):
    rows = stage.rows("SELECT * FROM sla_outcomes WHERE tenant_id = :t", t=played.company.id)
    return sorted(
        (played.places[one.number], one.clock, one.run, one.outcome, one.reason, one.severity,
         one.minutes, one.waited,
         one.due_at.astimezone(SIGNED_AT.tzinfo).isoformat() if one.outcome == "breached" else "")
        for one in rows
    )  # fmt: skip


def _figures(stage, played: Played):
    rows = stage.rows(
        "SELECT line, figures FROM sla_months WHERE tenant_id = :t AND line IN ('finance', 'hr')",
        t=played.company.id,
    )
    return {
        (row.line, clock): (one["met"], one["breached"], sum(one["excluded"].values()),
                            one["median"], one["p90"])
        for row in rows
        for clock, one in row.figures.items()
    }  # fmt: skip


def _credits(stage, played: Played):
    rows = stage.rows("SELECT * FROM sla_credits WHERE tenant_id = :t", t=played.company.id)
    return {one.line: one.amount for one in rows}
