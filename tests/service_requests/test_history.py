"""A request's history in words: everything that happened, to each side what it may know."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from app.service_requests.documents.queries import get_line
from app.service_requests.queries import get_request
from app.service_requests.services import chasing, documents, timekeeping, watching
from app.service_requests.services.documents import Wanted
from app.service_requests.services.intake import Upload
from app.timesheets.queries import get_entry
from tenants.permissions import system_actor
from tests.factories import acting, make_member
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import Made, ask, make_request, merge_into
from tests.factories.people import now
from tests.service_requests.browsing import HTMX, pdf, send
from tests.service_requests.client_side.test_ratings import link_of


def read(browser: Any, made: Made, **headers: Any) -> str:
    page = browser.get(f"{made.url}/history", headers=headers)
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>", " ", page.text)
    return " ".join(html.unescape(text).split())


def test_documents_line_by_line(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        rows = documents.ask_documents(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            wanted=[Wanted(name=world.a.text(name)) for name in ("May", "June", "July")],
        )  # fmt: skip
        may, june, july = (row.id for row in rows)
    send(stage, user, made, f"documents/{may}/provide", file=pdf())
    send(stage, user, made, f"documents/{june}/unavailable", words="lost")
    send(stage, operator, made, f"documents/{may}/accept")
    send(stage, operator, made, f"documents/{june}/return", words="please look again")
    send(stage, operator, made, f"documents/{july}/withdraw")
    for browser in (user, operator):
        text = read(browser, made)
        for words in (
            f"{world.operator_a.name} asked for 3 documents",
            f"{world.a.user.name} sent the document “{world.a.text('May')}”",
            f"said that there is no “{world.a.text('June')}”",
            f"accepted the document “{world.a.text('May')}”",
            f"asked for the document “{world.a.text('June')}” again",
            f"needs the document “{world.a.text('July')}” no longer",
        ):
            assert words in text, words
        assert text.index("asked for 3") < text.index("sent the document")


def test_reminders_and_what_moved(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    asked_at = now().replace(year=2026, month=11, day=2, hour=9)
    question = ask(stage, made, world.operator_a, at=asked_at)
    with acting(stage, world.a.scope):
        chasing.chase(actor=system_actor(world.a.id), now=asked_at.replace(day=3, hour=10))
    operator = sign_in_as(world.operator_a)
    send(stage, operator, made, "split", title="Part", details="this", asked=[str(question)])
    text = read(sign_in_as(world.a.user), made)
    assert "Coulisse sent reminder 1 of what is asked" in text
    assert f"asks what was open here in #{made.number + 1} instead" in text


def test_followers_come_and_go(world: Any, stage: Any, sign_in_as: Any) -> None:
    made, merged = make_request(stage, world.a), make_request(stage, world.a)
    colleague = make_member(stage, world.a, key="colleague")
    along = make_member(stage, world.a, key="along")
    for one, person, about in (
        (made, world.a.user, colleague), (made, world.a.admin, world.a.admin),
        (merged, along, along),
    ):  # fmt: skip
        with acting(stage, person.scope(world.a)):
            actor = person.actor()
            watching.watch(request=get_request(actor=actor, number=one.number), actor=actor,
                           now=now(), user_id=about.id)  # fmt: skip
    merge_into(stage, world, merged, made)
    admin = sign_in_as(world.a.admin)
    send(stage, admin, made, f"watchers/{world.a.admin.id}/remove")
    send(stage, admin, made, f"watchers/{colleague.id}/remove")
    text = read(admin, made)
    for words in (
        f"made {colleague.name} a follower", f"{world.a.admin.name} follows the request",
        f"took {along.name} along from #{merged.number} as a follower",
        f"{world.a.admin.name} stopped following", f"removed the follower {colleague.name}",
        "merged another request into this one",
    ):  # fmt: skip
        assert words in text, words
    assert f"#{made.number}" in read(admin, merged)


def test_links_keep_the_number_from_who_may_not_see_the_other(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    one, two = make_request(stage, world.a), make_request(stage, world.a, item="hr_question")
    operator = sign_in_as(world.operator_a)
    send(stage, operator, one, "link", number=str(two.number))
    send(stage, operator, two, "unlink", number=str(one.number))
    for made, other in ((one, two), (two, one)):
        text = read(operator, made)
        assert f"linked it with #{other.number}" in text
        assert f"removed the link with #{other.number}" in text
    text = read(sign_in_as(world.a.people["finance_only"]), one)
    assert "linked it with another request" in text
    assert f"with #{two.number}" not in text


def test_corrected_time_is_the_providers_own(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        who: dict[str, Any] = {
            "request": get_request(actor=actor, number=made.number), "actor": actor, "now": now(),
        }  # fmt: skip
        facts: dict[str, Any] = {"worked_on": now().date(), "activity": "Call"}
        entry = timekeeping.record_time(**who, minutes=20, **facts)
        stands = timekeeping.correct_entry(**who, entry=entry, minutes=15, billable=True, **facts)
        timekeeping.delete_entry(**who, entry=get_entry(request_id=made.id, entry_id=stands.id))
    inside = read(sign_in_as(world.operator_a), made)
    assert "corrected a time entry: 20 min before, 15 min now" in inside
    assert "deleted a time entry of 15 min" in inside
    send(stage, sign_in_as(world.operator_a), made, "deliverables", file=pdf(), title="Draft")
    assert "attached “Draft”" in read(sign_in_as(world.operator_a), made)
    outside = read(sign_in_as(world.a.admin), made)
    assert "time entry" not in outside
    assert "Draft" not in outside


def test_a_rating_and_its_score(world: Any, stage: Any, sign_in_as: Any, client: Any) -> None:
    made = make_request(stage, world.a, state="closed", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    run_jobs(stage, world.a.id, name="ratings.invite")
    _, link = link_of(stage, world.a)
    client().post(link, data={"score": "4"})
    for person in (world.a.user, world.operator_a):
        assert f"{world.a.user.name} rated it 4 of 5" in read(sign_in_as(person), made)


def test_who_approved_for_whom_and_steps_of_the_life(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a, item="payment_control", state="delivered",
                        operator=world.operator_a, reviewer=world.supervisor)  # fmt: skip
    text = read(sign_in_as(world.a.user), made)
    for words in ("raised the request", "took the request", "approved"):
        assert words in text
    stage.run("UPDATE approvals SET voice_name = 'Ada' WHERE request_id = :r", r=made.id)
    assert "approved" in text
    assert "for Ada" in read(sign_in_as(world.a.user), made)


@pytest.mark.parametrize("side", ["client", "provider"])
def test_it_is_one_statement_and_opens_in_the_page(
    world: Any, stage: Any, sign_in_as: Any, count_statements: Any, side: str
) -> None:
    made = make_request(stage, world.a, state="waiting_client", operator=world.operator_a)
    browser = sign_in_as(world.operator_a if side == "provider" else world.a.user)
    page = browser.get(made.url).text
    assert f'hx-get="{made.url}/history"' in page
    with count_statements() as found:
        assert "<html" not in browser.get(f"{made.url}/history", headers=HTMX).text
    assert len(found) <= 8, list(found)
    assert browser.get(made.company.url("requests/99999/history")).status_code == 404


def test_programs_read_it_too(world: Any, stage: Any, api_as: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        [line] = documents.ask_documents(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            wanted=[Wanted(name=world.a.text("May"))],
        )  # fmt: skip
        line_id = line.id
    with acting(stage, world.a.user.scope()):
        actor = world.a.user.actor()
        row = get_request(actor=actor, number=made.number)
        documents.provide(
            request=row, line=get_line(request=row, line_id=line_id), actor=actor, now=now(),
            upload=Upload("", "may.pdf", "application/pdf", b"%PDF-1.7"),
        )  # fmt: skip
    items = api_as(world.a.user).get(f"/api/v1/requests/{made.number}/history").json["items"]
    assert [one["what"] for one in items] == [
        "raise", "assign", "start", "ask", "document.asked", "document.given", "answer",
    ]  # fmt: skip
    assert items[-2]["text"] == f"sent the document “{world.a.text('May')}”"
    assert (items[-2]["by"], items[-2]["side"]) == (world.a.user.name, "client")
    foreign = api_as(world.b.user).get(f"/api/v1/requests/{made.number}/history")
    assert foreign.status_code == 404
