"""Steps are frozen at raising, tick by their own rules, and hold back what isn't complete."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.playbooks.services import write_playbook
from app.service_requests.checklists.rules import Facts, blocking, is_done
from app.service_requests.queries import get_request
from app.service_requests.services import work
from app.service_requests.services.timekeeping import record_time
from tenants.core.db import db
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import Made, attach, make_request, row_state
from tests.factories.people import now


class Step:
    def __init__(self, kind: str, *, mandatory: bool, done: bool, until: date | None) -> None:
        self.kind, self.mandatory, self.needs, self.wait_until = kind, mandatory, "", until
        self.done_at = now() if done else None


STEP = st.builds(
    Step, st.sampled_from(["do", "attach", "compute", "ask_client", "approve", "wait_until"]),
    mandatory=st.booleans(), done=st.booleans(),
    until=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)  # fmt: skip
FACTS = st.builds(
    Facts, today=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    results=st.lists(st.sampled_from(["file:a", "report"]), max_size=2),
    asked=st.integers(0, 2), open_questions=st.integers(0, 2), approved=st.booleans(),
    figures=st.dictionaries(st.just(""), st.booleans(), max_size=1),
)  # fmt: skip


@given(steps=st.lists(STEP, max_size=8), facts=FACTS)
def test_what_blocks_is_mandatory_open_and_before_the_client(steps: Any, facts: Facts) -> None:
    held = blocking(steps, facts)
    for one in steps:
        blocks = one.mandatory and one.kind != "approve" and not is_done(one, facts)
        assert (one in held) is blocks


@given(step=STEP, facts=FACTS)
def test_each_kind_has_its_rule(step: Any, facts: Facts) -> None:
    assert (
        is_done(step, facts)
        is {
            "do": step.done_at is not None,
            "attach": bool(facts.results),
            "compute": facts.figures.get("", step.done_at is not None),
            "ask_client": facts.asked > 0 and facts.open_questions == 0,
            "approve": facts.approved,
            "wait_until": step.wait_until is None or step.wait_until <= facts.today,
        }[step.kind]
    )


def _playbook(stage: Any, world: Any, steps: list[str], *, version: int = 0) -> None:
    person = world.operator_a
    with acting(stage, person.scope(world.a)):
        write_playbook(
            line="finance", item="finance_question", rules=world.a.text("RULES"),
            steps=[world.a.text(one) for one in steps], expected_version=version,
            actor=person.actor(world.a), now=now(),
        )  # fmt: skip


def _made(stage: Any, world: Any, **more: Any) -> Made:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a, **more)
    run_jobs(stage, world.a.id)
    return made


def _steps(stage: Any, made: Made) -> list[Any]:
    return list(stage.rows(
        "SELECT * FROM checklist_steps WHERE tenant_id = :t AND request_id = :r ORDER BY position",
        t=made.company.id, r=made.id,
    ))  # fmt: skip


def _counts(stage: Any, made: Made) -> tuple[int, int | None]:
    [row] = stage.rows("SELECT steps_done, steps_total FROM requests WHERE tenant_id = :t"
                       " AND id = :r", t=made.company.id, r=made.id)  # fmt: skip
    return row.steps_done, row.steps_total


def _time(stage: Any, world: Any, made: Made) -> None:
    actor = world.operator_a.actor(world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        record_time(request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
                    minutes=5, worked_on=now().date(), activity="x")  # fmt: skip


def test_client_rules_are_frozen_and_must_be_ticked(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    _playbook(stage, world, ["Call Anne first"])
    made = _made(stage, world)
    _playbook(stage, world, ["Something else"], version=1)
    rule = _steps(stage, made)[-1]
    assert (rule.label, rule.client_rule, rule.template_version) == (
        world.a.text("Call Anne first"), True, 1,
    )  # fmt: skip
    _time(stage, world, made)
    attach(stage, made, world.operator_a)
    assert _counts(stage, made) == (1, 3)
    browser = sign_in_as(world.operator_a)
    page = browser.get(made.url).text
    assert world.a.text("Call Anne first") in page
    assert "1 of 3" in page
    version = stage.value("SELECT version FROM requests WHERE tenant_id = :t AND id = :r",
                          t=world.a.id, r=made.id)  # fmt: skip
    form = {"client": world.a.slug, "version": str(version)}
    refused = browser.post(f"{made.url}/submit", data=form)
    assert (refused.status_code, "Mandatory steps" in refused.text) == (409, True)
    assert "step-blocks" in refused.text
    tick = f"{made.url}/steps/{rule.id}"
    assert browser.post(f"{tick}/tick", data=form).status_code == 303
    assert browser.post(f"{tick}/untick", data=form).status_code == 303
    assert _counts(stage, made) == (1, 3)
    assert browser.post(f"{tick}/tick", data=form).status_code == 303
    assert browser.post(f"{made.url}/submit", data=form).status_code == 303
    assert row_state(stage, made) == "in_review"
    assert browser.post(f"{tick}/untick", data=form).status_code == 409
    assert "steps 2/3" in browser.get("/desk").text


def test_a_step_that_is_done_by_itself_is_not_ticked(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    made = _made(stage, world)
    step = next(one for one in _steps(stage, made) if one.kind == "attach")
    browser = sign_in_as(world.operator_a)
    form = {"client": world.a.slug}
    answer = browser.post(f"{made.url}/steps/{step.id}/tick", data=form)
    assert (answer.status_code, "once the file is attached" in answer.text) == (409, True)
    attach(stage, made, world.operator_a)
    assert browser.post(f"{made.url}/steps/{step.id}/tick", data=form).status_code == 303
    other = _made(stage, world)
    foreign = _steps(stage, other)[0]
    assert browser.post(f"{made.url}/steps/{foreign.id}/tick", data=form).status_code == 404


def test_without_the_job_the_list_is_made_before_it_is_asked(stage: Any, world: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    assert _counts(stage, made) == (0, None)
    _playbook(stage, world, ["Call first"])
    _time(stage, world, made)
    attach(stage, made, world.operator_a)
    actor = world.operator_a.actor(world.a)
    with acting(stage, world.operator_a.scope(world.a)):
        request = get_request(actor=actor, number=made.number)
        with pytest.raises(work_errors()):
            work.submit_for_review(request=request, actor=actor, now=now())
    run_jobs(stage, world.a.id)
    assert len(_steps(stage, made)) == _counts(stage, made)[1] == 3


def work_errors() -> Any:
    from app.service_requests.checklists.services import ChecklistOpen

    return ChecklistOpen


def test_the_client_sees_no_list_and_no_playbook(stage: Any, world: Any, sign_in_as: Any) -> None:
    _playbook(stage, world, ["SECRET-STEP"])
    made = _made(stage, world)
    page = sign_in_as(world.a.user).get(made.url).text
    assert "SECRET-STEP" not in page
    assert "RULES" not in page
    with acting(stage, world.a.admin.scope(world.a)):
        for table in ("checklist_steps", "playbooks", "playbook_versions"):
            assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
