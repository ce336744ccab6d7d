"""What people of a company see of the work that runs for them."""

from __future__ import annotations

from typing import Any

from tests.factories import make_member
from tests.factories.lifecycle import make_request
from tests.finance.test_payment_control import raise_control, uploads
from tests.jobs.making import make_job, state_of

SEEN = {"title": "Reading the files", "for_client": True}


def progress(company: Any, job_id: Any) -> str:
    return str(company.url(f"requests/progress/{job_id}"))


def test_the_bar_asks_until_the_job_has_ended(stage: Any, world: Any, sign_in_as: Any) -> None:
    row = make_request(stage, world.a, item="payment_control")
    job = make_job(
        stage, world.a.id, **SEEN, subject_type="request", subject_id=row.id, state="running",
        progress_done=25, progress_total=100,
    )  # fmt: skip
    browser = sign_in_as(world.a.user)
    page = browser.get(progress(world.a, job)).text
    assert 'hx-trigger="every 2s"' in page
    assert 'value="25"' in page
    stage.run("UPDATE jobs SET state = 'retrying', failures = 1 WHERE id = :j", j=job)
    assert "interrupted and goes on by itself" in browser.get(progress(world.a, job)).text
    stage.run(
        "UPDATE jobs SET state = 'quarantined', error = 'KeyError', client_error = :c WHERE id = :j",
        j=job, c="This could not be finished. We have been told and look into it.",
    )  # fmt: skip
    page = browser.get(progress(world.a, job)).text
    assert "We have been told" in page
    assert "KeyError" not in page
    assert "hx-trigger" not in page
    assert "KeyError" in sign_in_as(world.operator_a).get(progress(world.a, job)).text
    stage.run("UPDATE jobs SET state = 'succeeded' WHERE id = :j", j=job)
    page = browser.get(progress(world.a, job)).text
    assert "Done." in page
    assert "hx-trigger" not in page


def test_a_job_is_seen_by_who_sees_its_request(stage: Any, world: Any, sign_in_as: Any) -> None:
    """The line decides; what says nothing to people is nobody's."""
    row = make_request(stage, world.a, item="hr_question", title="x")
    about = {"subject_type": "request", "subject_id": row.id}
    hr = make_job(stage, world.a.id, **SEEN, **about)
    inner = make_job(stage, world.a.id, title="Inner work", **about)
    silent = make_job(stage, world.a.id, for_client=True)
    finance = make_member(stage, world.a, key="f", role="client_user", lines=("finance",))
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    assert user.get(progress(world.a, hr)).status_code == 200
    assert sign_in_as(finance).get(progress(world.a, hr)).status_code == 404
    assert user.get(progress(world.a, inner)).status_code == 404
    assert operator.get(progress(world.a, inner)).status_code == 200
    assert user.get(progress(world.a, silent)).status_code == 404
    assert user.get(progress(world.b, hr)).status_code == 404
    home = sign_in_as(finance).get(world.a.url()).text
    assert f"job-{hr}" not in home
    assert f"job-{hr}" in user.get(world.a.url()).text


def test_the_home_is_quiet_when_nothing_runs(stage: Any, world: Any, sign_in_as: Any) -> None:
    home = sign_in_as(world.a.user)
    assert "What is being done for you" not in home.get(world.a.url()).text
    row = make_request(stage, world.a, title="A question")
    about = {"subject_type": "request", "subject_id": row.id}
    done = make_job(stage, world.a.id, **SEEN, **about, state="succeeded", finished_at="now()")
    old = make_job(
        stage, world.a.id, **SEEN, **about, state="quarantined",
        finished_at="now() - interval '8 days'",
    )  # fmt: skip
    make_job(stage, world.a.id, title="Inner work")
    make_job(stage, world.b.id, **SEEN)
    assert "What is being done for you" not in home.get(world.a.url()).text
    failed = make_job(stage, world.a.id, **SEEN, **about, state="quarantined", finished_at="now()")
    page = home.get(world.a.url()).text
    assert f"job-{failed}" in page
    assert row.url in page
    assert f"job-{done}" not in page
    assert f"job-{old}" not in page
    again = make_job(stage, world.a.id, **SEEN, **about)
    page = home.get(world.a.url()).text
    assert f"job-{failed}" not in page
    assert f"job-{again}" in page
    assert state_of(stage, again) == "queued"


def test_work_for_the_whole_company_that_was_begun_anew(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    named = SEEN | {"name": "service_levels.prepare"}
    failed = make_job(stage, world.a.id, **named, state="quarantined", finished_at="now()")
    user = sign_in_as(world.a.user)
    assert f"job-{failed}" in user.get(world.a.url()).text
    make_job(stage, world.a.id, **SEEN, state="succeeded", finished_at="now()")
    assert f"job-{failed}" in user.get(world.a.url()).text
    make_job(stage, world.a.id, **named, state="succeeded", finished_at="now()")
    assert f"job-{failed}" not in user.get(world.a.url()).text


def test_what_is_due_later_is_not_listed(stage: Any, world: Any, sign_in_as: Any) -> None:
    later = make_job(stage, world.a.id, **SEEN, run_at="now() + interval '9 days'")
    now = make_job(stage, world.a.id, **SEEN, run_at="now()")
    page = sign_in_as(world.a.user).get(world.a.url()).text
    assert f"job-{now}" in page
    assert f"job-{later}" not in page


def test_a_held_job_says_why_it_waits(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_job(stage, world.a.id, **SEEN, held_since="now()")
    assert "subscription does not allow it" in sign_in_as(world.a.user).get(world.a.url()).text


def test_what_people_start_is_told_as_theirs(stage: Any, world: Any, sign_in_as: Any) -> None:
    """Raising a payment control begins to read its files; the client sees it on the home."""
    number = raise_control(stage, world.a, uploads())
    [job] = stage.rows(
        "SELECT j.title, j.for_client, j.subject_type, r.number FROM jobs j JOIN requests r"
        " ON r.id = j.subject_id WHERE j.name = 'finance.prepare_payment_control'"
        " AND r.tenant_id = :t", t=world.a.id,
    )  # fmt: skip
    assert (job.title, job.for_client, job.subject_type) == (
        "Preparing request %(number)s", True, "request",
    )  # fmt: skip
    assert job.number == number
