"""What billing found out about a company's subscription stands on the company's page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tenants.permissions import system_actor
from tenants.services.access import set_access_state
from tenants.services.job_handling import replay_job
from tests.factories import acting
from tests.jobs.making import make_job


def test_what_became_of_the_access_is_told_in_words(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    actor, now = system_actor(world.a.id), datetime.now(UTC)
    job = make_job(stage, world.a.id, state="quarantined", finished_at="now()")
    with acting(stage, world.a.scope):
        assert set_access_state(state="suspended", actor=actor, now=now)
        assert not set_access_state(state="suspended", actor=actor, now=now)
        replay_job(job_id=job, actor=actor, now=now)
    page = sign_in_as(world.provider_admin).get(f"/provider/companies/{world.a.slug}").text
    assert page.count("changed what the subscription allows") == 1
    assert "active → suspended" in page
    assert "let a job run again" in page
    assert "tenants." not in page
