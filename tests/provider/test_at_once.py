"""Two clicks, and two administrators, at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from tests.factories import make_session, make_staff
from tests.provider.test_access import live, terms, url
from tests.provider.test_companies import form, seen_in
from tests.provider.test_staff import invited, of


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        together.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def post_at_once(browsers: Sequence[Any], path: str, data: Any) -> list[int]:
    answers = at_once([partial(one.post, path, data=data) for one in browsers])
    return sorted(answer.status_code for answer in answers)


def test_one_access_given_by_three_clicks_is_one(stage: Any, world: Any, sign_in_as: Any) -> None:
    person = world.operator_none
    browsers = [sign_in_as(world.provider_admin) for _ in range(3)]
    typed = terms(user_id=person.id, lines=["hr", "it"])
    assert post_at_once(browsers, url(world.a, "/access/new"), typed) == [303, 303, 303]
    assert [one.line for one in live(stage, world.a, person)] == ["hr", "it"]


def test_an_access_that_both_sides_end_ends_once(stage: Any, world: Any, sign_in_as: Any) -> None:
    grant = world.operator_a.grants[f"{world.a.slug}/hr"]
    provider = [sign_in_as(world.provider_admin) for _ in range(2)]
    company = [sign_in_as(world.a.admin) for _ in range(2)]
    ways = [
        *(partial(one.post, url(world.a, f"/access/{grant}/end")) for one in provider),
        *(partial(one.post, world.a.url(f"people/provider/{grant}/end"),
                  data={"client": world.a.slug}) for one in company),
    ]  # fmt: skip
    assert [answer.status_code for answer in at_once(ways)] == [303] * 4
    assert stage.value(
        "SELECT count(*) FROM audit_events WHERE object_id = :g AND name = 'tenants.grant.ended'",
        g=grant,
    ) == 1  # fmt: skip


def test_of_two_who_change_the_same_facts_one_is_told(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    browsers = [sign_in_as(world.provider_admin) for _ in range(3)]
    page = browsers[0].get(url(world.a, "/facts")).text
    acts = [
        partial(one.post, url(world.a, "/facts"), data=form(name=f"Name {n}", seen=seen_in(page)))
        for n, one in enumerate(browsers)
    ]
    answers = at_once(acts)
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    [won] = [n for n, answer in enumerate(answers) if answer.status_code == 303]
    assert stage.value("SELECT name FROM tenants WHERE id = :t", t=world.a.id) == f"Name {won}"


def test_somebody_with_an_account_is_invited_once(stage: Any, world: Any, sign_in_as: Any) -> None:
    browsers = [sign_in_as(world.provider_admin) for _ in range(3)]
    typed = invited(stage, email=world.b.user.email)
    assert post_at_once(browsers, "/provider/new-staff", typed) == [303, 409, 409]
    browsers = [sign_in_as(world.a.admin) for _ in range(3)]
    typed = {"client": world.a.slug, "display_name": "Nina", "language": "de",
             "role": "client_user", "email": world.b.user.email, "lines": ["finance"]}  # fmt: skip
    assert post_at_once(browsers, world.a.url("people/invite"), typed) == [303, 409, 409]


def test_of_two_who_end_each_other_one_stays(stage: Any, sign_in_as: Any) -> None:
    pair = [make_staff(stage, role="provider_admin") for _ in range(2)]
    browsers = [sign_in_as(one) for one in pair]
    answers = at_once([
        lambda: browsers[0].post(of(pair[1], "/leave")),
        lambda: browsers[1].post(of(pair[0], "/leave")),
    ])  # fmt: skip
    assert min(answer.status_code for answer in answers) == 303
    rows = stage.rows(
        "SELECT s.active, (SELECT count(*) FROM departures d WHERE d.user_id = s.user_id) AS left"
        " FROM staff s WHERE s.user_id IN (:x, :y) ORDER BY 1", x=pair[0].id, y=pair[1].id,
    )  # fmt: skip
    assert [(row.active, row.left) for row in rows] == [(False, 1), (True, 0)]


def test_who_leaves_a_second_time_is_out_again(stage: Any, world: Any, sign_in_as: Any) -> None:
    admin, person = sign_in_as(world.provider_admin), make_staff(stage, role="operator")
    admin.post(of(person, "/leave"))
    back = admin.post("/provider/new-staff", data=invited(stage, email=person.email))
    assert back.status_code == 303
    make_session(stage, person)
    admin.post(of(person, "/leave"))
    assert stage.value("SELECT count(*) FROM sign_in_sessions WHERE user_id = :u"
                       " AND ended_at IS NULL", u=person.id) == 0  # fmt: skip
    assert stage.value("SELECT count(*) FROM departures WHERE user_id = :u", u=person.id) == 2
