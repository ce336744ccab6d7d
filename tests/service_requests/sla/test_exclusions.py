"""Force majeure takes two people; what a request's own history excludes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.service_requests.queries import get_request
from app.service_requests.sla import exclusions
from app.service_requests.sla.exclusions import AlreadyExcluded, SecondPerson, reason_of
from tenants.core.errors import Forbidden
from tests.factories import acting
from tests.factories.lifecycle import make_request

NOW = datetime(2026, 6, 2, 8, tzinfo=UTC)


def test_force_majeure_counts_when_a_second_person_confirms(stage, world):
    made = make_request(stage, world.a)
    with acting(stage, world.supervisor.scope(world.a)):
        reviewer = world.supervisor.actor(world.a, level="review")
        row = get_request(actor=reviewer, number=made.number)
        found = exclusions.propose(
            request=row, kind="force_majeure", words="Flood", actor=reviewer, now=NOW, known=[]
        )
        facts: dict[str, Any] = {"state": "closed", "ended_by": "client", "scope_accepted": True}
        assert reason_of(**facts, known=[found]) is None
        administrator = replace(reviewer, role="provider_admin")
        with pytest.raises(Forbidden):
            exclusions.confirm(exclusion=found, actor=reviewer, now=NOW)
        with pytest.raises(SecondPerson):
            exclusions.confirm(exclusion=found, actor=administrator, now=NOW)
        other = replace(administrator, user_id=world.provider_admin.id)
        exclusions.confirm(exclusion=found, actor=other, now=NOW)
        assert reason_of(**facts, known=[found]) == "force_majeure"
        with pytest.raises(AlreadyExcluded):
            exclusions.propose(
                request=row, kind="force_majeure", words="x", actor=reviewer, now=NOW,
                known=[found],
            )  # fmt: skip


def test_an_operator_excludes_nothing(stage, world):
    made = make_request(stage, world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        row = get_request(actor=actor, number=made.number)
        with pytest.raises(Forbidden):
            exclusions.propose(request=row, kind="spam", words="x", actor=actor, now=NOW, known=[])


@pytest.mark.parametrize(
    ("state", "ended_by", "accepted", "reason"),
    [
        ("closed", "client", True, None),
        ("duplicate", "provider", True, "duplicate"),
        ("merged", "provider", True, "duplicate"),
        ("cancelled", "client", True, "cancelled"),
        ("cancelled", "provider", True, None),
        ("cancelled", "client", False, "out_of_scope"),
        ("quote_needed", "provider", False, "out_of_scope"),
    ],
)
def test_what_the_history_says(state, ended_by, accepted, reason):
    found = reason_of(state=state, ended_by=ended_by, scope_accepted=accepted, known=[])
    assert found == reason
