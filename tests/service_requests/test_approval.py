"""The client's decision: a fresh code, exactly these files, the right person."""

from __future__ import annotations

import time

import pytest

from tests.factories.lifecycle import make_request, row_state
from tests.service_requests.browsing import package_on, send


@pytest.fixture
def made(world, stage):
    return make_request(
        stage, world.a, item="payment_control", state="awaiting_approval",
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip


def test_the_page_shows_what_is_decided_on(world, made, sign_in_as, stage):
    page = sign_in_as(world.a.approver).get(made.url).text
    files = stage.rows("SELECT sha256 FROM deliverables WHERE tenant_id = :t", t=world.a.id)
    assert files
    assert all(row.sha256 in page for row in files)
    assert package_on(sign_in_as(world.a.approver), made) in page.replace('value="', "")


@pytest.mark.parametrize("code", ["", "000000", "12345", "not a code"])
def test_a_wrong_or_missing_code_approves_nothing(world, made, sign_in_as, stage, code):
    approver = sign_in_as(world.a.approver)
    refused = send(stage, approver, made, "approve", sha256=package_on(approver, made), code=code)
    assert refused.status_code == 422
    assert "approve-code-error" in refused.text
    assert row_state(stage, made) == "awaiting_approval"


def test_a_code_is_good_once(world, made, sign_in_as, stage):
    approver = sign_in_as(world.a.approver)
    code = world.a.approver.code()
    sha256 = package_on(approver, made)
    assert send(stage, approver, made, "approve", sha256=sha256, code=code).status_code == 303
    other = make_request(
        stage, world.a, item="payment_control", state="awaiting_approval",
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip
    package = package_on(approver, other)
    assert send(stage, approver, other, "approve", sha256=package, code=code).status_code == 422
    later = world.a.approver.code(at=time.time() + 30)
    assert send(stage, approver, other, "approve", sha256=package, code=later).status_code == 303


def test_a_changed_package_is_looked_at_again(world, made, sign_in_as, stage):
    approver = sign_in_as(world.a.approver)
    seen = package_on(approver, made)
    stage.run(
        "UPDATE deliverables SET sha256 = :other WHERE tenant_id = :t",
        other="0" * 64, t=world.a.id,
    )  # fmt: skip
    code = world.a.approver.code()
    refused = send(stage, approver, made, "approve", sha256=seen, code=code)
    assert refused.status_code == 409
    assert "files changed since" in refused.text
    assert row_state(stage, made) == "awaiting_approval"
    assert package_on(approver, made) != seen


def test_bytes_changed_outside_are_not_approved(world, made, sign_in_as, stage):
    approver = sign_in_as(world.a.approver)
    stage.run(
        "UPDATE files SET sha256 = :other WHERE tenant_id = :t AND id IN "
        "(SELECT file_id FROM deliverables WHERE tenant_id = :t)",
        other="1" * 64, t=world.a.id,
    )  # fmt: skip
    code, sha256 = world.a.approver.code(), package_on(approver, made)
    assert send(stage, approver, made, "approve", sha256=sha256, code=code).status_code in (
        404,
        409,
    )
    assert row_state(stage, made) == "awaiting_approval"


def test_only_an_approver_of_the_client_decides(world, made, sign_in_as, stage):
    sha256 = package_on(sign_in_as(world.a.approver), made)
    for person in (world.a.user, world.a.admin, world.operator_a, world.supervisor):
        browser = sign_in_as(person)
        for verb in ("approve", "refuse"):
            answer = send(stage, browser, made, verb, sha256=sha256, code="000000", reason="no")
            assert answer.status_code == 403, (person.name, verb)
    outsider = sign_in_as(world.b.approver)
    assert send(stage, outsider, made, "approve", sha256=sha256, code="1").status_code == 404
    assert row_state(stage, made) == "awaiting_approval"
