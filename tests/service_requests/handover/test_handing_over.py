"""Work of somebody who is away: handed over, accepted or declined, seen by a supervisor; once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.service_requests.handover.queries import NoAbsence, list_items
from app.service_requests.handover.services import answering, writing
from app.service_requests.handover.services.answering import AnsweredAlready, NotTheirs
from tenants.core.errors import Forbidden, Invalid, NotFound
from tests.factories import acting
from tests.factories.assignment import make_absence, make_rule
from tests.factories.handover import acts, look_after, write_note
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import make_grant, now

COMING = timedelta(days=3)


def coming(stage, person, days=10):
    return make_absence(stage, person, first=(now() + COMING).date(), days=days)


def begun():
    return now() + COMING + timedelta(days=1)


def work_of(stage, company, person, **more):
    more = {"state": "in_progress"} | more
    return make_request(stage, company, operator=person, title=company.text("work"), **more)


def items(stage, company):
    return stage.rows(
        "SELECT i.*, r.number, r.assignee_id FROM handover_items i JOIN requests r"
        " ON r.tenant_id = i.tenant_id AND r.id = i.request_id WHERE i.tenant_id = :t"
        " ORDER BY r.number", t=company.id,
    )  # fmt: skip


def holder(stage, made):
    return stage.value("SELECT assignee_id FROM requests WHERE id = :r", r=made.id)


def answer(stage, company, person, verb, *, at=None, **more):
    with acting(stage, person.scope(company)):
        return verb(actor=acts(person, company), now=at or now(), **more)


def accept(stage, company, person, item, at=None):
    return answer(stage, company, person, answering.accept, item_id=item.id, at=at)


def mails(stage, company, event):
    run_jobs(stage, company.id, name="notifications.tell")
    return stage.value(
        "SELECT count(*) FROM outbox WHERE tenant_id = :t AND verb = :v",
        t=company.id, v=f"notice.{event}",
    )  # fmt: skip


def test_an_accepted_request_changes_hands_when_the_absence_begins_once(world, stage, sign_in_as):
    made = work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both)
    [item] = items(stage, world.a)
    assert (item.state, item.substitute_id) == ("sent", world.operator_both.id)
    assert mails(stage, world.a, "handover.sent") == 1
    accept(stage, world.a, world.operator_both, item)
    accept(stage, world.a, world.operator_both, item)
    look_after(stage, world.a)
    assert holder(stage, made) == world.operator_a.id, "they are still there"
    look_after(stage, world.a, begun())
    look_after(stage, world.a, begun())
    assert holder(stage, made) == world.operator_both.id
    page = sign_in_as(world.operator_both).get(f"{made.url}/history").text
    assert page.count(f"takes it over while {world.operator_a.name} is away") == 1
    assert page.count("who takes over while") == 1
    assert "takes it over" not in sign_in_as(world.a.user).get(f"{made.url}/history").text
    stage.run(
        "UPDATE requests SET assignee_id = :u WHERE id = :r", u=world.operator_a.id, r=made.id
    )
    look_after(stage, world.a, begun())
    assert holder(stage, made) == world.operator_a.id, "given back knowingly"


def test_accepted_after_it_began_it_changes_hands_at_once(world, stage):
    made = work_of(stage, world.a, world.operator_a)
    absence = make_absence(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.supervisor)
    [item] = items(stage, world.a)
    accept(stage, world.a, world.supervisor, item)
    assert holder(stage, made) == world.supervisor.id


def test_the_rules_propose_and_what_is_due_after_the_return_waits(world, stage):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    work_of(stage, world.a, world.operator_a)
    late = work_of(stage, world.a, world.operator_a)
    stage.run("UPDATE requests SET due_at = now() + interval '60 days' WHERE id = :r", r=late.id)
    absence = coming(stage, world.operator_a, days=30)
    write_note(stage, world.a, absence, world.operator_a)
    assert [(one.state, one.substitute_id) for one in items(stage, world.a)] == [
        ("sent", world.operator_both.id), ("kept", None),
    ]  # fmt: skip
    look_after(stage, world.a)
    assert [one.raised_at for one in items(stage, world.a)] == [None, None]


def test_a_deputy_who_is_away_at_some_time_of_it_is_not_proposed(world, stage):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    work_of(stage, world.a, world.operator_a)
    make_absence(stage, world.operator_both, first=(now() + COMING).date(), days=1)
    write_note(stage, world.a, coming(stage, world.operator_a), world.operator_a)
    assert items(stage, world.a)[0].substitute_id == world.supervisor.id, "by load"


def test_an_answer_that_does_not_come_reaches_the_supervisors_once(world, stage):
    work_of(stage, world.a, world.operator_a)
    work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both)
    look_after(stage, world.a)
    assert [one.raised_at for one in items(stage, world.a)] == [None, None]
    later = items(stage, world.a)[0].answer_by
    look_after(stage, world.a, later)
    look_after(stage, world.a, later)
    assert all(one.raised_at for one in items(stage, world.a))
    assert mails(stage, world.a, "handover.open") == 1, "one mail for both"
    accept(stage, world.a, world.operator_both, items(stage, world.a)[0], at=later)
    assert items(stage, world.a)[0].raised_at is None


def test_a_refusal_needs_a_reason_and_reaches_the_supervisors(world, stage):
    made = work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both)
    [item] = items(stage, world.a)
    decline = {"item_id": item.id, "verb": answering.decline}
    with pytest.raises(Invalid):
        answer(stage, world.a, world.operator_both, reason=" ", **decline)
    answer(stage, world.a, world.operator_both, reason="Too much", **decline)
    answer(stage, world.a, world.operator_both, reason="Too much", **decline)
    assert mails(stage, world.a, "handover.open") == 1
    answer(stage, world.a, world.supervisor, answering.give_to, item_id=item.id,
           user_id=world.supervisor.id)  # fmt: skip
    look_after(stage, world.a, begun())
    assert holder(stage, made) == world.supervisor.id
    with pytest.raises(NotFound):
        accept(stage, world.a, world.operator_both, item)


def test_two_at_once_and_other_peoples_items(world, stage):
    work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both)
    [item] = items(stage, world.a)
    for stranger in (world.supervisor, world.operator_a):
        with pytest.raises(NotFound):
            accept(stage, world.a, stranger, item)
    with pytest.raises(Forbidden):
        answer(stage, world.a, world.operator_both, answering.give_to, item_id=item.id,
               user_id=world.operator_both.id)  # fmt: skip
    write_note(stage, world.a, absence, world.operator_a, to=world.supervisor)
    with pytest.raises(NotFound):
        accept(stage, world.a, world.operator_both, item)
    accept(stage, world.a, world.supervisor, item)
    with pytest.raises(AnsweredAlready):
        answer(stage, world.a, world.supervisor, answering.decline, item_id=item.id, reason="No")


def test_a_grant_that_ended_meanwhile(world, stage):
    made = work_of(stage, world.a, world.operator_a)
    other = work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both)
    accepted, _open = items(stage, world.a)
    accept(stage, world.a, world.operator_both, accepted)
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=world.operator_both.id)
    look_after(stage, world.a)
    assert [one.state for one in items(stage, world.a)] == ["sent", "sent"]
    assert all(one.raised_at for one in items(stage, world.a)), "who said yes can't any more"
    look_after(stage, world.a, begun())
    assert {holder(stage, made), holder(stage, other)} == {world.operator_a.id}
    with pytest.raises(Invalid):
        answer(stage, world.a, world.supervisor, answering.give_to, item_id=accepted.id,
               user_id=world.operator_both.id)  # fmt: skip


def test_a_cancelled_absence_leaves_everything_where_it_is(world, stage):
    made = work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both,
               own={made.id: "Mind the totals"})  # fmt: skip
    [item] = items(stage, world.a)
    stage.run("UPDATE absences SET cancelled_at = now() WHERE id = :a", a=absence)
    with pytest.raises(NoAbsence):
        accept(stage, world.a, world.operator_both, item)
    look_after(stage, world.a, begun())
    assert items(stage, world.a)[0].state == "void"
    assert holder(stage, made) == world.operator_a.id
    write_note(stage, world.a, coming(stage, world.operator_a), world.operator_a, send=False)
    assert [one.words for one in items(stage, world.a)] == ["Mind the totals"] * 2, "kept"


def test_a_shortened_absence_needs_nobody_for_what_is_due_after_it(world, stage):
    work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a, days=60)
    with acting(stage, world.operator_a.scope(world.a)):
        who = {"actor": world.operator_a.actor(world.a), "now": now()}
        of = {"absence_id": absence, "user_id": world.operator_a.id}
        note = writing.begin(**of, **who)
        assert note is not None
        [item] = list_items(note_id=note.id)
        writing.keep(**of, words="", lines=[writing.Line(item.id, None)], **who)
        writing.send(**of, **who)
    stage.run("UPDATE requests SET due_at = now() + interval '20 days'")
    stage.run("UPDATE absences SET ends_at = now() + interval '10 days' WHERE id = :a", a=absence)
    look_after(stage, world.a)
    assert items(stage, world.a)[0].raised_at is None
    stage.run("UPDATE absences SET ends_at = now() + interval '30 days' WHERE id = :a", a=absence)
    look_after(stage, world.a)
    assert items(stage, world.a)[0].raised_at is not None


def test_an_absence_that_begins_without_a_note(world, stage):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    made = work_of(stage, world.a, world.operator_a)
    absence = make_absence(stage, world.operator_a, days=60)
    write_note(stage, world.a, absence, world.operator_a, send=False)
    look_after(stage, world.a)
    assert holder(stage, made) == world.operator_a.id, "they are writing"
    later = now() + timedelta(minutes=61)
    look_after(stage, world.a, later)
    look_after(stage, world.a, later)
    assert holder(stage, made) == world.operator_both.id
    [note] = stage.rows("SELECT * FROM handover_notes WHERE tenant_id = :t", t=world.a.id)
    assert note.missing_at is not None
    assert mails(stage, world.a, "handover.open") == 1
    with pytest.raises(Forbidden):
        answer(stage, world.a, world.operator_both, answering.settle, absence_id=absence)
    for _ in range(2):
        answer(stage, world.a, world.supervisor, answering.settle, absence_id=absence)
    with pytest.raises(NotFound):
        answer(stage, world.b, world.supervisor, answering.settle, absence_id=absence)


def test_work_that_is_somebody_elses_by_now(world, stage):
    made = work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    write_note(stage, world.a, absence, world.operator_a, to=world.operator_both)
    stage.run(
        "UPDATE requests SET assignee_id = :u WHERE id = :r", u=world.supervisor.id, r=made.id
    )
    [item] = items(stage, world.a)
    with pytest.raises(NotTheirs):
        accept(stage, world.a, world.operator_both, item)
    look_after(stage, world.a)
    assert items(stage, world.a)[0].state == "void"


def test_somebody_elses_note_is_a_reviewers_to_write(world, stage):
    work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    with pytest.raises(Forbidden):
        write_note(stage, world.a, absence, world.operator_a, by=world.operator_both)
    write_note(stage, world.a, absence, world.operator_a, by=world.supervisor, send=False)
    assert len(items(stage, world.a)) == 1
    write_note(stage, world.b, absence, world.operator_a, by=world.supervisor)
    assert items(stage, world.b) == [], "nothing of theirs at another client"


def test_who_gets_it_needs_a_grant_on_the_line(world, stage):
    work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    for nobody in (world.operator_b, world.operator_a):
        with pytest.raises(Invalid):
            write_note(stage, world.a, absence, world.operator_a, to=nobody)
    make_grant(stage, world.a, world.operator_b, lines=("hr",), level="work")
    with pytest.raises(Invalid):
        write_note(stage, world.a, absence, world.operator_a, to=world.operator_b)


def test_sending_twice_asks_once(world, stage):
    work_of(stage, world.a, world.operator_a)
    absence = coming(stage, world.operator_a)
    at = now()
    for _ in range(2):
        write_note(stage, world.a, absence, world.operator_a, to=world.operator_both, at=at)
    assert mails(stage, world.a, "handover.sent") == 1
    sent = stage.value("SELECT count(*) FROM audit_events WHERE name = :n AND tenant_id = :t",
                       n="service_requests.handover.sent", t=world.a.id)  # fmt: skip
    assert sent == 1


def test_nobody_misses_the_note_of_an_absence_that_is_over(world, stage):
    work_of(stage, world.a, world.operator_a)
    absence = make_absence(stage, world.operator_a, days=60)
    look_after(stage, world.a)
    settled = "SELECT settled_at FROM handover_notes WHERE tenant_id = :t"
    assert stage.value(settled, t=world.a.id) is None
    stage.run("UPDATE absences SET cancelled_at = now() WHERE id = :a", a=absence)
    for _ in range(2):
        look_after(stage, world.a)
    assert stage.value(settled, t=world.a.id) is not None
