"""Each move of a request tells those who must act next, and nobody else; by our own services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.service_requests.checking.queries import list_open_findings
from app.service_requests.checking.services.findings import Noted, mark_fixed
from app.service_requests.queries import get_request, list_open_questions
from app.service_requests.services import approving, conversation, decisions, ending, intake, work
from tests.factories import Company, Person, Stage, World, acting
from tests.factories.lifecycle import Made, _package, make_request
from tests.factories.people import now
from tests.notifications.mails import addresses, forget, promised, told


@dataclass
class Case:
    stage: Stage
    world: World
    made: Made

    @property
    def company(self) -> Company:
        return self.made.company

    @contextmanager
    def acts(self, person: Person) -> Iterator[dict[str, Any]]:
        with acting(self.stage, person.scope(self.company)):
            actor = person.actor(self.company, level="review")
            request = get_request(actor=actor, number=self.made.number)
            yield {"request": request, "actor": actor, "now": now()}

    def told(self, event: str | None = None) -> set[str]:
        return told(self.stage, self.company, event)


@pytest.fixture
def at(stage: Stage, world: World):
    """A request of company A in this state; what was told on its way there is forgotten."""

    def begin(state: str, *, item: str = "finance_question") -> Case:
        made = make_request(
            stage, world.a, state=state, item=item, title=world.a.text("secret title"),
            operator=world.operator_a, reviewer=world.supervisor,
        )  # fmt: skip
        forget(stage, world.a)
        return Case(stage, world, made)

    return begin


def members_of_finance(world: World) -> set[str]:
    return addresses(*world.a.people.values())


def test_a_new_request_is_told_to_the_operators_of_its_line(stage: Stage, world: World) -> None:
    made = make_request(stage, world.a)

    assert told(stage, world.a) == addresses(
        world.operator_a, world.operator_both, world.supervisor
    )
    [first, *_] = promised(stage, world.a)
    assert first.subject == f"[{world.a.code}-{made.number}] New request: Finance task"
    assert world.a.canary in first.text, "whose it is"
    assert "Please check this invoice" not in first.text + first.html


def test_a_request_that_was_taken_meanwhile_is_told_to_nobody(at, world: World) -> None:
    before = at("new")
    case = Case(before.stage, world, make_request(before.stage, world.a))
    with case.acts(world.operator_a) as acts:
        work.assign_to_me(**acts)

    assert case.told() == set()


def test_raised_on_behalf_tells_the_clients_people_too(stage: Stage, world: World) -> None:
    operator = world.operator_a
    with acting(stage, operator.scope(world.a)):
        intake.raise_request(
            actor=operator.actor(world.a), now=now(), item_code="finance_question", uploads=[],
            values={"title": "x", "details": "y", "wanted_on": None},
        )  # fmt: skip

    assert told(stage, world.a, "request.raised_for_you") == members_of_finance(world)
    assert told(stage, world.a, "request.raised") == addresses(
        world.operator_both, world.supervisor
    )


def test_taking_a_request_tells_nobody(at, world: World) -> None:
    case = at("new")
    with case.acts(world.operator_a) as acts:
        work.start_work(**acts)

    assert case.told() == set()


def ask(case: Case, body: str = "Which account?") -> None:
    with case.acts(case.world.operator_a) as acts:
        conversation.ask_question(**acts, body=body)


def test_a_question_reaches_the_client_and_its_words_do_not(at, world: World) -> None:
    case = at("in_progress")
    ask(case, body="Is the SECRET-QUESTION paid?")

    assert case.told() == members_of_finance(world)
    for mail in promised(case.stage, world.a):
        assert "SECRET-QUESTION" not in mail.text + mail.html + mail.subject
        assert "The work stands still until you answer." in mail.text
        assert f"/c/{world.a.slug}/requests/{case.made.number}#q-" in mail.text


def answer(case: Case) -> None:
    with case.acts(case.world.a.user) as acts:
        [question] = list_open_questions(request_id=case.made.id)
        conversation.answer_question(**acts, question=question, answer="The SECRET-ANSWER one")


def test_an_answered_question_asks_nobody_and_tells_who_works(at, world: World) -> None:
    case = at("in_progress")
    ask(case)
    answer(case)

    assert case.told("request.asked") == set()
    assert case.told("request.answered") == addresses(world.operator_a)
    assert "SECRET" not in "".join(one.html + one.text for one in promised(case.stage, world.a))


def test_messages_go_to_the_other_side(at, world: World) -> None:
    case = at("in_progress")
    with case.acts(world.operator_a) as acts:
        conversation.send_message(**acts, body="MESSAGE-BODY", uploads=[])
    with case.acts(world.a.admin) as acts:
        conversation.send_message(**acts, body="MESSAGE-BODY", uploads=[])

    assert case.told("request.provider_wrote") == addresses(world.a.user)
    assert case.told("request.client_wrote") == addresses(world.operator_a)
    assert "MESSAGE-BODY" not in "".join(one.text for one in promised(case.stage, world.a))


def test_without_an_assignee_the_line_reads_what_the_client_wrote(at, world: World) -> None:
    case = at("new")
    with case.acts(world.a.user) as acts:
        conversation.send_message(**acts, body="hello", uploads=[])

    assert case.told() == addresses(world.operator_a, world.operator_both, world.supervisor)


def test_who_left_the_client_is_replaced_by_those_who_stay(at, world: World) -> None:
    case = at("in_progress")
    case.stage.run("UPDATE members SET removed_at = now() WHERE user_id = :i", i=world.a.user.id)
    with case.acts(world.operator_a) as acts:
        conversation.send_message(**acts, body="hello", uploads=[])

    assert case.told() == members_of_finance(world) - addresses(world.a.user)


def test_notes_tell_nobody(at, world: World) -> None:
    case = at("in_progress")
    with case.acts(world.operator_a) as acts:
        conversation.add_note(**acts, body="INTERNAL")

    assert case.told() == set()


def submit(case: Case) -> None:
    with case.acts(case.world.operator_a) as acts:
        work.record_time(**acts, minutes=5, worked_on=now().date(), activity="x")
        work.upload_deliverable(
            **acts, name="r.txt", content_type="text/plain", content=b"r", title="TITLE-OF-RESULT"
        )
        work.submit_for_review(**acts)


def test_the_quality_check_is_told_to_reviewers(at, world: World) -> None:
    case = at("in_progress")
    submit(case)

    assert case.told() == addresses(world.supervisor)


def test_a_result_that_was_checked_already_is_not_to_check(at, world: World) -> None:
    case = at("in_progress")
    submit(case)
    with case.acts(world.supervisor) as acts:
        decisions.return_from_review(**acts, noted=[Noted("wording", "minor", "FINDINGS-TEXT")])
    with case.acts(world.operator_a) as acts:
        [finding] = list_open_findings(request_id=acts["request"].id)
        mark_fixed(**acts, finding_id=finding.id)
        work.submit_for_review(**acts)

    assert case.told("request.to_review") == addresses(world.supervisor)
    mails = promised(case.stage, world.a)
    assert [one.verb for one in mails].count("notice.request.to_review") == 1
    assert case.told("request.returned") == addresses(world.operator_a)
    assert "FINDINGS-TEXT" not in "".join(one.text + one.html for one in mails)


def pass_review(case: Case) -> None:
    with case.acts(case.world.supervisor) as acts:
        decisions.pass_review(**acts)


def test_approvers_of_the_line_are_asked_to_approve(at, world: World) -> None:
    case = at("in_review", item="payment_control")
    pass_review(case)

    assert case.told() == addresses(world.a.approver)
    [mail] = promised(case.stage, world.a)
    assert "Nothing is delivered before you approve." in mail.text


def test_what_needs_no_approval_is_delivered_to_who_asked(at, world: World) -> None:
    case = at("in_review")
    pass_review(case)

    assert case.told() == addresses(world.a.user)
    [mail] = promised(case.stage, world.a)
    assert mail.verb == "notice.request.delivered"


def test_approval_and_refusal_reach_who_made_it(at, world: World) -> None:
    case = at("awaiting_approval", item="payment_control")
    with case.acts(world.a.approver) as acts:
        approving.refuse(**acts, sha256=_package(case.made.id), reason="REASON-TEXT")
    assert case.told() == addresses(world.operator_a)
    assert "REASON-TEXT" not in "".join(one.text for one in promised(case.stage, world.a))

    case = at("awaiting_approval", item="payment_control")
    with case.acts(world.a.approver) as acts:
        approving.approve(**acts, real_now=now(), sha256=_package(case.made.id))
    assert case.told("request.approved") == addresses(world.operator_a)
    assert case.told("request.delivered") == addresses(world.a.user)


def test_a_cancelled_request_is_told_to_its_assignee(at, world: World) -> None:
    case = at("assigned")
    with case.acts(world.a.user) as acts:
        ending.cancel_request(**acts, reason="no need")
    assert case.told() == addresses(world.operator_a)

    case = at("new")
    with case.acts(world.a.user) as acts:
        ending.cancel_request(**acts, reason="no need")
    assert case.told() == set()


def ask_and_fail(acts: dict[str, Any]) -> None:
    conversation.ask_question(**acts, body="x")
    raise RuntimeError


def test_a_transaction_that_fails_tells_nobody(at, world: World) -> None:
    case = at("in_progress")
    with pytest.raises(RuntimeError), case.acts(world.operator_a) as acts:
        ask_and_fail(acts)

    assert case.told() == set()


def test_another_clients_people_and_words_stand_in_no_mail(at, world: World) -> None:
    case = at("in_progress")
    make_request(case.stage, world.b)
    ask(case)
    case.told()

    mails = promised(case.stage, world.a)
    theirs = [world.b.canary, world.b.code, *addresses(*world.b.people.values())]
    assert mails
    for mail in mails:
        whole = mail.to + mail.subject + mail.text + mail.html
        assert not [one for one in theirs if one in whole]
    assert told(case.stage, world.b) & addresses(*world.a.people.values()) == set()


def test_due_dates_stand_in_the_readers_zone(at, world: World) -> None:
    case = at("in_progress")
    case.stage.run("UPDATE users SET time_zone = 'Asia/Tokyo' WHERE id = :i", i=world.a.user.id)
    ask(case)
    case.told()

    due = case.stage.value("SELECT due_at FROM requests WHERE id = :i", i=case.made.id)
    by_reader = {one.to: one.text for one in promised(case.stage, world.a)}
    for reader, zone in ((world.a.user, "Asia/Tokyo"), (world.a.admin, "Europe/Paris")):
        assert f"{due.astimezone(ZoneInfo(zone)):%H:%M (%Z)}" in by_reader[reader.email]
