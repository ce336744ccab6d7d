"""The Jobs page: who sees what of whose jobs, and that every figure is its list."""

from __future__ import annotations

import re
from typing import Any

from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tests.factories import make_company, make_grant, make_staff
from tests.jobs.making import make_job, state_of

PAGE = "/provider/jobs"


def body(page: Any) -> str:
    assert page.status_code == 200
    return str(page.get_data(as_text=True))


def words(company: Any, html: str) -> set[str]:
    """What stands there of a company beside its name."""
    html = html.replace(company.name, "")
    return set(re.findall(re.escape(company.canary) + r'[^<"\n]*', html))


def rows_of(html: str) -> list[str]:
    """The names in the list, in order."""
    return re.findall(r"<code>([a-z_.]+)</code>", html[html.index('id="list"') :])


def test_it_is_for_supervisors_and_administrators(world: Any, sign_in_as: Any) -> None:
    for path in (PAGE, f"{PAGE}/letters", f"{PAGE}/workers", f"{PAGE}/batches"):
        for person in (world.supervisor, world.provider_admin):
            assert sign_in_as(person).get(path).status_code == 200, path
        for person in (world.operator_a, world.a.admin, world.a.approver):
            assert sign_in_as(person).get(path).status_code == 403, path


def test_a_supervisor_sees_granted_companies_an_administrator_all(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    make_job(stage, world.a.id, name="one.of_a")
    make_job(stage, world.b.id, name="one.of_b")
    make_job(stage, PROVIDER_TENANT, name="one.of_ours")
    stage.run(
        "UPDATE grants SET ended_at = now() WHERE user_id = :u AND tenant_id = :b",
        u=world.supervisor.id, b=world.b.id,
    )  # fmt: skip
    seen = body(sign_in_as(world.supervisor).get(PAGE))
    assert "one.of_a" in seen
    assert "one.of_b" not in seen
    assert "one.of_ours" not in seen
    assert world.b.name not in seen
    seen = body(sign_in_as(world.provider_admin).get(PAGE))
    assert all(one in seen for one in ("one.of_a", "one.of_b", "one.of_ours"))
    asked = body(sign_in_as(world.supervisor).get(f"{PAGE}?client={world.b.slug}"))
    assert "one.of_" not in asked


def test_words_are_for_those_with_a_grant(stage: Any, world: Any, sign_in_as: Any) -> None:
    job = make_job(
        stage, world.a.id, state="quarantined", error=world.a.text("no such column"),
        trace=world.a.text("Traceback"), args={"file": world.a.text("list.csv")},
        title="Reading %(what)s", title_params={"what": world.a.text("files")},
        finished_at="now()",
    )  # fmt: skip
    supervisor, admin = sign_in_as(world.supervisor), sign_in_as(world.provider_admin)
    assert world.a.text("no such column") in body(supervisor.get(PAGE))
    page = body(supervisor.get(world.a.url(f"jobs/{job}")))
    for word in ("no such column", "Traceback", "list.csv", "files"):
        assert world.a.text(word) in page, word
    assert words(world.a, body(admin.get(PAGE))) == set()
    assert admin.get(world.a.url(f"jobs/{job}")).status_code == 404
    page = body(admin.get(f"/provider/companies/{world.a.slug}/jobs/{job}"))
    assert words(world.a, page) == set()
    assert "finance.write_report" in page
    assert supervisor.get(f"/provider/companies/{world.a.slug}/jobs/{job}").status_code == 403


def test_each_figure_opens_what_it_counts(stage: Any, world: Any, sign_in_as: Any) -> None:
    a = world.a.id
    make_job(stage, a, name="x.due", run_at="now() - interval '3 minutes'")
    make_job(stage, a, name="x.due", state="retrying", run_at="now() - interval '1 minute'")
    make_job(stage, a, name="x.later", run_at="now() + interval '1 hour'")
    make_job(stage, a, name="x.held", held_since="now()")
    make_job(stage, a, name="x.running", state="running", started_at="now()")
    make_job(stage, a, name="x.running", state="dispatched")
    make_job(stage, a, name="x.parts", state="waiting")
    make_job(stage, a, name="x.bad", state="quarantined", finished_at="now()")
    make_job(stage, a, name="x.done", state="succeeded", finished_at="now() - interval '2 hours'")
    make_job(stage, a, name="x.now", state="succeeded", finished_at="now() - interval '1 minute'")
    browser = sign_in_as(world.supervisor)
    page = body(browser.get(f"{PAGE}?client={world.a.slug}"))
    links = re.findall(
        r'href="(/provider/jobs\?[^"]*state=(\w+)[^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL
    )
    seen = set()
    for link, state, shown in links:
        number = re.search(r"(?:tile-value\">|^)(\d+)", shown)
        if number is None:
            continue
        listed = rows_of(body(browser.get(link.replace("&amp;", "&").split("#")[0])))
        assert len(listed) == int(number[1]), (link, listed)
        seen.add(state)
    assert seen == {"due", "later", "held", "running", "parts", "quarantined", "succeeded"}
    assert "for 3 min" in page or "00:03" in page or "0 h 03" in page or "3" in page
    assert rows_of(page).count("x.due") == 2
    assert "x.done" not in rows_of(page)


def test_columns_of_the_charts_open_what_they_count(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    a, name = world.a.id, "x.charted"
    for state, ago in (
        ("succeeded", "1 minute"), ("succeeded", "2 minutes"), ("succeeded", "33 minutes"),
        ("succeeded", "7 hours"), ("quarantined", "20 hours"), ("quarantined", "30 hours"),
        ("cancelled", "1 minute"),
    ):  # fmt: skip
        make_job(stage, a, name=name, state=state, finished_at=f"now() - interval '{ago}'")
    browser = sign_in_as(world.supervisor)
    page = body(browser.get(f"{PAGE}?name={name}"))
    links = re.findall(r'href="([^"]*after=[^"]*)" title="[\d:]+: (\d+)"', page)
    counted = [int(number) for _, number in links]
    assert sum(counted) == 3 + 4 + 1, "of the last hour, of the last day, and what was given up"
    for link, number in links:
        listed = body(browser.get(link.replace("&amp;", "&").split("#")[0]))
        assert len(rows_of(listed)) == int(number)
        assert " · from " in listed
        # the filters keep it, each tile leaves it
        assert 'type="hidden" name="after"' in listed
        assert not re.search(r'class="tile[^"]*" href="[^"]*after=', listed)
    for nonsense in ("x", "2026-99-01T00:00:00.0Z", "2026-01-01"):
        assert browser.get(f"{PAGE}?after={nonsense}&until={nonsense}").status_code == 200


def test_with_nothing_open_one_thing_is_said(stage: Any, world: Any, sign_in_as: Any) -> None:
    company = make_company(stage, kind="quiet")
    person = make_staff(stage, role="supervisor")
    make_grant(stage, company, person)
    browser = sign_in_as(person)
    page = body(browser.get(PAGE))
    assert page.count('class="empty"') == 1
    assert "Nothing waits, runs or failed" in page
    assert 'id="list"' not in page
    page = body(browser.get(f"{PAGE}?state=held"))
    assert page.count('class="empty"') == 1
    assert "No such job" in page
    assert "Nothing waits, runs or failed" not in page


def test_a_calendar_that_stands_still_comes_first(stage: Any, world: Any, sign_in_as: Any) -> None:
    says = "Periodic work stands still"
    supervisor, admin = sign_in_as(world.supervisor), sign_in_as(world.provider_admin)
    assert says not in body(supervisor.get(PAGE))
    turns = [
        make_job(stage, one.id, name="schedule.turn", state="quarantined", finished_at="now()")
        for one in (world.a, world.b)
    ]
    stage.run(
        "UPDATE grants SET ended_at = now() WHERE user_id = :u AND tenant_id = :b",
        u=world.supervisor.id, b=world.b.id,
    )  # fmt: skip
    # Whatever else is chosen.
    page = body(supervisor.get(f"{PAGE}?state=held"))
    assert says in page
    assert world.a.url(f"jobs/{turns[0]}") in page
    assert str(turns[1]) not in page
    assert f"{world.b.slug}/{turns[1]}" in body(admin.get(PAGE))
    done = supervisor.post(
        f"{PAGE}/several/run", data={"act": "replay", "pick": f"{world.a.slug}/{turns[0]}"}
    )
    assert "Done for 1 job" in done.text
    assert state_of(stage, turns[0]) == "queued"
    assert says not in body(supervisor.get(PAGE))
    assert says in body(admin.get(PAGE))
    stage.run("UPDATE jobs SET state = 'cancelled' WHERE id = :j", j=turns[1])


def test_filters_narrow_figures_and_list(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_job(stage, world.a.id, name="x.one", queue="batch")
    make_job(stage, world.a.id, name="x.two", queue="billing")
    make_job(stage, world.b.id, name="x.one", queue="batch")
    browser = sign_in_as(world.supervisor)
    assert rows_of(body(browser.get(f"{PAGE}?queue=batch"))).count("x.one") == 2
    assert "x.two" not in rows_of(body(browser.get(f"{PAGE}?queue=batch")))
    both = f"{PAGE}?name=x.one&client={world.a.slug}"
    assert rows_of(body(browser.get(both))) == ["x.one"]
    for by in ("queue", "name", "nonsense"):
        assert "x.two" in body(browser.get(f"{PAGE}?by={by}&state=due"))
    assert browser.get(f"{PAGE}?queue=nonsense&state=nonsense&hours=x").status_code == 200
    assert browser.get(f"{PAGE}?cursor=nonsense").status_code == 422


def test_a_long_list_has_pages(stage: Any, world: Any, sign_in_as: Any) -> None:
    stage.run(
        "INSERT INTO jobs (tenant_id, name, queue, args) SELECT :t, 'x.many', 'batch', '{}'"
        " FROM generate_series(1, 60)", t=world.a.id,
    )  # fmt: skip
    browser = sign_in_as(world.supervisor)
    page = body(browser.get(f"{PAGE}?name=x.many"))
    assert len(rows_of(page)) == 50
    [following] = re.findall(r'href="([^"]*cursor=[^"]*)" rel="next"', page)
    assert len(rows_of(body(browser.get(following.replace("&amp;", "&"))))) == 10


def test_workers_and_what_they_run(stage: Any, world: Any, sign_in_as: Any) -> None:
    job = make_job(stage, world.a.id, name="x.running", state="running")
    for pid, tenant, ago in ((41, world.a.id, "1 s"), (42, uuid7(), "1 s"), (43, None, "1 hour")):
        stage.run(
            "INSERT INTO job_workers (id, host, pid, kind, queues, heartbeat_at, lease_until,"
            " job_tenant, job_id, job_name) VALUES (uuidv7(), 'h', :p, 'short', '{default}',"
            " now() - CAST(:ago AS interval), now() - CAST(:ago AS interval) + interval '1 minute',"
            " :t, :j, :n)",
            p=pid, ago=ago, t=tenant, j=job if tenant else None, n="x.running" if tenant else "",
        )  # fmt: skip
    try:
        page = body(sign_in_as(world.supervisor).get(f"{PAGE}/workers"))
    finally:
        stage.run("DELETE FROM job_workers")
    assert page.count("h:4") == 3
    assert world.a.url(f"jobs/{job}") in page
    assert "a job of a company that is not open to you" in page
    assert "Lost" in page


def test_what_could_not_go_out(stage: Any, world: Any, sign_in_as: Any) -> None:
    effect = uuid7()
    stage.run(
        "INSERT INTO outbox (tenant_id, id, kind, verb, dedupe_key, idempotency_key, params, state)"
        " VALUES (:t, :i, 'mail', 'notice.request.raised', :k, 'x', CAST(:p AS jsonb), 'dead')",
        t=world.a.id, i=effect, k=f"notice:{uuid7()}:{world.a.admin.id}",
        p='{"to": "nobody@example.org"}',
    )  # fmt: skip
    job = make_job(
        stage, world.a.id, name="outbox.deliver_mail", state="quarantined", finished_at="now()",
        subject_type="effect", subject_id=effect, error=world.a.text("refused"),
    )  # fmt: skip
    page = body(sign_in_as(world.supervisor).get(f"{PAGE}/letters"))
    assert "New requests" in page
    assert "Administrator of the company" in page
    assert world.a.text("refused") in page
    assert "nobody@example.org" not in page
    page = body(sign_in_as(world.provider_admin).get(f"{PAGE}/letters"))
    assert "New requests" in page
    assert words(world.a, page) == set()
    assert f"{world.a.slug}/{job}" in page
