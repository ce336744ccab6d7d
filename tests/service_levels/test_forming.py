"""Credits that form over several clients are those that a month's own count gives."""

from __future__ import annotations

from typing import Any

from app.contracts.offered import offered_lines
from app.service_levels.counting import count, severities
from app.service_levels.credits import credit_of
from app.service_levels.forming import list_forming
from app.service_levels.judging import BREACHED
from app.service_levels.queries import get_agreements
from tenants.scoping import across_tenants
from tests.factories import acting
from tests.factories.service_levels import sign
from tests.service_levels.playing import Played, play_all
from tests.service_levels.script import MONTH, SIGNED_AT, write_scripts


def test_every_missed_clock_is_found_however_it_came_about(stage):
    played = play_all(stage, write_scripts(seed=11, companies=6, wishes=4), order="by company")
    wanted = {one.company.id: _counted(stage, one) for one in played}
    assert any(wanted.values())
    assert _forming(stage, played) == wanted
    # Once it is signed off nothing forms any more.
    signed = next(one for one in played if wanted[one.company.id])
    sign(stage, signed.company, signed.supervisor, MONTH, SIGNED_AT)
    assert _forming(stage, played) == wanted | {signed.company.id: {}}
    assert _forming(stage, played[:1]) == {
        played[0].company.id: {} if signed is played[0] else wanted[played[0].company.id]
    }


def _counted(stage, played: Played):
    with acting(stage, played.supervisor.scope(played.company)):
        agreements = get_agreements()
        span, terms = agreements.month(MONTH)
        missed = [one for one in count(span, agreements) if one.outcome == BREACHED]
        found = {}
        for line in offered_lines():
            own = [one for one in missed if one.line == line]
            if base := terms.credit_base(line) if own else 0:
                credit = credit_of(severities(own), base=base, rules=terms.credit_rules)
                found[line] = (sorted((one.number, one.clock, one.run) for one in own), credit)
        return found


def _forming(stage, played: list[Played]):
    ids = [one.company.id for one in played]
    with (
        stage.app.app_context(),
        across_tenants(reason="test", tenant_ids=ids, user_id=played[0].supervisor.id) as session,
    ):
        rows = list_forming(
            session, lines_of={one: list(offered_lines()) for one in ids}, now=SIGNED_AT
        )
    found: dict[Any, dict[str, Any]] = {one: {} for one in ids}
    for row in rows:
        if row.month == MONTH:
            keys = sorted((one.number, one.clock, one.run) for one in row.breaches)
            found[row.tenant_id][row.line] = (keys, row.credit)
    return found
