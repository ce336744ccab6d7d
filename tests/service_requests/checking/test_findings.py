"""Findings are noted with the return, fixed, ticked, and confirmed one by one."""

from __future__ import annotations

from tests.factories.lifecycle import row_state
from tests.service_requests.browsing import send
from tests.service_requests.checking.kit import findings, ready, returned, spend


def _in_review(stage, world, sign_in_as):
    made = ready(stage, world.a, world.operator_a)
    browser = sign_in_as(world.operator_a)
    assert send(stage, browser, made, "submit").status_code == 303
    return made, browser, sign_in_as(world.supervisor)


def test_several_findings_each_fixed_and_confirmed(world, stage, sign_in_as):
    made, browser, supervisor = _in_review(stage, world, sign_in_as)
    more = {
        "kind_2": "price", "severity_2": "critical", "findings_2": "the discount is missing",
    }  # fmt: skip
    assert returned(stage, supervisor, made, "wrong total", **more).status_code == 303
    one, two = findings(stage, made)
    assert (one.kind, one.severity, one.body) == ("wrong_fact", "major", "wrong total")
    assert (two.kind, two.severity, two.position) == ("price", "critical", 2)
    assert one.operator_id == world.operator_a.id
    page = browser.get(made.url).text
    assert "the discount is missing" in page
    assert "Price or terms are wrong" in page

    refused = send(stage, browser, made, "submit")
    assert refused.status_code == 409
    assert "Findings of the quality check are open: 2" in refused.text
    for finding in (one, two):
        assert send(stage, browser, made, f"findings/{finding.id}/fixed").status_code == 303
    assert send(stage, browser, made, f"findings/{two.id}/open").status_code == 303
    assert send(stage, browser, made, "submit").status_code == 409
    assert send(stage, browser, made, f"findings/{two.id}/fixed").status_code == 303
    assert send(stage, browser, made, "submit").status_code == 303

    short = send(stage, supervisor, made, "pass", confirmed=one.id)
    assert short.status_code == 409
    assert "Confirm that every earlier finding is fixed" in short.text
    assert row_state(stage, made) == "in_review"
    both = [str(one.id), str(two.id)]
    assert send(stage, supervisor, made, "pass", confirmed=both).status_code == 303
    assert row_state(stage, made) == "delivered"
    assert all(row.confirmed_by == world.supervisor.id for row in findings(stage, made))
    # What is confirmed stays.
    assert send(stage, browser, made, f"findings/{one.id}/open").status_code == 409


def test_returning_again_opens_what_is_not_fixed(world, stage, sign_in_as):
    made, browser, supervisor = _in_review(stage, world, sign_in_as)
    second = {"kind_2": "other", "findings_2": "and the date"}
    assert returned(stage, supervisor, made, "wrong total", **second).status_code == 303
    one, two = findings(stage, made)
    for finding in (one, two):
        assert send(stage, browser, made, f"findings/{finding.id}/fixed").status_code == 303
    assert send(stage, browser, made, "submit").status_code == 303
    # Without a word of its own: the second one is what is wrong still.
    assert send(stage, supervisor, made, "return", confirmed=one.id).status_code == 303
    assert row_state(stage, made) == "in_progress"
    one, two = findings(stage, made)
    assert one.confirmed_at is not None
    assert two.confirmed_at is None
    assert two.fixed_at is None
    assert stage.value("SELECT findings FROM reviews ORDER BY at DESC LIMIT 1") == "and the date"


def test_a_finding_says_what_it_is(world, stage, sign_in_as):
    made, _, supervisor = _in_review(stage, world, sign_in_as)
    for wrong, said in (
        ({"kind": "", "findings": "something"}, "Choose what is wrong."),
        ({"kind": "tax", "findings": "of another line"}, "Choose what is wrong."),
        ({"kind": "other", "findings": " "}, "Say what has to change."),
        ({}, "Say what has to change."),
        ({"kind": "other", "findings": "x", "kind_3": "price"}, "Say what has to change."),
        ({"kind": "nonsense", "findings": "x"}, 'aria-invalid="true"'),
    ):
        refused = send(stage, supervisor, made, "return", **wrong)
        assert refused.status_code == 422, wrong
        assert said in refused.text
        assert 'aria-invalid="true"' in refused.text
    assert not findings(stage, made)
    assert row_state(stage, made) == "in_review"


def test_only_who_works_on_it_ticks_and_only_while_it_is_in_work(world, stage, sign_in_as):
    made, browser, supervisor = _in_review(stage, world, sign_in_as)
    assert returned(stage, supervisor, made).status_code == 303
    [finding] = findings(stage, made)
    address = f"findings/{finding.id}/fixed"
    assert send(stage, sign_in_as(world.a.admin), made, address).status_code == 403
    assert send(stage, sign_in_as(world.operator_b), made, address).status_code == 404
    other = ready(stage, world.a, world.operator_a)
    assert send(stage, browser, other, address).status_code == 404
    assert send(stage, browser, made, address).status_code == 303
    # Sent twice it stays as it was.
    before = findings(stage, made)
    assert send(stage, browser, made, address).status_code == 303
    assert findings(stage, made) == before
    assert send(stage, browser, made, "submit").status_code == 303
    assert send(stage, browser, made, f"findings/{finding.id}/open").status_code == 409


def test_nobody_confirms_what_they_fixed_themselves(world, stage, sign_in_as):
    made, browser, supervisor = _in_review(stage, world, sign_in_as)
    assert returned(stage, supervisor, made).status_code == 303
    [finding] = findings(stage, made)
    # The reviewer helps out; somebody else hands it over.
    assert send(stage, supervisor, made, f"findings/{finding.id}/fixed").status_code == 303
    assert send(stage, browser, made, "submit").status_code == 303
    refused = send(stage, supervisor, made, "pass", confirmed=finding.id)
    assert refused.status_code == 403
    assert "Somebody else has to confirm it" in refused.text
    assert row_state(stage, made) == "in_review"


def test_time_between_a_return_and_the_next_hand_over_is_rework(world, stage, sign_in_as):
    made, browser, supervisor = _in_review(stage, world, sign_in_as)
    spend(stage, made, world.supervisor, 7)
    assert returned(stage, supervisor, made).status_code == 303
    spend(stage, made, world.operator_a, 11)
    page = browser.get(made.url).text
    assert '<option value="rework" selected>' in page
    [finding] = findings(stage, made)
    assert send(stage, browser, made, f"findings/{finding.id}/fixed").status_code == 303
    # By the form and by hand, what the person says counts.
    spent = {"worked_on": "2026-11-20", "activity": "Talked", "billable": "1"}
    assert (
        send(stage, browser, made, "time", minutes="13", category="talk", **spent).status_code
        == 303
    )
    assert send(stage, browser, made, "submit").status_code == 303
    assert send(stage, supervisor, made, "pass", confirmed=finding.id).status_code == 303
    rows = stage.rows(
        "SELECT minutes, category, billable FROM time_entries WHERE request_id = :r ORDER BY minutes",
        r=made.id,
    )  # fmt: skip
    assert [tuple(row) for row in rows] == [
        (7, "review", True), (11, "rework", False), (13, "talk", True), (30, "work", True),
    ]  # fmt: skip
