"""The contract for programs, and what a raised request says of its scope."""

from __future__ import annotations

from typing import Any

from tests.factories.contracts import make_contract


def test_a_program_reads_the_contract_and_the_scope(stage: Any, world: Any, api_as: Any) -> None:
    make_contract(
        stage, world.a, number=3,
        items={"finance_question": {"scope": "quota", "quota": 1}, "hr_question": {"scope": "offer"}},
    )  # fmt: skip
    program = api_as(world.a.user)
    form = {"title": "A question", "details": "About a supplier"}
    for scope in ("in_scope", "quota_used_up"):
        made = program.post("/api/v1/requests", json={"item": "finance_question", "form": form})
        assert made.status_code == 201, made.text
        assert (made.json["scope"], made.json["state"]) == (scope, "new")
    found = program.get("/api/v1/contract").json
    assert found["version"] == 3
    items = {one["item"]: one for one in found["items"]}
    one = items["finance_question"]
    assert (one["scope"], one["quota"], one["used"], one["needs_offer"]) == ("quota", 1, 1, True)
    assert items["hr_question"]["needs_offer"] is True
    assert items["sales_question"]["scope"] == "included"
    assert found["hours"]["7"] == ""


def test_without_a_contract_the_usual_terms_are_told(world: Any, api_as: Any) -> None:
    found = api_as(world.b.user).get("/api/v1/contract").json
    assert found["version"] is None
    assert {one["scope"] for one in found["items"]} == {"included"}


def test_the_catalogue_tells_the_targets_of_the_contract(
    stage: Any, world: Any, api_as: Any
) -> None:
    make_contract(
        stage, world.a,
        targets=[{"line": "finance", "item": "finance_question", "priority": "normal",
                  "first_response": 60, "resolution": 90}],
    )  # fmt: skip
    for company, promised in ((world.a, (60, 90)), (world.b, (240, 960))):
        program = api_as(company.user)
        listed = program.get("/api/v1/catalogue").json["items"]
        assert not any("working_days" in one for one in listed)
        [item] = [one for one in listed if one["code"] == "finance_question"]
        [normal] = [one for one in item["targets"] if one["priority"] == "normal"]
        assert (normal["first_response_minutes"], normal["resolution_minutes"]) == promised
        told = {
            one["item"]: one["targets"] for one in program.get("/api/v1/contract").json["items"]
        }
        assert item["targets"] == told["finance_question"]
