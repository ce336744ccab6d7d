"""What a second person has not let pass stays inside, and who made it doesn't check it."""

from typing import Any

import pytest

from app.service_requests.queries import get_request
from app.service_requests.services import decisions, work
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tests.factories import acting
from tests.factories.lifecycle import make_request


def test_the_client_sees_results_only_after_the_check(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    made = make_request(
        stage, world.a, state="in_review", operator=world.operator_a, item="payment_control"
    )
    row = stage.rows(
        "SELECT d.file_id, f.name FROM deliverables d JOIN files f ON f.id = d.file_id"
        " AND f.tenant_id = d.tenant_id WHERE d.tenant_id = :t",
        t=world.a.id,
    )[0]
    client, operator = sign_in_as(world.a.admin), sign_in_as(world.operator_a)
    address = f"{made.url}/files/{row.file_id}"
    assert operator.get(address).status_code == 200
    assert client.get(address).status_code == 404
    assert row.name not in client.get(made.url).text
    supervisor = world.supervisor.actor(world.a, level="review")
    with acting(stage, world.supervisor.scope(world.a)):
        request = get_request(actor=supervisor, number=made.number)
        decisions.pass_review(request=request, actor=supervisor, now=clock.now())
    assert client.get(address).status_code == 200
    assert row.name in client.get(made.url).text


def test_who_attached_the_result_does_not_review_it(stage: Any, world: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    supervisor = world.supervisor.actor(world.a, level="review")
    now = clock.now()
    with acting(stage, world.supervisor.scope(world.a)):
        request = get_request(actor=supervisor, number=made.number)
        work.upload_deliverable(
            request=request, actor=supervisor, now=now, name="r.txt", content_type="text/plain",
            content=b"result", title="",
        )  # fmt: skip
    operator = world.operator_a.actor(world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        request = get_request(actor=operator, number=made.number)
        work.record_time(
            request=request, actor=operator, now=now, minutes=5, worked_on=now.date(),
            activity="x",
        )  # fmt: skip
        work.submit_for_review(request=request, actor=operator, now=now)
    with acting(stage, world.supervisor.scope(world.a)):
        request = get_request(actor=supervisor, number=made.number)
        with pytest.raises(CoulisseError) as caught:
            decisions.pass_review(request=request, actor=supervisor, now=now)
    assert caught.value.code == "four_eyes"
