"""Numbers, titles, messages and names of files are found; notes and other lines are not."""

from __future__ import annotations

import io

import pytest

from tests.factories.lifecycle import make_request
from tests.factories.people import make_member
from tests.service_requests.browsing import send


@pytest.fixture
def made(world, stage, sign_in_as):
    row = make_request(
        stage, world.a, state="in_progress", operator=world.operator_a, title="Invoice"
    )
    make_request(stage, world.a, title="Something else")
    client, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    send(stage, client, row, "messages", body="the 100% crimson heron",
         files=(io.BytesIO(b"x"), "ledger_2026.csv"))  # fmt: skip
    send(stage, operator, row, "notes", body="our velvet secret")
    return row


def found(browser, company, words):
    page = browser.get(company.url("requests"), query_string={"state": "all", "q": words}).text
    return page.count('class="request-row"')


@pytest.mark.parametrize(
    ("words", "rows"),
    [("crimson", 1), ("HERON", 1), ("100%", 1), ("ledger_2026", 1), ("ledgerX2026", 0),
     ("Invoice", 1), ("velvet", 0), ("no such thing", 0)],
)  # fmt: skip
def test_what_is_found(world, made, sign_in_as, words, rows):
    assert found(sign_in_as(world.a.user), world.a, words) == rows


def test_nothing_of_other_lines_or_companies(world, stage, made, sign_in_as):
    only_hr = make_member(stage, world.a, key="hr", lines=("hr",))
    assert found(sign_in_as(only_hr), world.a, "crimson") == 0
    assert found(sign_in_as(world.b.user), world.b, "crimson") == 0
    assert found(sign_in_as(world.operator_a), world.a, "velvet") == 0
