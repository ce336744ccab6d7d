"""An item's way from the client's form to the confirmed result, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask.testing import FlaskClient

from app.catalogue.item import CatalogueItem
from app.service_requests.approvals.rules import asks_code
from tenants.models import SERVICE_LINES
from tests.factories import Stage, make_company, make_grant, make_member, make_staff
from tests.factories.catalogue import a_file, filled
from tests.factories.lifecycle import Made, row_state
from tests.factories.people import Company, Person, now
from tests.service_requests.browsing import package_on, send

LINES = tuple(SERVICE_LINES)
SPENT = {"minutes": "0:30", "activity": "Worked", "billable": "1"}
SignIn = Callable[[Person], FlaskClient]


@dataclass
class Office:
    company: Company
    user: Person
    operator: Person
    reviewer: Person


def make_office(stage: Stage, country: str) -> Office:
    with stage.together():
        company = make_company(stage, country=country)
        found = Office(
            company, make_member(stage, company, lines=LINES), make_staff(stage),
            make_staff(stage, role="supervisor"),
        )  # fmt: skip
        make_grant(stage, company, found.operator, lines=LINES)
        make_grant(stage, company, found.reviewer, lines=LINES, level="review")
    return found


def raise_work_deliver(
    item: CatalogueItem, office: Office, stage: Stage, sign_in_as: SignIn
) -> Made:
    company = office.company
    user, operator = sign_in_as(office.user), sign_in_as(office.operator)
    answer = user.post(company.url(f"requests/new/{item.code}"), data=filled(item, company))
    assert answer.status_code == 303, answer.text
    made = _made(stage, company, int(answer.location.rsplit("/", 1)[1]))

    assert send(stage, operator, made, "assign").status_code == 303
    assert send(stage, operator, made, "start").status_code == 303
    _work(item, stage, made, user, operator)
    reviewed = item.review != "never"
    assert send(stage, operator, made, "submit" if reviewed else "deliver").status_code == 303
    if reviewed:
        assert send(stage, sign_in_as(office.reviewer), made, "pass").status_code == 303
    if item.gated:
        _approve(item, stage, made, sign_in_as)
    assert row_state(stage, made) == "delivered"
    assert send(stage, user, made, "close").status_code == 303
    return made


def _made(stage: Stage, company: Company, number: int) -> Made:
    found = stage.value(
        "SELECT id FROM requests WHERE tenant_id = :t AND number = :n", t=company.id, n=number
    )
    return Made(found, number, company)


def _work(
    item: CatalogueItem, stage: Stage, made: Made, user: FlaskClient, operator: FlaskClient
) -> None:
    """Every result, every step, and the time; the page tells which steps are ticked by hand."""
    for result in item.results:
        kind = "" if item.job else result.code
        sent = send(stage, operator, made, "deliverables", kind=kind,
                    file=a_file(result.accept, result.code))  # fmt: skip
        assert sent.status_code == 303, sent.text
    if any(step.kind == "ask_client" for step in item.steps):
        _ask(stage, made, user, operator)
    page = operator.get(made.url).text
    for step in sorted(set(re.findall(r"/steps/([0-9a-f-]{36})/tick", page))):
        assert send(stage, operator, made, f"steps/{step}/tick").status_code == 303
    spent = {**SPENT, "worked_on": now().date().isoformat()}
    assert send(stage, operator, made, "time", **spent).status_code == 303


def _ask(stage: Stage, made: Made, user: FlaskClient, operator: FlaskClient) -> None:
    assert send(stage, operator, made, "questions", body="Which one?").status_code == 303
    question = stage.value(
        "SELECT id FROM questions WHERE tenant_id = :t AND request_id = :r",
        t=made.company.id, r=made.id,
    )  # fmt: skip
    assert send(stage, user, made, f"questions/{question}/answer", answer="This").status_code == 303


def _approve(item: CatalogueItem, stage: Stage, made: Made, sign_in_as: SignIn) -> None:
    """Each approver is new: a code counts once."""
    for voice in range(item.approvals):
        approver = make_member(
            stage, made.company, key=f"{item.code}-{voice}", approver=True, lines=LINES
        )
        browser = sign_in_as(approver)
        decision = {"sha256": package_on(browser, made)}
        if asks_code(item):
            decision["code"] = approver.code()
        assert send(stage, browser, made, "approve", **decision).status_code == 303
