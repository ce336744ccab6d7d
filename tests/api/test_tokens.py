"""Who a token is, what it may do, and when it dies."""

import os
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tenants.core.crypto import token_hash
from tests import warm
from tests.factories.people import make_grant, make_session, now
from tests.factories.tokens import make_token
from tests.provider.test_at_once import at_once

ME = "/api/v1/me"


def sent(app: Any, authorization: str | None, path: str = ME) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().get(path, headers=headers)


def test_a_token_acts_as_its_holder_in_its_company(world: Any, api_as: Any) -> None:
    told = api_as(world.a.admin, scopes=["requests:read", "usage:read"]).get(ME).json
    assert told["person"]["name"] == world.a.admin.name
    assert told["person"]["side"] == "client"
    assert told["company"]["slug"] == world.a.slug
    assert told["rights"] == ["request.read", "subscription.read"]


def test_the_providers_people_act_for_their_side(world: Any, api_as: Any) -> None:
    told = api_as(world.operator_both, world.b, scopes=["payments:write"]).get(ME).json
    assert told["person"]["side"] == "provider"
    assert told["company"]["slug"] == world.b.slug
    assert told["rights"] == ["payment_control.work", "request.read"]


def test_scopes_never_widen_rights(world: Any, api_as: Any) -> None:
    told = api_as(world.a.user, scopes=["payments:write", "usage:read"]).get(ME).json
    assert told["rights"] == ["request.read"]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic dTpw", "Bearer coulisse_unknown", "bearer x y",
     "Bearer " + "x" * 5000, "Bearer \xff", "\xff", "Token coulisse_x", "Bearer\tx"],
)  # fmt: skip
def test_no_token_and_wrong_ones_get_one_answer(app: Any, authorization: str | None) -> None:
    page = sent(app, authorization)
    assert page.status_code == 401
    assert page.headers["WWW-Authenticate"] == "Bearer"
    assert page.mimetype == "application/problem+json"
    assert page.json["code"] == "token_required"


ENDINGS = {
    "ended": "UPDATE api_tokens SET ended_at = now() WHERE token_hash = :h",
    "expired": "UPDATE api_tokens SET expires_at = now() - interval '1 second'"
    " WHERE token_hash = :h",
    "removed": "UPDATE members SET removed_at = now() WHERE user_id = :u",
    "account closed": "UPDATE users SET active = false WHERE id = :u",
    "company closed": "UPDATE tenants SET state = 'closed' WHERE id = :t",
    "grant ended": "UPDATE grants SET ended_at = now() WHERE user_id = :u AND tenant_id = :t",
    "grant expired": "UPDATE grants SET expires_at = now() - interval '1 second'"
    " WHERE user_id = :u AND tenant_id = :t",
    "no staff any more": "UPDATE staff SET active = false WHERE user_id = :u",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token_dies_with_its_holders_access(
    app: Any, stage: Any, world: Any, ending: str
) -> None:
    person = world.operator_both if "grant" in ending or "staff" in ending else world.a.user
    plain = make_token(stage, world.a, person)
    assert sent(app, f"Bearer {plain}").status_code == 200
    sql, values = ENDINGS[ending], {"h": token_hash(plain), "u": person.id, "t": world.a.id}
    stage.run(sql, **{name: value for name, value in values.items() if f":{name}" in sql})
    dead, unknown = sent(app, f"Bearer {plain}"), sent(app, "Bearer coulisse_unknown")
    assert dead.status_code == 401
    assert {**dead.json, "request_id": ""} == {**unknown.json, "request_id": ""}


def test_a_weaker_grant_weakens_the_token_at_once(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.operator_a, world.a)
    assert "payment_control.work" in program.get(ME).json["rights"]
    stage.run("UPDATE grants SET level = 'read' WHERE user_id = :u", u=world.operator_a.id)
    assert "payment_control.work" not in program.get(ME).json["rights"]


def test_a_session_cookie_opens_nothing(app: Any, stage: Any, world: Any) -> None:
    browser = app.test_client()
    browser.set_cookie("coulisse", make_session(stage, world.a.admin), domain="localhost")
    assert browser.get(ME).status_code == 401
    assert browser.get("/api/v1/requests").status_code == 401


def test_a_token_opens_no_page(app: Any, stage: Any, world: Any) -> None:
    plain = make_token(stage, world.a, world.a.admin)
    page = sent(app, f"Bearer {plain}", world.a.url("requests"))
    assert page.status_code == 303
    assert page.location.startswith("/sign-in")


def test_a_missing_scope_is_named(world: Any, api_as: Any) -> None:
    page = api_as(world.a.user, scopes=["usage:read"]).get("/api/v1/requests")
    assert page.status_code == 403
    assert page.json["code"] == "scope_missing"
    assert "requests:read" in page.json["detail"]


def test_use_is_noted_once_a_minute(app: Any, stage: Any, world: Any) -> None:
    plain = make_token(stage, world.a, world.a.user)
    digest = token_hash(plain)
    stage.run("UPDATE api_tokens SET last_used_at = NULL WHERE token_hash = :h", h=digest)
    seen = []
    for _ in range(2):
        sent(app, f"Bearer {plain}")
        seen.append(stage.value("SELECT last_used_at FROM api_tokens WHERE token_hash = :h",
                                h=digest))  # fmt: skip
    assert seen[0] is not None
    assert seen[0] == seen[1]


def make(browser: Any, company: Any, **form: Any) -> Any:
    return browser.post(company.url("tokens"), data={"name": "Robot", "days": "90",
                                                     "scopes": ["requests:read"], **form})  # fmt: skip


def shown_token(page: Any) -> str:
    text: str = page.text
    return text.split('id="new-token">', 1)[1].split("<", 1)[0]


def test_a_token_is_made_shown_once_and_ended(
    app: Any, stage: Any, world: Any, sign_in_as: Any
) -> None:
    browser = sign_in_as(world.a.user)
    page = make(browser, world.a)
    assert page.status_code == 200
    plain = shown_token(page)
    assert sent(app, f"Bearer {plain}").status_code == 200
    assert plain not in browser.get(world.a.url("tokens")).text
    assert stage.value("SELECT count(*) FROM api_tokens WHERE token_hash = :p", p=plain) == 0
    token_id = stage.value("SELECT id FROM api_tokens WHERE token_hash = :h", h=token_hash(plain))
    assert browser.post(world.a.url(f"tokens/{token_id}/end")).status_code == 303
    assert sent(app, f"Bearer {plain}").status_code == 401
    names = [row.name for row in stage.rows(
        "SELECT name FROM audit_events WHERE object_id = :i ORDER BY at", i=token_id)]  # fmt: skip
    assert names == ["account.token.created", "account.token.ended"]


@pytest.mark.parametrize(
    ("form", "place"),
    [({"name": " "}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["payments:write"]}, "scopes"),
     ({"scopes": ["all"]}, "scopes"), ({"days": "9999"}, "days")],
)  # fmt: skip
def test_what_a_token_may_not_be(world: Any, sign_in_as: Any, form: Any, place: str) -> None:
    page = make(sign_in_as(world.a.user), world.a, **form)
    assert page.status_code == 422
    assert f'id="f-{place}-error"' in page.text


def test_making_one_asks_for_a_fresh_code(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.a.admin)
    stage.run("UPDATE sign_in_sessions SET second_factor_at = :at WHERE user_id = :u",
              at=now() - timedelta(minutes=11), u=world.a.admin.id)  # fmt: skip
    assert "/sign-in/code?next=" in browser.get(world.a.url("tokens")).text
    assert make(browser, world.a).status_code == 403
    counted = stage.value("SELECT count(*) FROM api_tokens WHERE user_id = :u", u=world.a.admin.id)
    assert counted == 0
    fresh = sign_in_as(world.a.admin)
    assert make(fresh, world.a).status_code == 200


def test_the_administrator_sees_and_ends_everybodys(
    app: Any, stage: Any, world: Any, sign_in_as: Any
) -> None:
    plain = make_token(stage, world.a, world.operator_a)
    token_id = stage.value("SELECT id FROM api_tokens WHERE token_hash = :h", h=token_hash(plain))
    admin = sign_in_as(world.a.admin)
    assert world.operator_a.name in admin.get(world.a.url("tokens")).text
    colleague = sign_in_as(world.a.user)
    assert world.operator_a.name not in colleague.get(world.a.url("tokens")).text
    assert colleague.post(world.a.url(f"tokens/{token_id}/end")).status_code == 404
    assert sign_in_as(world.b.admin).post(world.b.url(f"tokens/{token_id}/end")).status_code == 404
    assert admin.post(world.a.url(f"tokens/{token_id}/end")).status_code == 303
    assert sent(app, f"Bearer {plain}").status_code == 401


def test_a_token_that_two_end_at_once_ends_once(stage: Any, world: Any, sign_in_as: Any) -> None:
    plain = make_token(stage, world.a, world.a.user)
    token_id = stage.value("SELECT id FROM api_tokens WHERE token_hash = :h", h=token_hash(plain))
    browsers = [sign_in_as(one) for one in (world.a.user, world.a.admin, world.a.admin)]
    answers = at_once([partial(one.post, world.a.url(f"tokens/{token_id}/end"))
                       for one in browsers])  # fmt: skip
    assert [answer.status_code for answer in answers] == [303] * 3
    ended = stage.rows("SELECT actor_id FROM audit_events WHERE object_id = :i"
                       " AND name = 'account.token.ended'", i=token_id)  # fmt: skip
    [by] = stage.rows("SELECT ended_by FROM api_tokens WHERE id = :i", i=token_id)
    assert [row.actor_id for row in ended] == [by.ended_by]


def test_reading_grants_make_no_tokens(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_grant(stage, world.a, world.operator_none, level="read")
    assert sign_in_as(world.operator_none).get(world.a.url("tokens")).status_code == 403


def run_cli(environment: Any, company: Any, person: Any, *more: str) -> Any:
    return warm.run(
        "app.cli", "token", "create", "--tenant", company.slug, "--email", person.email,
        "--name", "Robot", *more, env=os.environ | environment,
    )  # fmt: skip


def test_a_token_from_the_terminal(app: Any, world: Any, environment: Any) -> None:
    done = run_cli(environment, world.a, world.operator_a, "--scope", "payments:write")
    assert done.returncode == 0, done.stderr
    told = sent(app, f"Bearer {done.stdout.strip()}").json
    assert told["company"]["slug"] == world.a.slug
    assert told["rights"] == ["payment_control.work", "request.read"]


def test_the_terminal_gives_nobody_more_than_they_may(world: Any, environment: Any) -> None:
    for company, person, scope in (
        (world.b, world.operator_a, "requests:read"),
        (world.a, world.a.user, "payments:write"),
        (world.a, world.a.user, "everything"),
    ):
        done = run_cli(environment, company, person, "--scope", scope)
        assert done.returncode == 1
        assert not done.stdout


def test_who_comes_back_makes_new_ones(app: Any, stage: Any, world: Any, sign_in_as: Any) -> None:
    person = world.a.user
    plain = make_token(stage, world.a, person)
    page = sign_in_as(world.a.admin).post(
        world.a.url(f"people/{person.member_id}/remove"), data={"client": world.a.slug}
    )
    assert page.status_code == 303
    stage.run("UPDATE members SET removed_at = NULL WHERE user_id = :u", u=person.id)
    assert sent(app, f"Bearer {plain}").status_code == 401
