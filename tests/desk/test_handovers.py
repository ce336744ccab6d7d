"""Handover notes at the desk: written, sent, answered, and seen by those who decide; through HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.factories.assignment import make_absence
from tests.factories.handover import look_after, write_note
from tests.factories.lifecycle import make_request
from tests.factories.people import make_grant, now

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def days(first, last):
    return {
        "first": (now() + timedelta(days=first)).date().isoformat(),
        "last": (now() + timedelta(days=last)).date().isoformat(), "kind": "holiday",
    }  # fmt: skip


def work_of(stage, company, person):
    return make_request(stage, company, operator=person, state="in_progress",
                        title=company.text("work"))  # fmt: skip


def entered(stage, browser, person, first=2, last=30):
    """The note's address, as the browser is led there."""
    answer = browser.post("/desk/absences", data=days(first, last))
    assert answer.status_code == 303
    return answer.headers["Location"].split("?")[0]


def filled(page, **changes):
    """The form as it stands on the page."""
    form = {}
    for name, body in re.findall(
        r'<select[^>]*name="(who-[^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', body)
        form[name] = chosen[1] if chosen else ""
    written = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', page)
    return form | dict(written) | changes


def keys(page, name="item"):
    return re.findall(rf'name="{name}" value="([^"]+)"', page)


def test_from_the_absence_to_the_substitute(world, stage, sign_in_as):
    a, b = (work_of(stage, one, world.operator_both) for one in (world.a, world.b))
    browser = sign_in_as(world.operator_both)
    url = entered(stage, browser, world.operator_both)
    assert url.startswith("/desk/handovers/")
    page = browser.get(f"{url}?done=entered").text
    assert world.a.text("work") in page
    assert world.b.text("work") in page
    assert page.count('value="send"') == 1
    form = filled(page, do="send", **{f"words-{world.a.slug}": world.a.text("Ring Monday")})
    form = {name: ("Mind the totals" if name.startswith("words-0") else value)
            for name, value in form.items()}  # fmt: skip
    who = [name for name in form if name.startswith("who-")]
    assert len(who) == 2
    form |= dict.fromkeys(who, str(world.supervisor.id))
    for _ in range(2):
        assert browser.post(url, data=form).status_code == 303
    assert "Waits for an answer" in browser.get(url).text
    mine = sign_in_as(world.supervisor)
    page = mine.get("/desk/handovers").text
    assert {world.a.canary in page, world.b.canary in page} == {True}
    assert world.a.text("Ring Monday") in page
    for _ in range(2):
        answer = mine.post("/desk/handovers/answer", data={"item": keys(page)})
        assert answer.status_code == 303
    assert "Yours from" in mine.get("/desk/handovers").text
    for one, made in ((world.a, a), (world.b, b)):
        look_after(stage, one, now() + timedelta(days=3))
        held = stage.value("SELECT assignee_id FROM requests WHERE id = :r", r=made.id)
        assert held == world.supervisor.id
        assert "who takes over while" in mine.get(f"{made.url}/history").text


def test_a_substitute_reads_what_their_grants_open_and_nothing_else(world, stage, sign_in_as):
    for one in (world.a, world.b):
        work_of(stage, one, world.operator_both)
    absence = make_absence(stage, world.operator_both, first=(now() + timedelta(days=2)).date())
    for one, to in ((world.a, world.operator_a), (world.b, world.operator_b)):
        write_note(stage, one, absence, world.operator_both, to=to, words=one.text("general"))
    for person, own, foreign in (
        (world.operator_a, world.a, world.b), (world.operator_b, world.b, world.a),
    ):  # fmt: skip
        page = sign_in_as(person).get("/desk/handovers").text
        assert own.text("general") in page
        assert foreign.canary not in page
        assert sign_in_as(person).get(f"/desk/handovers/{absence}").status_code == 404
    [foreign_key] = keys(sign_in_as(world.operator_b).get("/desk/handovers").text)
    stranger = sign_in_as(world.operator_a)
    refused = stranger.post("/desk/handovers/answer", data={"accept": foreign_key})
    assert refused.status_code == 409
    assert world.b.canary not in refused.text
    item = foreign_key.split("/")[1]
    moved = stranger.post("/desk/handovers/answer", data={"accept": f"{world.a.slug}/{item}"})
    assert moved.status_code == 409
    states = stage.rows("SELECT state FROM handover_items WHERE id = :i", i=item)
    assert [one.state for one in states] == ["sent"]
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=world.operator_b.id)
    assert world.b.canary not in sign_in_as(world.operator_b).get("/desk/handovers").text


def test_a_refusal_asks_why_and_reaches_the_supervisors_page(world, stage, sign_in_as):
    made = work_of(stage, world.a, world.operator_a)
    absence = make_absence(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both)
    browser = sign_in_as(world.operator_both)
    [key] = keys(browser.get("/desk/handovers").text)
    item = key.split("/")[1]
    silent = browser.post("/desk/handovers/answer", data={"decline": key, "item": key})
    assert silent.status_code == 409
    assert "Say why" in silent.text
    sent = {"decline": key, "item": key, f"reason-{item}": "I am full <b>"}
    for _ in range(2):
        assert browser.post("/desk/handovers/answer", data=sent).status_code == 303
    supervisor = sign_in_as(world.supervisor)
    page = supervisor.get("/desk/supervision").text
    assert "I am full &lt;b&gt;" in page
    assert f"/desk/handovers/{absence}#item-{item}" in page
    assert "I am full" not in sign_in_as(world.a.admin).get(made.url).text
    note = f"/desk/handovers/{absence}"
    page = supervisor.get(note).text
    form = filled(page, give=key, **{f"who-{item}": str(world.supervisor.id)})
    assert supervisor.post(note, data=form).status_code == 303
    held = stage.value("SELECT assignee_id FROM requests WHERE id = :r", r=made.id)
    assert held == world.supervisor.id
    assert "I am full" not in supervisor.get("/desk/supervision").text


def test_who_may_open_and_write_a_note(world, stage, sign_in_as):
    work_of(stage, world.a, world.operator_a)
    absence = make_absence(stage, world.operator_a)
    url = f"/desk/handovers/{absence}"
    for person in (world.operator_both, world.operator_none, world.provider_admin):
        assert sign_in_as(person).get(url).status_code == 404
        assert sign_in_as(person).post(url, data={"do": "refresh"}).status_code == 404
    assert sign_in_as(world.a.admin).get(url).status_code in (403, 404)
    supervisor = sign_in_as(world.supervisor)
    assert "not in the note yet" in supervisor.get(url).text
    assert supervisor.post(url, data={"do": "refresh"}).status_code == 303
    page = supervisor.get(url).text
    assert "What they should know" in page
    [name] = [one for one in filled(page) if one.startswith("who-")]
    for value, says in (
        (world.operator_b.id, "no live grant"), (world.operator_a.id, "somebody else"), ("x", ""),
    ):  # fmt: skip
        refused = supervisor.post(url, data=filled(page, do="send", **{name: str(value)}))
        assert refused.status_code == 422
        assert says in refused.text
    long = supervisor.post(url, data=filled(page, **{f"words-{world.a.slug}": "x" * 4001}))
    assert long.status_code == 422
    assert "4,000" in long.text
    stage.run("UPDATE absences SET cancelled_at = now() WHERE id = :a", a=absence)
    assert supervisor.get(url).status_code == 404


def test_an_absence_without_a_note_stands_with_the_supervisors_until_they_say_so(
    world, stage, sign_in_as
):
    work_of(stage, world.a, world.operator_a)
    absence = make_absence(stage, world.operator_a, days=60)
    look_after(stage, world.a)
    supervisor, url = sign_in_as(world.supervisor), f"/desk/handovers/{absence}"
    for page in ("/desk/supervision", "/desk/handovers"):
        assert "Away without a handover note" in supervisor.get(page).text
    assert re.search(r"Handovers.{0,200}?>1<", supervisor.get("/desk").text, re.DOTALL)
    for _ in range(2):
        answer = supervisor.post(
            url, data=filled(supervisor.get(url).text, do=f"settle:{world.a.slug}")
        )
        assert answer.status_code == 303
    assert "Away without" not in supervisor.get("/desk/supervision").text


def test_a_colleague_who_is_away_too_is_marked(world, stage, sign_in_as):
    work_of(stage, world.a, world.operator_a)
    make_grant(stage, world.a, world.operator_b)
    make_absence(stage, world.operator_b)
    browser = sign_in_as(world.operator_a)
    page = browser.get(entered(stage, browser, world.operator_a)).text
    assert f"{world.operator_b.name} (away at that time)" in page


def test_nothing_to_hand_over_leads_back_to_the_absences(world, stage, sign_in_as):
    browser = sign_in_as(world.operator_none)
    assert entered(stage, browser, world.operator_none) == "/desk/absences"
    assert "Nobody hands anything over to you" in browser.get("/desk/handovers").text


def test_giving_work_to_somebody_who_is_away_is_said_and_stays_possible(world, stage, sign_in_as):
    made = make_request(stage, world.a, operator=world.operator_a, state="assigned")
    stage.run("UPDATE requests SET due_at = now() + interval '9 days' WHERE id = :r", r=made.id)
    soon = (now() + timedelta(days=3)).date()
    make_absence(stage, world.operator_both, first=soon, days=4)
    browser, name = sign_in_as(world.supervisor), world.operator_both.name
    page = browser.get(f"{made.url}?act=assign_to").text
    assert f"{name} (away from" in page
    assert f"{world.operator_a.name} (away" not in page
    picked = {
        "act": "assign", "pick": f"{world.a.slug}/{made.number}",
        "user_id": str(world.operator_both.id),
    }  # fmt: skip
    preview = browser.post("/desk/bulk", data=picked).text
    assert f"{name} is away from" in preview
    version = stage.value("SELECT version FROM requests WHERE id = :r", r=made.id)
    answer = browser.post(
        f"{made.url}/assign-to", headers=HTMX,
        data={"client": world.a.slug, "version": version, "assignee": str(world.operator_both.id)},
    )  # fmt: skip
    assert f"{name} is away from" in answer.headers["HX-Trigger"]
    held = stage.value("SELECT assignee_id FROM requests WHERE id = :r", r=made.id)
    assert held == world.operator_both.id
    stage.run("UPDATE requests SET due_at = now() + interval '1 day' WHERE id = :r", r=made.id)
    assert f"{name} is away from" not in browser.post("/desk/bulk", data=picked).text
