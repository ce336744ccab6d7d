"""One act on several requests: looked at per client, done one client at a time, taken back at
once; and what can be taken back of a single act."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from tests.factories import make_grant, make_staff
from tests.factories.lifecycle import make_request, row_state
from tests.factories.people import now

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def pick(*made) -> list[str]:
    return [f"{one.company.slug}/{one.number}" for one in made]


def column(stage, made, name):
    return stage.value(f"SELECT {name} FROM requests WHERE id = :id", id=made.id)


def undo_form(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="(batch|client)" value="([^"]+)"', text):
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def two(world, stage):
    return make_request(stage, world.a, title="Of Alpha"), make_request(
        stage, world.b, title="Of Beta"
    )


def test_a_preview_changes_nothing_and_says_what_would_be(world, stage, sign_in_as, two):
    ended = make_request(
        stage, world.a, title="Over", state="closed", operator=world.operator_a,
        reviewer=world.supervisor,
    )  # fmt: skip
    browser = sign_in_as(world.operator_both)
    page = browser.post("/desk/bulk", data={"act": "take", "pick": pick(*two, ended)})
    assert page.status_code == 200
    assert "Nothing has happened yet" in page.text
    assert page.text.index(world.a.name) != page.text.index(world.b.name)
    assert "it has ended" in page.text
    assert f'value="{pick(two[0])[0]}/{column(stage, two[0], "version")}"' in page.text
    assert pick(ended)[0] + "/" not in page.text
    assert column(stage, two[0], "assignee_id") is None


def test_done_over_two_clients_and_taken_back_at_once(world, stage, sign_in_as, two):
    browser = sign_in_as(world.operator_both)
    done = browser.post("/desk/bulk/run", data={"act": "take", "pick": pick(*two)})
    assert "Requests changed: 2." in done.text
    assert [row_state(stage, one) for one in two] == ["assigned", "assigned"]
    form = undo_form(done.text)
    assert sorted(form["client"]) == sorted([world.a.slug, world.b.slug])
    # Nobody else takes it back, and nobody twice.
    refused = sign_in_as(world.supervisor).post("/desk/undo", data=form, follow_redirects=True)
    assert "any more" in refused.text
    assert row_state(stage, two[0]) == "assigned"
    back = browser.post("/desk/undo", data=form, follow_redirects=True)
    assert "Taken back: 2." in back.text
    assert [row_state(stage, one) for one in two] == ["new", "new"]
    assert column(stage, two[1], "assignee_id") is None
    verbs = stage.rows(
        "SELECT verb FROM request_moves WHERE request_id = :r ORDER BY id", r=two[0].id
    )
    assert [row.verb for row in verbs] == ["raise", "assign", "undo"]
    assert "Taken back: 0." in browser.post("/desk/undo", data=form, follow_redirects=True).text


def test_one_that_changed_meanwhile_is_reported_and_the_others_are_done(
    world, stage, sign_in_as, two
):
    browser = sign_in_as(world.operator_both)
    stale = [f"{pick(two[0])[0]}/7", pick(two[1])[0]]
    done = browser.post("/desk/bulk/run", data={"act": "take", "pick": stale})
    assert "Requests changed: 1." in done.text
    assert f"{world.a.code}-{two[0].number}: Somebody else worked on this request" in done.text
    assert [row_state(stage, one) for one in two] == ["new", "assigned"]
    assert undo_form(done.text)["client"]


def test_an_undo_never_overwrites_what_came_after(world, stage, sign_in_as, two):
    browser = sign_in_as(world.operator_both)
    done = browser.post("/desk/bulk/run", data={"act": "take", "pick": pick(*two)})
    other = sign_in_as(world.supervisor)
    version = column(stage, two[0], "version")
    moved = other.post(
        f"{two[0].url}/start", data={"client": world.a.slug, "version": version},
        headers=HTMX,
    )  # fmt: skip
    assert moved.status_code == 200
    back = browser.post("/desk/undo", data=undo_form(done.text), follow_redirects=True)
    assert "Taken back: 1." in back.text
    assert "somebody changed it since" in back.text
    assert row_state(stage, two[0]) == "in_progress"


def test_foreign_requests_are_not_there(world, stage, sign_in_as, two):
    browser = sign_in_as(world.operator_a)
    for path in ("/desk/bulk", "/desk/bulk/run"):
        page = browser.post(path, data={"act": "take", "pick": pick(*two)}).text
        assert world.b.name not in page
        assert "Of Beta" not in page
    assert row_state(stage, two[1]) == "new"
    back = browser.post(
        "/desk/undo", data={"batch": str(two[0].id), "client": [world.b.slug, "none"]},
        follow_redirects=True,
    )  # fmt: skip
    assert "Taken back: 0." in back.text


def test_a_reader_changes_nothing(world, stage, sign_in_as, two):
    rita = make_staff(stage, name="Rita")
    make_grant(stage, world.a, rita, lines=("finance",), level="read")
    page = sign_in_as(rita).post("/desk/bulk/run", data={"act": "take", "pick": pick(two[0])})
    assert "your access to this line is for reading" in page.text
    assert row_state(stage, two[0]) == "new"


@pytest.mark.parametrize(
    ("act", "data", "changed"),
    [
        ("snooze", {"preset": "monday"}, "snoozed_until IS NOT NULL"),
        ("priority", {"priority": "high"}, "priority = 'high'"),
        ("hold", {"reason": "Too many today"}, "state = 'on_hold_provider'"),
        ("assign", {"user_id": "operator_a"}, "assignee_id IS NOT NULL"),
        ("release", {}, "assignee_id IS NULL"),
    ],
)
def test_every_act_and_its_way_back(world, stage, sign_in_as, act, data, changed):
    made = make_request(
        stage, world.a, state="in_progress" if act in ("hold", "release") else "new",
        operator=world.operator_both,
    )  # fmt: skip
    data = {name: str(getattr(world, value).id) if value == "operator_a" else value
            for name, value in data.items()}  # fmt: skip
    before = stage.rows(
        "SELECT state, assignee_id, priority, snoozed_until FROM requests WHERE id = :r", r=made.id
    )
    browser = sign_in_as(world.operator_both)
    done = browser.post("/desk/bulk/run", data={"act": act, "pick": pick(made), **data})
    assert "Requests changed: 1." in done.text, done.text
    assert column(stage, made, changed)
    browser.post("/desk/undo", data=undo_form(done.text))
    after = stage.rows(
        "SELECT state, assignee_id, priority, snoozed_until FROM requests WHERE id = :r", r=made.id
    )
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


def test_a_colleague_without_access_gets_nothing(world, stage, sign_in_as, two):
    data = {"act": "assign", "pick": pick(*two), "user_id": str(world.operator_a.id)}
    browser = sign_in_as(world.operator_both)
    looked = browser.post("/desk/bulk", data=data).text
    assert "this person has no access to its client and line" in looked
    done = browser.post("/desk/bulk/run", data=data).text
    assert "Requests changed: 1." in done
    assert column(stage, two[1], "assignee_id") is None


def test_what_is_missing_is_said_at_its_field(world, stage, sign_in_as, two):
    page = sign_in_as(world.operator_both).post(
        "/desk/bulk/run", data={"act": "hold", "pick": pick(*two), "reason": ""}
    )
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    for data in ({"act": "take"}, {"act": "x", "pick": pick(*two)}, {"pick": ["x", "y/z"]}):
        assert sign_in_as(world.operator_both).post("/desk/bulk", data=data).status_code == 422


def test_a_single_step_offers_its_undo(world, stage, sign_in_as, two):
    made = two[0]
    browser = sign_in_as(world.operator_a)
    guard = {"client": world.a.slug, "version": column(stage, made, "version")}
    done = browser.post(f"{made.url}/start", data=guard, headers=HTMX)
    assert row_state(stage, made) == "in_progress"
    back = browser.post(
        f"/c/{world.a.slug}/requests/undo", data=undo_form(done.text),
        headers=HTMX,
    )  # fmt: skip
    assert back.status_code == 204, back.text
    assert json.loads(back.headers["HX-Trigger"])["request-undone"]["url"] == made.url
    assert row_state(stage, made) == "new"
    again = browser.post(f"/c/{world.a.slug}/requests/undo", data=undo_form(done.text))
    assert again.status_code == 409


def test_a_snoozed_request_hides_and_the_clients_word_wakes_it(world, stage, sign_in_as, two):
    made = two[0]
    browser = sign_in_as(world.operator_a)
    guard = {"client": world.a.slug, "version": column(stage, made, "version")}
    past = (now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    refused = browser.post(f"{made.url}/snooze", data={**guard, "until": past})
    assert refused.status_code == 422
    assert "Choose a time to come." in refused.text
    browser.post(f"{made.url}/snooze", data={**guard, "preset": "tomorrow"})
    assert "Of Alpha" not in browser.get("/desk/rows").text
    assert "Of Alpha" in browser.get("/desk/rows?view=snoozed").text
    client = sign_in_as(world.a.user)
    page = client.get(made.url).text
    assert "Snoozed" not in page
    assert "snooze-menu" not in page
    version = column(stage, made, "version")
    sent = client.post(
        f"{made.url}/messages", data={"client": world.a.slug, "version": version, "body": "Hello?"}
    )
    assert sent.status_code == 303
    assert "Of Alpha" in browser.get("/desk/rows").text
    version = column(stage, made, "version")
    browser.post(
        f"{made.url}/snooze", data={"client": world.a.slug, "version": version, "preset": "monday"}
    )
    version = column(stage, made, "version")
    browser.post(f"{made.url}/wake", data={"client": world.a.slug, "version": version})
    assert "Of Alpha" in browser.get("/desk/rows").text


def test_an_undo_gives_nothing_to_who_has_no_access_any_more(world, stage, sign_in_as):
    """In words, from the bar of the desk and from the request's own page."""
    left = make_staff(stage, name="Lea")
    make_grant(stage, world.a, left, lines=("finance",))
    made = make_request(stage, world.a, state="assigned", operator=left)
    browser = sign_in_as(world.operator_a)
    done = browser.post("/desk/bulk/run", data={"act": "take", "pick": pick(made)})
    guard = {"client": world.a.slug, "version": column(stage, made, "version")}
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=left.id)
    back = browser.post("/desk/undo", data=undo_form(done.text), follow_redirects=True).text
    assert "Taken back: 0." in back
    assert f"#{made.number}: who had it before has no access to this line any more" in back
    single = browser.post(f"/c/{world.a.slug}/requests/undo", data=undo_form(done.text))
    assert single.status_code == 409
    assert "has no access to this line any more. Give it to somebody" in single.text
    assert column(stage, made, "assignee_id") == world.operator_a.id
    # What was in the same hands all along goes back.
    held = browser.post(f"{made.url}/hold", data={**guard, "reason": "Later"}, headers=HTMX)
    browser.post(f"/c/{world.a.slug}/requests/undo", data=undo_form(held.text), headers=HTMX)
    assert row_state(stage, made) == "assigned"


def test_a_batch_of_several_is_not_taken_back_on_one_page(world, stage, sign_in_as):
    made = [make_request(stage, world.a) for _ in range(2)]
    browser = sign_in_as(world.operator_a)
    done = browser.post("/desk/bulk/run", data={"act": "take", "pick": pick(*made)})
    form = undo_form(done.text)
    refused = browser.post(f"/c/{world.a.slug}/requests/undo", data=form)
    assert refused.status_code == 409
    assert "take it back on the desk" in refused.text
    assert [row_state(stage, one) for one in made] == ["assigned", "assigned"]
    assert "Taken back: 2." in browser.post("/desk/undo", data=form).text


@pytest.mark.parametrize("path", ["/desk/bulk", "/desk/bulk/run"])
def test_somebody_who_can_not_be_is_nobody(world, stage, sign_in_as, two, path):
    data = {"act": "assign", "pick": pick(two[0]), "user_id": "x"}
    page = sign_in_as(world.operator_both).post(path, data=data)
    assert page.status_code == (200 if path == "/desk/bulk" else 422)
    assert row_state(stage, two[0]) == "new"


@pytest.mark.parametrize(
    ("until", "zone", "said"),
    [
        ("0001-01-01T00:00", "Europe/Paris", "Choose a time to come."),
        ("9999-12-31T23:59", "America/New_York", "One year at most"),
    ],
)
def test_a_time_at_the_edge_of_the_calendar_is_refused(
    world, stage, sign_in_as, two, until, zone, said
):
    stage.run("UPDATE users SET time_zone = :z WHERE id = :u", z=zone, u=world.operator_both.id)
    made = two[0]
    browser = sign_in_as(world.operator_both)
    guard = {"client": world.a.slug, "version": column(stage, made, "version")}
    refused = browser.post(f"{made.url}/snooze", data={**guard, "until": until})
    assert refused.status_code == 422
    assert said in refused.text
    data = {"act": "snooze", "pick": pick(made), "preset": "other", "until": until}
    for path in ("/desk/bulk", "/desk/bulk/run"):
        page = browser.post(path, data=data)
        assert page.status_code == 200
    assert "Requests changed: 0." in page.text
    assert said in page.text
    assert column(stage, made, "snoozed_until") is None


def test_another_time_is_the_one_that_was_written(world, stage, sign_in_as, two):
    until = (now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    data = {"act": "snooze", "pick": pick(two[0]), "preset": "other", "until": until}
    done = sign_in_as(world.operator_both).post("/desk/bulk/run", data=data)
    assert "Requests changed: 1." in done.text
    assert column(stage, two[0], "snoozed_until") - now() > timedelta(days=8)
