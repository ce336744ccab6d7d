"""The team: absences of one's own and, by a supervisor, of others; skills; nobody reads a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.assignment import give_skills, make_absence
from tests.factories.people import now


def days(first: int, last: int | None = None, **more: str) -> dict[str, str]:
    def day(n: int) -> str:
        return (now() + timedelta(days=n)).date().isoformat()

    until = {} if last is None else {"last": day(last)}
    return {"first": day(first), **until, "kind": "ill"} | more


def test_everybody_keeps_their_own(world, stage, sign_in_as):
    browser = sign_in_as(world.operator_a)
    assert browser.post("/desk/absences", data=days(3, 5)).status_code == 303
    assert "Ill" in browser.get("/desk/absences").text
    page = sign_in_as(world.operator_b).get("/desk/team").text
    assert "away from" in page
    assert "Ill" not in page
    [row] = stage.rows("SELECT * FROM absences WHERE user_id = :u", u=world.operator_a.id)
    assert browser.post(f"/desk/absences/{row.id}/cancel").status_code == 303
    assert browser.post(f"/desk/absences/{row.id}/cancel").status_code == 303, "again is nothing"
    assert "No absence ahead" in browser.get("/desk/absences").text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (days(5, 3), "before the first"),
        (days(-9, -8), "over already"),
        (days(1, 500), "400 days"),
        (days(3, 3, from_noon="1", until_noon="1"), "before the first"),
        ({"kind": "holiday"}, "First day"),
        (days(1, 2, kind="divorce"), "Kind"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(world, stage, sign_in_as, data, says):
    page = sign_in_as(world.operator_a).post("/desk/absences", data=data)
    assert page.status_code == 422
    assert says in page.text
    assert not stage.rows("SELECT FROM absences WHERE user_id = :u", u=world.operator_a.id)


def test_overlapping_ones_are_refused_and_halves_of_a_day_meet(world, sign_in_as):
    browser = sign_in_as(world.operator_a)
    assert browser.post("/desk/absences", data=days(3, 5, until_noon="1")).status_code == 303
    refused = browser.post("/desk/absences", data=days(5))
    assert refused.status_code == 409
    assert "There is an absence already" in refused.text
    assert browser.post("/desk/absences", data=days(5, from_noon="1")).status_code == 303
    assert sign_in_as(world.operator_b).post("/desk/absences", data=days(4)).status_code == 303


def test_a_supervisor_keeps_everybodys(world, stage, sign_in_as):
    browser, person = sign_in_as(world.supervisor), f"/desk/team/{world.operator_a.id}"
    assert browser.post(f"{person}/absences", data=days(3)).status_code == 303
    assert (
        browser.post(f"{person}/skills", data={"skills": "Payroll,  German law ,"}).status_code
        == 303
    )
    assert "german law, payroll" in browser.get(person).text
    assert browser.post(f"{person}/skills", data={"skills": "x" * 41}).status_code == 422
    assert "payroll" in sign_in_as(world.operator_a).get("/desk/absences").text
    operator = sign_in_as(world.operator_b)
    assert operator.get(person).status_code == 403
    assert operator.post(f"{person}/absences", data=days(9)).status_code == 403
    assert operator.post(f"{person}/skills", data={"skills": "x"}).status_code == 403
    [row] = stage.rows("SELECT * FROM absences WHERE user_id = :u", u=world.operator_a.id)
    assert operator.post(f"/desk/absences/{row.id}/cancel").status_code == 404
    assert browser.post(f"/desk/absences/{row.id}/cancel").status_code == 303


def test_the_team_says_who_is_away_and_what_they_can_do(world, stage, sign_in_as):
    make_absence(stage, world.operator_both)
    give_skills(stage, world.operator_a, "payroll")
    page = sign_in_as(world.operator_a).get("/desk/team").text
    assert "Away, back on" in page
    assert "payroll" in page
