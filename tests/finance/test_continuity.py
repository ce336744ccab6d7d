"""Statements of one account, request after request."""

from datetime import date
from typing import Any

import pytest

from app.finance.continuity import Earlier, judge
from app.finance.read_results import Balance, StatementHead
from app.service_requests.services.intake import Upload, raise_request
from tenants.core import clock
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.finance.control import Desk, uploads
from tests.finance.files import camt, details, entry, statement, transaction


def head(opening: int | None, starts_on: date | None) -> StatementHead:
    balance = Balance("OPBD", opening, "EUR", starts_on) if opening is not None else None
    return StatementHead(
        "", "S2", "DE1", True, "", "EUR", "", "", None, starts_on, None, balance, None, None, 0, 0
    )


EARLIER = Earlier("S1", 12, date(2026, 10, 1), date(2026, 10, 2), 100)


@pytest.mark.parametrize(
    ("opening", "starts_on", "code"),
    [
        (100, date(2026, 10, 3), "follows"),
        # No booking in between: nothing is missing.
        (100, date(2026, 10, 20), "follows"),
        (100, date(2026, 10, 2), "follows"),
        (100, None, "follows"),
        (90, date(2026, 10, 10), "gap"),
        (90, date(2026, 10, 3), "opening_differs"),
        (100, date(2026, 10, 1), "overlaps"),
        (90, date(2026, 10, 1), "overlaps"),
        (None, date(2026, 10, 10), "after"),
        (None, date(2026, 10, 1), "overlaps"),
    ],
)
def test_a_statement_stands_to_the_one_before_it(
    opening: int | None, starts_on: date | None, code: str
) -> None:
    found = judge(head(opening, starts_on), EARLIER)
    assert found.code == code
    assert found.message % found.params
    assert judge(head(opening, starts_on), None).code == "first"


def test_a_gap_names_the_missing_days_and_a_difference_its_amount() -> None:
    gap = judge(head(90, date(2026, 10, 10)), EARLIER)
    assert (gap.params["from_day"], gap.params["to_day"]) == ("2026-10-03", "2026-10-09")
    differs = judge(head(1330, date(2026, 10, 3)), EARLIER)
    assert (differs.params["amount"], differs.params["currency"]) == (1230, "EUR")


def dated(kind: str, value: str, day: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{value}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def booked(value: str, day: str, text: str) -> str:
    body = entry(value, details=details(transaction(text=text)))
    return body.replace("2026-09-02", day)


def month(opening: str, closing: str, first: str, last: str, *entries: str, ident: str) -> bytes:
    return camt(
        statement(
            dated("OPBD", opening, first), dated("CLBD", closing, last), *entries, ident=ident
        )
    )


A = [booked("10.00", "2026-10-05", "A 1"), booked("10.00", "2026-10-05", "A 1"),
     booked("30.00", "2026-10-06", "A 2")]  # fmt: skip
FIRST = month("100.00", "150.00", "2026-10-01", "2026-10-07", *A, ident="OCT-1")


def raised(desk: Desk, content: bytes) -> Desk:
    items = uploads()[0]
    return desk.raised([items, Upload("statement", "s.xml", "application/xml", content)])


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Desk:
    return raised(Desk(stage, world, sign_in_as), FIRST)


def test_the_first_statement_of_an_account_says_so(desk: Desk) -> None:
    assert "The first statement of this account" in desk.operator.get(desk.request_url).text


def test_a_statement_follows_the_one_before(desk: Desk) -> None:
    first = desk.number
    raised(desk, month("150.00", "151.00", "2026-10-07", "2026-10-09",
                       booked("1.00", "2026-10-08", "B"), ident="OCT-2"))  # fmt: skip
    page = desk.operator.get(desk.request_url).text
    assert f"Follows statement OCT-1 of request #{first}." in page


def test_a_gap_is_a_finding_and_no_refusal(desk: Desk) -> None:
    first = desk.number
    raised(desk, month("170.00", "171.00", "2026-10-20", "2026-10-22",
                       booked("1.00", "2026-10-21", "B"), ident="OCT-3"))  # fmt: skip
    page = desk.operator.get(desk.request_url).text
    assert "A gap: the statements from 8 Oct 2026 to 19 Oct 2026 are missing." in page
    assert f"request #{first}" in page
    assert (
        desk.stage.value(
            "SELECT state FROM payment_controls WHERE request_id = :r", r=desk.request_id
        )
        == "ready"
    )


def test_lines_taken_before_are_rejects_and_not_matched(desk: Desk) -> None:
    first = desk.number
    # The same days again with one line more: two equal bookings are two.
    again = [*A, booked("10.00", "2026-10-05", "A 1"), booked("5.00", "2026-10-08", "B")]
    raised(desk, month("100.00", "165.00", "2026-10-01", "2026-10-09", *again, ident="OCT-4"))
    row = desk.stage.rows(
        "SELECT state, lines_in, lines_rejected FROM payment_controls WHERE request_id = :r",
        r=desk.request_id,
    )[0]
    assert tuple(row) == ("ready", 5, 3)
    rejects = desk.operator.get(f"{desk.url}/rejects?source=statement").text
    assert rejects.count(f"Taken already in request #{first}.") == 3
    assert "Overlaps with statement OCT-1" in desk.operator.get(desk.request_url).text


def test_a_reject_is_told_in_the_decimals_of_its_currency(desk: Desk) -> None:
    yen = [booked(amount, "2026-10-05", f"Y {amount}") for amount in ("1500", "2500")]
    for count, ident in ((1, "JPY-1"), (2, "JPY-2")):
        closing = str(100 + sum((1500, 2500)[:count]))
        content = month("100", closing, "2026-10-01", "2026-10-09", *yen[:count], ident=ident)
        raised(desk, content.replace(b"EUR", b"JPY"))
    [raw] = [
        row.raw
        for row in desk.stage.rows(
            "SELECT raw FROM import_rejects WHERE tenant_id = :t AND reason ->> 'code' ="
            " 'taken_already'", t=desk.company.id,
        )
    ]  # fmt: skip
    assert "1500 JPY" in raw


def test_another_company_may_hold_the_same_statement(desk: Desk) -> None:
    marks = desk.stage.rows(
        "SELECT fingerprint FROM statement_lines WHERE tenant_id = :t", t=desk.company.id
    )
    assert len({row.fingerprint for row in marks} - {""}) == 3
    other, items = desk.world.b, uploads()[0]
    with acting(desk.stage, other.user.scope(other)):
        raise_request(
            actor=other.user.actor(other), now=clock.now(), item_code="payment_control",
            values={"period": "2026-10", "details": ""},
            uploads=[items, Upload("statement", "s.xml", "application/xml", FIRST)],
        )  # fmt: skip
    run_jobs(desk.stage, other.id)
    found = desk.stage.rows(
        "SELECT c.state, c.lines_rejected, s.continuity->>'code' AS code FROM payment_controls c"
        " JOIN bank_statements s USING (tenant_id) WHERE c.tenant_id = :t",
        t=other.id,
    )
    assert [tuple(row) for row in found] == [("ready", 0, "first")]


def test_account_numbers_of_rejected_open_items_are_masked(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    rows = (
        "Facture;Client;Date;Échéance;Montant;Devise;IBAN\n"
        "F-1;Martin;01/09/2026;30/09/2026;10,00;EUR;\n"
        "F-2;Martin;01/09/2026;30/09/2026;10,00;EUR;DE00370400440532013000\n"
    )
    table, xml = Upload("open_items", "open.csv", "text/csv", rows.encode()), uploads()[1]
    desk = Desk(stage, world, sign_in_as).raised([table, xml])
    found = stage.rows(
        "SELECT raw, reason::text AS reason FROM import_rejects WHERE tenant_id = :t"
        " AND source = 'open_items'", t=desk.company.id,
    )  # fmt: skip
    assert found
    assert not any("0440532013" in f"{one.raw}{one.reason}" for one in found)
