"""Work goes to whom the rules name, and to others when that ends; the client reads nothing of why."""

from __future__ import annotations

from datetime import timedelta

from app.service_requests.queries import get_request
from app.service_requests.services import assigning, ending, standing_in
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.assignment import give_skills, make_absence, make_rule
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import go_on, make_request
from tests.factories.people import now


def holder(stage, made):
    """By the name without its number."""
    name = stage.value("SELECT assignee_name FROM requests WHERE id = :r", r=made.id)
    return name.split()[0] if name else ""


def raised(stage, company, **more):
    made = make_request(stage, company, title=company.text("work"), **more)
    run_jobs(stage, company.id, name="requests.give")
    return made


def look(stage, company, at=None):
    with acting(stage, company.scope):
        standing_in.stand_in(actor=system_actor(company.id), now=at or now())


def history(browser, made):
    return browser.get(f"{made.url}/history").text


def test_the_named_operator_gets_it_and_the_clock_of_the_answer_goes_on(world, stage, sign_in_as):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    made = raised(stage, world.a)
    row = stage.rows("SELECT * FROM requests WHERE id = :r", r=made.id)[0]
    assert (row.assignee_id, row.state) == (world.operator_a.id, "new")
    assert row.respond_by is not None, "a rule is no answer to the client"
    words = f"gave it to {world.operator_a.name}: the rule names them"
    assert words in history(sign_in_as(world.operator_both), made)
    assert words not in history(sign_in_as(world.a.user), made)
    assert holder(stage, raised(stage, world.b)) == "", "no rule: the queue"


def test_the_deputy_gets_it_while_the_operator_is_away(world, stage, sign_in_as):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    make_absence(stage, world.operator_a)
    made = raised(stage, world.a)
    assert holder(stage, made) == "Odile"
    assert f"the deputy: {world.operator_a.name} is away" in history(
        sign_in_as(world.operator_both), made
    )


def test_by_load_over_all_clients_and_only_with_the_skill(world, stage):
    make_rule(stage, world.b, operator=world.operator_both)
    raised(stage, world.b)
    raised(stage, world.b)
    make_rule(stage, world.a, by_load=True)
    give_skills(stage, world.operator_both, " Payroll ")
    make_rule(stage, world.a, line="hr", by_load=True, skill="payroll")
    assert [holder(stage, raised(stage, world.a)) for _ in range(3)] == ["Olga", "Sven", "Olga"]
    assert holder(stage, raised(stage, world.a, item="hr_question")) == "Odile"


def test_nobody_can_and_whoever_comes_back_gets_it(world, stage, sign_in_as):
    make_rule(stage, world.a, operator=world.operator_a)
    absence = make_absence(stage, world.operator_a)
    made = raised(stage, world.a)
    assert holder(stage, made) == ""
    assert "found nobody to give it to" in history(sign_in_as(world.operator_both), made)
    look(stage, world.a)
    assert holder(stage, made) == ""
    stage.run("UPDATE absences SET cancelled_at = now() WHERE id = :a", a=absence)
    look(stage, world.a)
    assert holder(stage, made) == "Olga"


def test_who_took_it_by_hand_keeps_it(world, stage):
    make_rule(stage, world.a, operator=world.operator_a)
    made = make_request(stage, world.a)
    with acting(stage, world.operator_both.scope(world.a)):
        actor = world.operator_both.actor(world.a)
        assigning.assign_to(request=get_request(actor=actor, number=made.number), actor=actor,
                            now=now(), user_id=world.operator_both.id)  # fmt: skip
    run_jobs(stage, world.a.id, name="requests.give")
    look(stage, world.a)
    assert holder(stage, made) == "Odile"


def test_a_grant_that_ended_gives_it_to_others_or_back_to_the_queue(world, stage, sign_in_as):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    made = raised(stage, world.a)
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=world.operator_a.id)
    look(stage, world.a)
    assert holder(stage, made) == "Odile"
    stage.run("UPDATE grants SET expires_at = now() WHERE user_id = :u", u=world.operator_both.id)
    look(stage, world.a)
    look(stage, world.a)
    assert holder(stage, made) == ""
    page = history(sign_in_as(world.supervisor), made)
    assert page.count("the access of its operator ended") == 1


def test_an_absence_moves_what_is_due_before_they_are_back_once(world, stage):
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    early, late = raised(stage, world.a), raised(stage, world.a)
    stage.run("UPDATE requests SET due_at = now() + interval '60 days' WHERE id = :r", r=late.id)
    make_absence(stage, world.operator_a, days=30)
    look(stage, world.a)
    assert (holder(stage, early), holder(stage, late)) == ("Odile", "Olga")
    stage.run("UPDATE requests SET assignee_id = :u, assignee_name = 'Olga' WHERE id = :r",
              u=world.operator_a.id, r=early.id)  # fmt: skip
    look(stage, world.a)
    assert holder(stage, early) == "Olga", "given back knowingly"


def test_what_is_sent_back_to_somebody_away_goes_to_others(world, stage):
    """Also after their absence was dealt with; who is given it by hand after that keeps it."""
    make_rule(stage, world.a, operator=world.operator_a, deputy=world.operator_both)
    sent, other = raised(stage, world.a), raised(stage, world.a)
    done = {"operator": world.operator_a, "reviewer": world.supervisor, "at": now()}
    go_on(stage, sent, "delivered", **done)
    make_absence(stage, world.operator_a, days=30)
    look(stage, world.a)
    assert (holder(stage, sent), holder(stage, other)) == ("Olga", "Odile")
    with acting(stage, world.a.user.scope()):
        actor = world.a.user.actor()
        ending.reopen(request=get_request(actor=actor, number=sent.number), actor=actor, now=now(),
                      reason="A total is wrong")  # fmt: skip
    stage.run("UPDATE requests SET due_at = now() + interval '1 day' WHERE id = :r", r=sent.id)
    look(stage, world.a, now() + timedelta(hours=2))
    assert holder(stage, sent) == "Odile"
    with acting(stage, world.operator_both.scope(world.a)):
        actor = world.operator_both.actor(world.a)
        assigning.assign_to(request=get_request(actor=actor, number=sent.number), actor=actor,
                            now=now(), user_id=world.operator_a.id)  # fmt: skip
    look(stage, world.a, now() + timedelta(hours=2))
    assert holder(stage, sent) == "Olga"


def test_nobody_stands_in_and_a_supervisor_learns_of_it(world, stage, sign_in_as):
    make_rule(stage, world.a, operator=world.operator_a)
    made = raised(stage, world.a)
    make_absence(stage, world.operator_a, days=40)
    look(stage, world.a, now() + timedelta(minutes=1))
    assert holder(stage, made) == "Olga"
    tasks = stage.rows("SELECT kind FROM supervisor_tasks WHERE request_id = :r", r=made.id)
    assert [one.kind for one in tasks] == ["stand_in"]
    assert "nobody stands in" in sign_in_as(world.supervisor).get("/desk/supervision").text
