"""From the catalogue to the confirmation, through the pages, as each role."""

from __future__ import annotations

import io

from tests.factories.lifecycle import Made, attach, make_request, row_state, version_of
from tests.service_requests.browsing import HTMX, package_on, pdf, send


def _raised(stage, company, number=1):
    found = stage.value(
        "SELECT id FROM requests WHERE tenant_id = :t AND number = :n", t=company.id, n=number
    )
    return Made(found, number, company)


def _states(stage, made):
    return [
        row.target
        for row in stage.rows(
            "SELECT target FROM request_moves WHERE tenant_id = :t AND request_id = :r ORDER BY id",
            t=made.company.id, r=made.id,
        )
    ]  # fmt: skip


def test_a_gated_item_from_the_form_to_the_confirmation(world, stage, sign_in_as):
    company = world.a
    user, operator = sign_in_as(company.user), sign_in_as(world.operator_a)
    approver, supervisor = sign_in_as(company.approver), sign_in_as(world.supervisor)
    answer = user.post(
        company.url("requests/new/payment_control"),
        data={
            "client": company.slug,
            "period": "2026-10",
            "details": company.text("as usual"),
            "open_items": (io.BytesIO(b"number;amount\n"), "items.csv"),
            "statement": (io.BytesIO(b"<Document/>"), "statement.xml"),
        },
    )
    assert answer.status_code == 303, answer.text
    made = _raised(stage, company)
    assert answer.location == made.url

    assert send(stage, operator, made, "start").status_code == 303
    assert send(stage, operator, made, "questions", body="Which account?").status_code == 303
    assert row_state(stage, made) == "waiting_client"
    question = stage.value(
        "SELECT id FROM questions WHERE tenant_id = :t AND request_id = :r",
        t=company.id, r=made.id,
    )  # fmt: skip
    answered = send(stage, user, made, f"questions/{question}/answer", answer="The second one.")
    assert answered.status_code == 303
    assert row_state(stage, made) == "in_progress"
    assert send(stage, operator, made, "deliverables", file=pdf()).status_code == 303
    spent = {"minutes": "1:30", "worked_on": "2026-11-20", "activity": "Matched", "billable": "1"}
    assert send(stage, operator, made, "time", **spent).status_code == 303
    assert send(stage, operator, made, "submit").status_code == 303
    assert send(stage, supervisor, made, "pass").status_code == 303
    assert row_state(stage, made) == "awaiting_approval"

    decision = {"sha256": package_on(approver, made), "code": company.approver.code()}
    assert send(stage, approver, made, "approve", **decision).status_code == 303
    assert send(stage, user, made, "close").status_code == 303
    assert _states(stage, made) == [
        "new", "assigned", "in_progress", "waiting_client", "in_progress", "in_review",
        "awaiting_approval", "delivered", "closed",
    ]  # fmt: skip
    assert "confirmed and closed" in user.get(f"{made.url}/history").text


def test_an_ungated_item_is_delivered_by_the_review(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_review", operator=world.operator_a)
    page = send(stage, sign_in_as(world.supervisor), made, "pass", headers=HTMX)
    assert page.status_code == 200
    assert row_state(stage, made) == "delivered"
    assert "request-left" in page.headers["HX-Trigger"]
    assert "Please confirm" in sign_in_as(world.a.user).get(made.url).text.replace(
        "please confirm", "Please confirm"
    )


def test_findings_send_the_work_back(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_review", operator=world.operator_a)
    supervisor = sign_in_as(world.supervisor)
    empty = send(stage, supervisor, made, "return", findings=" ")
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    words = world.a.text("the total is wrong")
    noted = {"kind": "wrong_fact", "severity": "major", "findings": words}
    assert send(stage, supervisor, made, "return", **noted).status_code == 303
    assert row_state(stage, made) == "in_progress"
    assert words in sign_in_as(world.operator_a).get(made.url).text
    assert words not in sign_in_as(world.a.user).get(made.url).text


def test_who_prepared_it_does_not_check_it(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_review", operator=world.supervisor)
    supervisor = sign_in_as(world.supervisor)
    page = supervisor.get(made.url).text
    assert "Somebody else has to check it" in page
    assert f"{made.url}/pass" not in page
    refused = send(stage, supervisor, made, "pass")
    assert refused.status_code == 403
    assert "prepared this yourself" in refused.text
    assert row_state(stage, made) == "in_review"


def test_work_level_does_not_review(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_review", operator=world.operator_a)
    assert send(stage, sign_in_as(world.operator_both), made, "pass").status_code == 403
    assert row_state(stage, made) == "in_review"


def test_refusing_needs_a_reason_and_returns_the_work(world, stage, sign_in_as):
    made = make_request(
        stage, world.a, item="payment_control", state="awaiting_approval",
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip
    approver = sign_in_as(world.a.approver)
    sha256 = package_on(approver, made)
    assert send(stage, approver, made, "refuse", sha256=sha256, reason="").status_code == 422
    words = world.a.text("customer 12 is missing")
    assert send(stage, approver, made, "refuse", sha256=sha256, reason=words).status_code == 303
    assert row_state(stage, made) == "in_progress"
    assert words in sign_in_as(world.operator_a).get(made.url).text


def test_waiting_lasts_as_long_as_a_question_is_open(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    operator, user = sign_in_as(world.operator_a), sign_in_as(world.a.user)
    assert send(stage, operator, made, "questions", body="And since when?").status_code == 303
    first, second = stage.rows(
        "SELECT id FROM questions WHERE tenant_id = :t AND request_id = :r ORDER BY id",
        t=world.a.id, r=made.id,
    )  # fmt: skip
    assert send(stage, user, made, f"questions/{first.id}/answer", answer="1").status_code == 303
    assert row_state(stage, made) == "waiting_client"
    assert send(stage, operator, made, f"questions/{second.id}/withdraw").status_code == 303
    assert row_state(stage, made) == "in_progress"
    again = send(stage, user, made, f"questions/{second.id}/answer", answer="too late")
    assert again.status_code == 409


def test_cancelling_ends_with_the_beginning_of_the_work(world, stage, sign_in_as):
    user = sign_in_as(world.a.user)
    early = make_request(stage, world.a)
    assert send(stage, user, early, "cancel", reason="not needed").status_code == 303
    assert row_state(stage, early) == "cancelled"
    late = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    assert send(stage, user, late, "cancel", reason="not needed").status_code == 409
    assert row_state(stage, late) == "in_progress"


def test_nothing_is_handed_over_without_result_and_time(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    operator = sign_in_as(world.operator_a)
    assert "at least one deliverable" in send(stage, operator, made, "submit").text
    attach(stage, made, world.operator_a)
    refused = send(stage, operator, made, "submit")
    assert refused.status_code == 409
    assert "Record your time first" in refused.text


def test_a_correction_of_time_stays_above_zero(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    operator = sign_in_as(world.operator_a)
    entry = {"worked_on": "2026-11-20", "activity": "Letter"}
    assert send(stage, operator, made, "time", minutes="-10", **entry).status_code == 409
    assert send(stage, operator, made, "time", minutes="nonsense", **entry).status_code == 422
    for written in ("45", "-0:15"):
        assert send(stage, operator, made, "time", minutes=written, **entry).status_code == 303
    assert "30\u00a0min" in operator.get(made.url).text
    assert version_of(stage, made) > 0
