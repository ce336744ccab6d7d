"""Run again, drop, cancel: one job or several, by whom, with which traces."""

from __future__ import annotations

from typing import Any

from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tests.jobs.making import make_job, state_of

SEVERAL = "/provider/jobs/several"


def bad(stage: Any, tenant_id: Any, **more: Any) -> Any:
    return make_job(stage, tenant_id, state="quarantined", finished_at="now()", failures=5, **more)


def test_run_again(stage: Any, world: Any, sign_in_as: Any) -> None:
    job, browser = bad(stage, world.a.id), sign_in_as(world.supervisor)
    answer = browser.post(world.a.url(f"jobs/{job}"), data={"verb": "replay", "reason": "mended"})
    assert answer.status_code == 303
    assert state_of(stage, job) == "queued"
    assert stage.value("SELECT failures FROM jobs WHERE id = :j", j=job) == 0
    [decision] = stage.rows("SELECT * FROM job_decisions WHERE job_id = :j", j=job)
    assert (decision.verb, decision.reason, decision.by_id) == (
        "replay", "mended", world.supervisor.id,
    )  # fmt: skip
    assert stage.value(
        "SELECT name FROM audit_events WHERE object_id = :j", j=job
    ) == "tenants.job.replayed"  # fmt: skip
    again = browser.post(world.a.url(f"jobs/{job}"), data={"verb": "replay"})
    assert again.status_code == 409
    assert "not in quarantine any more" in again.get_data(as_text=True)


def test_a_drop_wants_its_reason(stage: Any, world: Any, sign_in_as: Any) -> None:
    job, browser = bad(stage, world.a.id), sign_in_as(world.supervisor)
    refused = browser.post(world.a.url(f"jobs/{job}"), data={"verb": "drop", "reason": "  "})
    assert refused.status_code == 422
    assert "Say why" in refused.get_data(as_text=True)
    assert state_of(stage, job) == "quarantined"
    data = {"verb": "drop", "reason": world.a.text("sent by hand")}
    assert browser.post(world.a.url(f"jobs/{job}"), data=data).status_code == 303
    assert state_of(stage, job) == "cancelled"
    assert world.a.text("sent by hand") in browser.get(world.a.url(f"jobs/{job}")).text


def test_a_cancel_goes_down(stage: Any, world: Any, sign_in_as: Any) -> None:
    parent = make_job(stage, world.a.id, state="waiting")
    child = make_job(stage, world.a.id, parent_id=parent)
    done = make_job(stage, world.a.id, parent_id=parent, state="succeeded", finished_at="now()")
    browser = sign_in_as(world.supervisor)
    answer = browser.post(world.a.url(f"jobs/{parent}"), data={"verb": "cancel"})
    assert answer.status_code == 303
    assert [state_of(stage, one) for one in (parent, child, done)] == [
        "cancelled", "cancelled", "succeeded",
    ]  # fmt: skip
    refused = browser.post(world.a.url(f"jobs/{done}"), data={"verb": "cancel"})
    assert refused.status_code == 409


def test_the_administration_handles_without_seeing(stage: Any, world: Any, sign_in_as: Any) -> None:
    job, own = bad(stage, world.a.id), bad(stage, PROVIDER_TENANT)
    browser = sign_in_as(world.provider_admin)
    for job_id, path in (
        (job, f"/provider/companies/{world.a.slug}/jobs/{job}"),
        (own, f"/provider/own-jobs/{own}"),
    ):
        assert browser.post(path, data={"verb": "nonsense"}).status_code == 422
        assert browser.post(path, data={"verb": "replay"}).status_code == 303
        assert state_of(stage, job_id) == "queued"
        assert browser.get(path).status_code == 200
    assert browser.get(f"/provider/own-jobs/{job}").status_code == 404
    elsewhere = f"/provider/companies/{world.b.slug}/jobs/{job}"
    assert browser.get(elsewhere).status_code == 404
    assert browser.post(elsewhere, data={"verb": "replay"}).status_code == 404


def test_several_are_looked_at_by_company_first(stage: Any, world: Any, sign_in_as: Any) -> None:
    one, two = bad(stage, world.a.id, name="x.one"), bad(stage, world.b.id, name="x.two")
    ended = make_job(stage, world.a.id, name="x.done", state="succeeded", finished_at="now()")
    picks = [
        f"{world.a.slug}/{one}", f"{world.b.slug}/{two}", f"{world.a.slug}/{ended}",
        f"{world.a.slug}/{uuid7()}", "no-such-client/" + str(uuid7()), "nonsense",
    ]  # fmt: skip
    browser = sign_in_as(world.supervisor)
    page = browser.post(SEVERAL, data={"act": "replay", "pick": picks}).text
    assert "This is for 2 companies" in page
    assert all(word in page for word in ("x.one", "x.two", "x.done", world.a.name, world.b.name))
    assert "not in its present state" in page
    assert state_of(stage, one) == state_of(stage, two) == "quarantined"
    done = browser.post(f"{SEVERAL}/run", data={"act": "replay", "pick": picks}).text
    assert "Done for 2 jobs" in done
    assert "2 did not work" in done
    assert state_of(stage, one) == state_of(stage, two) == "queued"
    assert browser.post(SEVERAL, data={"act": "replay"}).status_code == 422
    assert browser.post(SEVERAL, data={"act": "nonsense", "pick": picks}).status_code == 422


def test_several_stay_within_what_one_may(stage: Any, world: Any, sign_in_as: Any) -> None:
    theirs, own = bad(stage, world.b.id), bad(stage, PROVIDER_TENANT)
    stage.run(
        "UPDATE grants SET ended_at = now() WHERE user_id = :u AND tenant_id = :b",
        u=world.supervisor.id, b=world.b.id,
    )  # fmt: skip
    picks = [f"{world.b.slug}/{theirs}", f"provider/{own}", f"{world.a.slug}/{theirs}"]
    data = {"act": "drop", "reason": "no more", "pick": picks}
    sign_in_as(world.supervisor).post(f"{SEVERAL}/run", data=data)
    assert state_of(stage, theirs) == state_of(stage, own) == "quarantined"
    done = sign_in_as(world.provider_admin).post(f"{SEVERAL}/run", data=data).text
    assert "Done for 2 jobs" in done
    assert state_of(stage, theirs) == state_of(stage, own) == "cancelled"
    [decision] = stage.rows("SELECT * FROM job_decisions WHERE job_id = :j", j=theirs)
    assert (decision.tenant_id, decision.verb) == (world.b.id, "drop")
