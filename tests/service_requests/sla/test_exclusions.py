"""Force majeure takes two people; what a request's own history excludes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.service_requests.queries import get_request
from app.service_requests.sla import exclusions
from app.service_requests.sla.exclusions import AlreadyExcluded, SecondPerson
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
        assert found.confirmed_at is None
        with pytest.raises(SecondPerson):
            exclusions.confirm(request=row, exclusion=found, actor=reviewer, now=NOW)
        other = replace(reviewer, user_id=world.operator_both.id)
        exclusions.confirm(request=row, exclusion=found, actor=other, now=NOW)
        assert found.confirmed_at == NOW
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


def test_a_reviewer_proposes_on_the_page_and_cannot_confirm_alone(stage, world, sign_in_as):
    made = make_request(stage, world.a)
    reviewer = sign_in_as(world.supervisor)
    form = {"client": world.a.slug, "kind": "force_majeure", "words": "Flood in the office"}
    url = f"{made.url}/clock/exclusions"
    assert sign_in_as(world.operator_a).post(url, data=form).status_code == 403
    assert sign_in_as(world.a.user).post(url, data=form).status_code == 403
    assert reviewer.post(url, data={**form, "words": ""}).status_code == 422
    assert reviewer.post(url, data=form).status_code == 303
    assert reviewer.post(url, data=form).status_code == 409
    found = stage.value("SELECT id FROM sla_exclusions WHERE request_id = :r", r=made.id)
    alone = reviewer.post(f"{url}/{found}/confirm", data={"client": world.a.slug})
    assert alone.status_code == 403
    page = sign_in_as(world.a.user).get(f"{made.url}/clock").text
    assert "Flood in the office" in page
    assert "Another reviewer has to confirm it." in page
    stage.run("UPDATE sla_exclusions SET by_id = :u WHERE id = :i", u=world.operator_b.id, i=found)
    done = reviewer.post(f"{url}/{found}/confirm", data={"client": world.a.slug})
    assert done.status_code == 303
    audited = {row.name for row in stage.rows(
        "SELECT name FROM audit_events WHERE object_id = :r", r=made.id)}  # fmt: skip
    assert "service_requests.exclusion.confirmed" in audited
