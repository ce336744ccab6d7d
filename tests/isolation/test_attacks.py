"""What no form of ours sends: odd bytes, odd numbers, odd headers. An answer, never a server error."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.auth import second_factor
from tenants.core.db import db
from tests.factories.lifecycle import make_request
from tests.factories.people import PASSWORD
from tests.service_requests.browsing import HTMX, send

NUL = "\0"
ODD_URLS = [
    "/c/x%00y/requests", "/%00", "/link/%00", "/c/{slug}/requests?q=%C2%B2",
    "/c/{slug}/requests?q=%00", "/c/{slug}/requests?cursor=" + "W1tb" * 400,
    "/c/{slug}/requests/99999999999", "/c/{slug}/requests/2147483648/payment-control",
    "/c/{slug}/requests/2147483648/files/00000000-0000-0000-0000-000000000000",
    "/c/{slug}/requests/{number}/payment-control?q=%00",
    "/c/{slug}/subscription/usage?invoice=%00", "/desk?q=%C2%B2", "/desk?q=%00",
    "/desk/palette?q=%00", "/desk/palette?q=%C2%B2", "/desk?open={slug}/%C2%B2",
    "/desk?open={slug}/" + "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("url", ODD_URLS)
def test_odd_addresses_are_answered(
    world: Any, stage: Any, sign_in_as: Any, client: Any, url: str
) -> None:
    made = make_request(stage, world.a, state="assigned", operator=world.operator_a)
    path = url.format(slug=world.a.slug, number=made.number)
    for browser in (client(), sign_in_as(world.operator_a), sign_in_as(world.a.admin)):
        for ask in (browser.get, browser.head, browser.options):
            assert ask(path).status_code < 500


@pytest.mark.parametrize("number", [2**31, 10**11, 10**26])
def test_a_number_beyond_all_numbers_is_just_missing(
    world: Any, sign_in_as: Any, number: int
) -> None:
    assert sign_in_as(world.a.user).get(world.a.url(f"requests/{number}")).status_code == 404


@pytest.mark.parametrize("verb", ["messages", "notes", "questions"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_nul_in_a_text_goes(
    world: Any, stage: Any, sign_in_as: Any, verb: str, headers: Any
) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    browser = sign_in_as(world.operator_a)
    kept = send(stage, browser, made, verb, body=f"be{NUL}fore", headers=headers)
    assert kept.status_code in (200, 303)
    assert "before" in browser.get(made.url).text
    assert send(stage, browser, made, verb, body=NUL).status_code == 422


def test_odd_words_at_the_door_are_answered(client: Any) -> None:
    for path in ("/sign-in", "/forgot-password"):
        for email in (NUL, f"a{NUL}b@example.com", "\ufffd@example.com", "x" * 300):
            page = client().post(path, data={"email": email, "password": f"x{NUL}"})
            assert page.status_code in (200, 422), (path, email)


ELSEWHERE = ["//evil.example", "//[", "/\\evil.example", "/a\nSet-Cookie: x=1", "/\t/evil.example",
             "https://evil.example", "javascript:alert(1)", " //evil.example", "evil", "/\\\\["]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere(world: Any, client: Any, target: str) -> None:
    person = world.a.user
    signed_in = client().post(
        "/sign-in", query_string={"next": target},
        data={"email": person.email, "password": PASSWORD},
    )  # fmt: skip
    switched = client().post("/language", data={"lang": "fr", "next": target})
    assert [signed_in.status_code, switched.status_code] == [303, 303]
    assert [signed_in.location, switched.location] == ["/", "/"]
    assert signed_in.headers.getlist("Set-Cookie")[0].startswith("coulisse=")


def test_odd_headers_are_answered(world: Any, stage: Any, client: Any, sign_in_as: Any) -> None:
    assert (
        client(same_origin=False).post("/sign-in", headers={"Origin": "http://["}).status_code
        == 403
    )
    assert client().get("/sign-in", headers={"Cookie": "coulisse=\xff"}).status_code == 200
    made = make_request(stage, world.a, item="payment_control")
    address = made.url + "/payment-control/confirm-all"
    page = sign_in_as(world.operator_a).post(
        address, data={"client": world.a.slug}, headers={**HTMX, "HX-Current-URL": "http://["}
    )
    assert page.status_code < 500


@pytest.mark.parametrize("code", ["１２３４５６", "²²²²²²", "٣٣٣٣٣٣", NUL * 6, "12345é"])
def test_a_code_of_other_digits_is_wrong(world: Any, sign_in_as: Any, code: str) -> None:
    secret = second_factor.new_secret()
    assert second_factor.matching_step(secret, code, at=1e9, after_step=0) is None
    browser = sign_in_as(world.a.approver, second_factor=False)
    assert browser.post("/sign-in/code", data={"code": code}).status_code == 422


def test_a_failed_statement_tells_no_values(stage: Any) -> None:
    """What is logged of an unexpected error is the error's text."""
    with stage.app.app_context(), pytest.raises(DBAPIError) as failed:
        db.session.execute(text("SELECT 1 / 0, CAST(:token AS text)"), {"token": "a-secret"})
    assert "SELECT 1 / 0" in str(failed.value)
    assert "a-secret" not in str(failed.value)


def test_a_database_that_is_away_is_a_503(
    world: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    monkeypatch.setattr("app.auth.queries.find_account", away)
    page = client().post("/sign-in", data={"email": "a@b.example", "password": "x"})
    assert page.status_code == 503
    assert page.headers["Retry-After"]
