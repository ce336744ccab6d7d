"""A full storage, at every door by which a company's files come in."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from billing.limits.rules import GB
from billing.models import BillingAccount
from tests.billing.flow.test_limits import fill
from tests.factories import Company, Stage, World
from tests.factories.lifecycle import make_request
from tests.factories.people import now
from tests.mail_in.delivering import answer_address, messages, send
from tests.mail_in.writing import letter


@pytest.fixture
def full(stage: Stage, world: World) -> Company:
    company = world.a
    stage.add(
        BillingAccount,
        {"tenant_id": company.id, "plan_key": "essential", "currency": "EUR", "country": "FR",
         "billing_name": company.text("name"), "billing_email": "x@y.example",
         "requested_at": now()},
    )  # fmt: skip
    fill(stage, company, 5 * GB)
    return company


def test_the_api_says_which_limit_it_is(stage: Stage, full: Company, api_as: Any) -> None:
    program = api_as(full.user)
    new = {"item": "finance_question", "form": {"title": full.text("Q"), "details": full.text("D")}}
    number = program.post("/api/v1/requests", json=new).json["number"]
    said = program.post(
        f"/api/v1/requests/{number}/files", data={"file": (BytesIO(b"%PDF-1.7"), "a.pdf")}
    )
    assert said.status_code == 409, said.text
    assert said.json["code"] == "storage_used_up"
    assert "5 GB" in said.json["detail"]
    assert stage.value("SELECT count(*) FROM request_files WHERE tenant_id = :t", t=full.id) == 0


def test_a_mail_waits_whole_with_its_reason(
    stage: Stage, world: World, full: Company, client: Any
) -> None:
    made = make_request(stage, full, state="in_progress", operator=world.operator_a)
    to = answer_address(made, full.user)
    raw = letter(
        full.user.email, to, full.text("Here it is."), files=[("a.pdf", "application/pdf", b"%PDF-1.7")]
    )  # fmt: skip
    found = send(client(), stage, full, raw, to)
    assert (found.state, found.reason) == ("waiting", "no_room")
    assert messages(stage, made) == []
    # words alone need no room
    raw = letter(full.user.email, to, full.text("Only words."))
    assert send(client(), stage, full, raw, to).state == "landed"
