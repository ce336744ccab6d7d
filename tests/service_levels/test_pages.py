"""A month on the screens: read, signed off, contested, answered, taken along as a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.service_levels.export import _hundredths
from tests.factories.contracts import make_contract
from tests.factories.lifecycle import go_on, make_request
from tests.factories.service_levels import RULES, sign

MAY = date(2026, 5, 1)
# A Tuesday at 10:00 in Paris.
START = datetime(2026, 5, 5, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def may(stage, world):
    """One request in time, one late."""
    make_contract(stage, world.a, credits=RULES)
    found = []
    for after in (timedelta(hours=1), 7 * DAY):
        made = make_request(stage, world.a, at=START)
        go_on(stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor,
              at=START + after)  # fmt: skip
        found.append(made)
    return found


def page(browser, company, query="month=2026-05"):
    return browser.get(company.url(f"service-levels?{query}"))


def send(browser, company, act, **data):
    values = {"client": company.slug, "month": "2026-05", **data}
    return browser.post(company.url(f"service-levels/{act}"), data=values)


def test_a_month_is_signed_contested_and_answered(world, stage, sign_in_as, may):
    good, _ = may
    company = world.a
    supervisor, user = sign_in_as(world.supervisor), sign_in_as(company.user)
    assert "Sign off 2026-05" not in page(user, company).text
    before = page(supervisor, company).text
    assert "Sign off 2026-05" in before
    # 2 x 3 % of 1,000 euros.
    assert "€60.00" in before
    signed = send(supervisor, company, "sign")
    assert signed.status_code == 303, signed.text
    assert "Signed off" in page(user, company).text
    credits_page = company.url("subscription/credits")
    assert credits_page in page(sign_in_as(company.admin), company).text.split("€60.00")[0]
    assert credits_page not in page(user, company).text, "who may not see the bill has no way there"

    empty = send(user, company, "contest", line="finance", words=" ")
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    words = company.text("the first one was late too")
    assert send(user, company, "contest", line="finance", words=words).status_code == 303
    again = send(sign_in_as(company.approver), company, "contest", line="finance", words=words)
    assert again.status_code == 409
    assert "contested this already" in again.text

    assert words in page(supervisor, company).text
    row = stage.value("SELECT id FROM sla_outcomes WHERE request_id = :r AND clock = 'resolution'",
                      r=good.id)  # fmt: skip
    unsaid = send(supervisor, company, "contest/answer", line="finance", missed=row, answer="")
    assert unsaid.status_code == 422
    said = company.text("you are right")
    done = send(supervisor, company, "contest/answer", line="finance", missed=row, answer=said)
    assert done.status_code == 303, done.text
    after = page(user, company).text
    assert said in after
    assert "€90.00" in after
    assert "€60.00 when signed off" in after


def test_every_figure_opens_its_list(world, sign_in_as, may):
    good, late = may
    browser = sign_in_as(world.a.user)
    text = page(browser, world.a, "month=2026-05&line=finance&outcome=breached").text
    assert "2 clocks behind the figure" in text
    assert f"{late.url}/clock" in text
    assert f"{good.url}/clock" not in text


def test_the_file_holds_every_clock_and_the_credit(world, sign_in_as, may):
    answer = sign_in_as(world.a.user).get(world.a.url("service-levels/month.csv?month=2026-05"))
    assert answer.mimetype == "text/csv"
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 4 + 1 + 1 + 2
    assert "Finance;2026-05;1000.00;6.00;15.00;60.00" in lines


def test_only_ones_own_lines(world, stage, sign_in_as, may):
    sign(stage, world.a, world.supervisor, MAY, datetime(2026, 6, 2, tzinfo=UTC))
    finance_only = sign_in_as(world.a.people["finance_only"])
    assert 'id="line-finance"' in page(finance_only, world.a).text
    assert 'id="line-hr"' not in page(finance_only, world.a).text
    missing = send(finance_only, world.a, "contest", line="hr", words="it was late")
    assert missing.status_code == 404


def test_who_may_not_sign_is_told(world, stage, sign_in_as, may):
    for person in (world.a.admin, world.operator_a):
        assert send(sign_in_as(person), world.a, "sign").status_code == 403
    early = sign_in_as(world.supervisor).post(
        world.a.url("service-levels/sign"), data={"client": world.a.slug, "month": "2026-10"}
    )
    assert early.status_code == 409
    assert "Sign off 2026-05 first" in early.text


def test_the_supervisor_sees_what_is_to_do_everywhere(world, sign_in_as, may, count_statements):
    browser = sign_in_as(world.supervisor)
    browser.get("/service-levels")
    with count_statements() as found:
        answer = browser.get("/service-levels")
    assert answer.status_code == 200
    assert f"{world.a.url('service-levels')}?month=2026-05" in answer.text
    # The session's own, then what was begun for several, the clients and their access, their months,
    # their contests.
    assert len(found) <= 6
    assert sign_in_as(world.operator_a).get("/service-levels").status_code == 403


def test_a_credit_that_is_taken_back_is_read_and_taken_along_as_such(world, stage, sign_in_as, may):
    _, late = may
    sign(stage, world.a, world.supervisor, MAY, datetime(2026, 6, 2, tzinfo=UTC))
    stage.run(
        "INSERT INTO sla_exclusions (tenant_id, request_id, kind, words, by_name, at)"
        " VALUES (:t, :r, 'spam', 'x', 'Olga', now())", t=world.a.id, r=late.id,
    )  # fmt: skip
    sign(stage, world.a, world.supervisor, date(2026, 6, 1), datetime(2026, 7, 2, tzinfo=UTC))
    browser = sign_in_as(world.a.user)
    assert "€60.00 less, €0.00 in all" in page(browser, world.a, "month=2026-06").text
    lines = browser.get(world.a.url("service-levels/month.csv?month=2026-06")).data.decode()
    assert "Finance;2026-05;1000.00;0.00;15.00;-60.00" in lines


def test_hundredths_are_written_with_their_sign():
    assert [_hundredths(one) for one in (-150, -5, 0, 5, 150)] == [
        "-1.50", "-0.05", "0.00", "0.05", "1.50",
    ]  # fmt: skip
