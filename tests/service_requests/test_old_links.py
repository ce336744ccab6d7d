"""Addresses that were good once: words that say what to do, and never more than that."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tenants import files
from tests.factories import acting
from tests.factories.lifecycle import Made, attach, make_request, row_state
from tests.factories.offers import accept, make_offer, make_outside
from tests.factories.people import now
from tests.service_requests.browsing import pdf, send


def words(answer: Any) -> str:
    return html.unescape(answer.text)


@pytest.fixture
def sent(world: Any, stage: Any, sign_in_as: Any) -> tuple[Made, str]:
    """A request and the address of a file of it."""
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    send(stage, sign_in_as(world.a.user), made, "messages", body="see", files=pdf())
    file_id = stage.value("SELECT file_id FROM request_files WHERE tenant_id = :t", t=world.a.id)
    return made, f"{made.url}/files/{file_id}"


def test_a_files_address_is_for_those_who_may_see_it(
    world: Any, stage: Any, sign_in_as: Any, client: Any, sent: tuple[Made, str]
) -> None:
    made, url = sent
    user = sign_in_as(world.a.user)
    for _ in range(2):
        assert user.get(url).status_code == 200
    assert "/sign-in" in client().get(url).location
    theirs = make_request(stage, world.b)
    foreign = url.replace(made.url, theirs.url)
    for person, address in (
        (world.b.user, url), (world.b.user, foreign), (world.operator_b, url),
        (world.a.user, f"{made.url}/files/{uuid4()}"),
    ):  # fmt: skip
        answer = sign_in_as(person).get(address)
        assert answer.status_code == 404
        assert "We can't find this page" in words(answer)
    stage.run("UPDATE members SET lines = '{hr}' WHERE id = :i", i=world.a.user.member_id)
    assert user.get(url).status_code == 404


def test_a_result_that_was_replaced_is_still_there(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    urls = []
    for content in (b"%PDF-1.7 one", b"%PDF-1.7 two"):
        attach(stage, made, world.operator_a, content)
        file_id = stage.value(
            "SELECT file_id FROM deliverables WHERE tenant_id = :t AND superseded_at IS NULL",
            t=world.a.id,
        )
        urls.append((f"{made.url}/files/{file_id}", content))
    operator, user = sign_in_as(world.operator_a), sign_in_as(world.a.user)
    for url, content in urls:
        assert operator.get(url).data == content
        assert user.get(url).status_code == 404, "nobody let it pass yet"


def test_a_lost_or_changed_file_says_so(
    world: Any, stage: Any, sign_in_as: Any, sent: tuple[Made, str]
) -> None:
    _, url = sent
    sha256 = stage.value("SELECT sha256 FROM files WHERE tenant_id = :t", t=world.a.id)
    user = sign_in_as(world.a.user)
    with acting(stage, world.a.scope):
        filesystem, path = files._place(sha256)
    filesystem.pipe_file(path, b"something else")
    answer = user.get(url)
    assert answer.status_code == 409
    assert "can't be trusted" in words(answer)
    filesystem.rm_file(path)
    answer = user.get(url)
    assert answer.status_code == 404
    assert "gone from our store" in words(answer)
    assert "gone from our store" not in words(sign_in_as(world.b.user).get(url))


class Offered:
    """An offer as the approver's page shows it."""

    def __init__(self, browser: Any, made: Made) -> None:
        self.browser, self.made = browser, made
        page = browser.get(made.url).text
        [self.url] = set(re.findall(rf'action="({made.url}/offers/[0-9a-f-]+)/accept"', page))
        found = re.search(r'name="offered" value="([0-9a-f]{64})"', page)
        assert found
        self.sha256 = found[1]

    def send(self, verb: str = "accept", *, url: str = "", browser: Any = None, **more: Any) -> Any:
        form = {"client": self.made.company.slug, "offered": self.sha256, **more}
        return (browser or self.browser).post(f"{url or self.url}/{verb}", data=form)


@pytest.fixture
def priced(world: Any, stage: Any) -> Made:
    made = make_outside(stage, world.a)
    make_offer(stage, made, world.operator_a)
    return made


def test_an_offer_after_its_last_day(world: Any, stage: Any, sign_in_as: Any, priced: Made) -> None:
    approver = sign_in_as(world.a.approver)
    offered = Offered(approver, priced)
    stage.run(
        "UPDATE request_offers SET valid_until = :d WHERE tenant_id = :t",
        d=(now() - timedelta(days=2)).date(), t=world.a.id,
    )  # fmt: skip
    page = words(approver.get(priced.url))
    assert "This offer has expired" in page
    assert "/accept" not in page
    answer = offered.send(code=world.a.approver.code())
    assert answer.status_code == 409
    assert "expired" in words(answer)
    assert row_state(stage, priced) == "quote_needed"


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_an_offer_a_second_time(
    world: Any, stage: Any, sign_in_as: Any, priced: Made, verb: str
) -> None:
    offered = Offered(sign_in_as(world.a.approver), priced)
    assert accept(stage, priced, world.a.approver)
    answer = offered.send(verb, code=world.a.approver.code(), reason="too much")
    assert answer.status_code == 409
    assert "offer" in words(answer).lower()
    assert row_state(stage, priced) == "assigned"


def test_an_offer_that_was_replaced(world: Any, stage: Any, sign_in_as: Any, priced: Made) -> None:
    offered = Offered(sign_in_as(world.a.approver), priced)
    make_offer(stage, priced, world.operator_a, price=90_000)
    answer = offered.send(code=world.a.approver.code())
    assert answer.status_code == 409
    assert "900.00" in words(answer), "the one that stands now is shown"
    assert row_state(stage, priced) == "quote_needed"


def test_another_companys_offer_is_nobodys(
    world: Any, stage: Any, sign_in_as: Any, priced: Made
) -> None:
    offered = Offered(sign_in_as(world.a.approver), priced)
    other = make_outside(stage, world.b)
    stranger = sign_in_as(world.b.approver)
    code = world.b.approver.code()
    there = offered.url.replace(priced.url, other.url)
    assert offered.send(browser=stranger, code=code).status_code == 404
    answer = offered.send(browser=stranger, url=there, client=world.b.slug, code=code)
    assert answer.status_code == 404
    missing = f"{priced.url}/offers/{uuid4()}"
    code = world.a.approver.code()
    assert offered.send(url=missing, code=code).status_code == 404
    assert (row_state(stage, priced), row_state(stage, other)) == ("quote_needed", "new")
