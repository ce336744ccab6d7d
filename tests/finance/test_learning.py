"""What confirmed work teaches: proposed next time as such, counted against when undone, and never
beyond its company."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from app.finance.queries import get_control, get_item, get_line, get_match
from app.finance.rule_queries import get_rule
from app.finance.services import deciding, learning
from app.finance.services.by_hand import Part
from app.service_requests.queries import get_request
from app.service_requests.services.intake import Upload, raise_request
from app.service_requests.services.work import start_work
from tenants.core import clock
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.finance.files import (
    balance,
    camt,
    csv_file,
    details,
    entry,
    statement,
    transaction,
)

IBAN = "DE89370400440532013000"
HEADER = "Facture;Client;Date;Échéance;Montant;Devise;IBAN"


def items_file(*rows: tuple[str, str, str]) -> bytes:
    return csv_file(
        *(f"{n};{customer};01/09/2026;30/09/2026;{amount};EUR;" for n, customer, amount in rows),
        header=HEADER,
    )


def bank(*lines: tuple[str, str, str, str], ident: str) -> bytes:
    """(amount, name, iban, text); a minus sign went out."""
    total = sum(int(amount.replace(".", "")) for amount, *_ in lines)
    entries = [
        entry(
            amount.lstrip("-"), direction="DBIT" if amount.startswith("-") else "CRDT",
            details=details(
                transaction(
                    text=text, name=name, iban=iban,
                    role="Cdtr" if amount.startswith("-") else "Dbtr",
                )
            ),
        )
        for amount, name, iban, text in lines
    ]  # fmt: skip
    closing = 100_000 + total
    return camt(
        statement(
            balance("OPBD", "1000.00"), balance("CLBD", f"{closing / 100:.2f}"), *entries,
            ident=ident,
        )
    )  # fmt: skip


class Work:
    """One control of one company in the hands of an operator."""

    def __init__(self, stage: Any, company: Any, operator: Any, items: bytes, lines: bytes) -> None:
        self.stage, self.company, self.operator = stage, company, operator
        with acting(stage, company.user.scope(company)):
            request = raise_request(
                actor=company.user.actor(company), now=clock.now(), item_code="payment_control",
                values={"period": "2026-10", "details": ""},
                uploads=[Upload("open_items", "o.csv", "text/csv", items),
                         Upload("statement", "s.xml", "application/xml", lines)],
            )  # fmt: skip
            self.number, self.request_id = request.number, request.id
        run_jobs(stage, company.id)
        with self.acting() as (who, control):
            assert control.state == "ready", control.problem
            start_work(**who)

    def acting(self) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def run() -> Any:
            actor = self.operator.actor(self.company)
            with acting(self.stage, self.operator.scope(self.company)):
                request = get_request(actor=actor, number=self.number)
                who = {"request": request, "actor": actor, "now": clock.now()}
                yield who, get_control(request_id=request.id)

        return run()

    def rows(self, what: str) -> list[Any]:
        order = {"statement_lines": "position", "open_items": "line", "matches": "amount"}[what]
        return list(
            self.stage.rows(
                f"SELECT x.* FROM {what} x JOIN payment_controls c ON c.tenant_id = x.tenant_id"
                " AND c.id = x.control_id WHERE c.tenant_id = :t AND c.request_id = :r"
                f" ORDER BY x.{order}",
                t=self.company.id, r=self.request_id,
            )
        )  # fmt: skip

    def live(self) -> list[Any]:
        return [row for row in self.rows("matches") if row.state != "undone"]

    def by_hand(self, line: Any, *items: Any, **more: Any) -> None:
        with self.acting() as (who, control):
            deciding.match_several(
                **who, control=control, line=get_line(control=control, line_id=line.id),
                parts=[Part(get_item(control=control, item_id=item.id)) for item in items], **more,
            )  # fmt: skip


@pytest.fixture
def first(stage: Any, world: Any) -> Work:
    """A holding pays for its bakery, and the bank takes its fee."""
    name = world.a.text("Brasserie du Port")
    work = Work(
        stage, world.a, world.operator_a,
        items_file(("X-1001", name, "100,00")),
        bank(("100.00", world.a.text("Holding Nord"), IBAN, "merci"),
             ("-12.50", "", "", "Frais de tenue de compte septembre"), ident="A1"),
    )  # fmt: skip
    assert work.live() == [], "no rule knows the holding yet"
    [line, fee], [item] = work.rows("statement_lines"), work.rows("open_items")
    work.by_hand(line, item)
    with work.acting() as (who, control):
        deciding.leave_open(
            **who, line=get_line(control=control, line_id=fee.id), note=world.a.text("bank fee")
        )
    return work


def second(stage: Any, world: Any, company: Any, operator: Any) -> Work:
    return Work(
        stage, company, operator,
        items_file(("X-2001", world.a.text("Brasserie du Port"), "70,00"),
                   ("X-2002", world.a.text("Brasserie du Port"), "50,00")),
        bank(("70.00", world.a.text("Holding Nord"), IBAN, "Danke"),
             ("-12.80", "", "", "Frais de tenue de compte octobre"), ident="B1"),
    )  # fmt: skip


def test_the_next_control_proposes_what_was_learned(first: Work, stage: Any, world: Any) -> None:
    work = second(stage, world, world.a, world.operator_a)
    [match] = work.live()
    assert (match.rule, match.amount, match.state) == ("amount_learned", 7_000, "proposed")
    assert match.learned_rule_id is not None
    told = match.explanation["params"]
    assert told["requests"] == str(first.number)
    assert told["by"] == world.operator_a.name
    assert IBAN not in str(match.explanation)
    [_, fee] = work.rows("statement_lines")
    assert "bank fee" in fee.candidates["leave_open"]["note"]
    with work.acting() as (who, control):
        assert deciding.leave_open_learned(**who, control=control, expected=1) == 1
        assert deciding.confirm_all(**who, control=control, at_least=0, learned=True) == 1
    rules = stage.rows("SELECT kind, confirmed, undone FROM payment_rules WHERE tenant_id = :t"
                       " ORDER BY kind", t=world.a.id)  # fmt: skip
    assert [tuple(row) for row in rules] == [
        ("leave_open", 2, 0), ("payer_account", 2, 0), ("payer_name", 2, 0),
    ]  # fmt: skip


def test_learning_stays_in_its_company(first: Work, stage: Any, world: Any) -> None:
    work = second(stage, world, world.b, world.operator_b)
    assert work.live() == []
    assert all(row.candidates is None for row in work.rows("statement_lines"))
    assert stage.value("SELECT count(*) FROM payment_rules WHERE tenant_id = :t", t=world.b.id) == 0


def test_undone_twice_more_than_confirmed_retires(first: Work, stage: Any, world: Any) -> None:
    account = stage.value(
        "SELECT id FROM payment_rules WHERE tenant_id = :t AND kind = 'payer_account'", t=world.a.id
    )
    work = second(stage, world, world.a, world.operator_a)
    line_id = work.rows("statement_lines")[0].id
    for _ in range(3):
        [match] = work.live()
        with work.acting() as (who, control):
            deciding.undo_match(**who, match=get_match(control=control, match_id=match.id))
        with work.acting() as (who, control):
            deciding.propose_again(**who, line=get_line(control=control, line_id=line_id))
    with work.acting():
        rule = get_rule(rule_id=account)
        assert (rule.confirmed, rule.undone, rule.state) == (1, 3, "retired")
    # The name was learned beside it and still speaks.
    assert [row.rule for row in work.live()] == ["amount_learned"]


def test_what_is_switched_off_proposes_nothing(first: Work, stage: Any, world: Any) -> None:
    with first.acting() as (who, _control):
        for row in stage.rows("SELECT id FROM payment_rules WHERE tenant_id = :t", t=world.a.id):
            learning.switch_rule(
                rule=get_rule(rule_id=row.id), on=False, actor=who["actor"], now=who["now"]
            )
    assert second(stage, world, world.a, world.operator_a).live() == []


def test_the_page_of_rules(first: Work, stage: Any, world: Any, sign_in_as: Any) -> None:
    url = world.a.url("payment-rules")
    page = sign_in_as(world.operator_a).get(url)
    assert page.status_code == 200
    assert "Holding Nord" in page.text
    assert "DE89\u00a0…\u00a03000" in page.text
    assert IBAN not in page.text
    assert f"#{first.number}" in page.text
    assert "Switch off" in page.text
    read = sign_in_as(world.a.admin).get(url)
    assert read.status_code == 200
    assert "Switch off" not in read.text
    assert sign_in_as(world.a.user).get(url).status_code == 403
    assert sign_in_as(world.operator_b).get(url).status_code == 404


def test_tolerances_are_set_by_those_who_review(stage: Any, world: Any, sign_in_as: Any) -> None:
    url = world.a.url("payment-rules/tolerances")
    form = {"client": world.a.slug, "currency": "EUR", "absolute": "2,00", "percent": "1"}
    assert sign_in_as(world.operator_a).post(url, data=form).status_code == 403
    browser = sign_in_as(world.supervisor)
    assert browser.post(url, data={**form, "absolute": "9,00"}).status_code == 422
    assert browser.post(url, data={**form, "percent": "7"}).status_code == 422
    assert browser.post(url, data={**form, "currency": "XXQ"}).status_code == 422
    assert browser.post(url, data=form).status_code == 303
    work = Work(
        stage, world.a, world.operator_a, items_file(("X-1001", "Vert", "400,00")),
        bank(("398.20", "Vert", "", "X-1001"), ident="T1"),
    )  # fmt: skip
    [match] = work.live()
    assert (match.difference, match.difference_kind) == (180, "small_difference")


def test_a_refused_difference_is_a_part_payment(stage: Any, world: Any) -> None:
    work = Work(
        stage, world.a, world.operator_a,
        items_file(("X-1001", "Vert", "400,00"), ("X-1002", "Vert", "500,00")),
        bank(("399.80", "Vert", "", "X-1001"), ("500.30", "Vert", "", "X-1002"), ident="R1"),
    )  # fmt: skip
    assert [(m.amount, m.difference) for m in work.live()] == [(39_980, 20), (50_030, -30)]
    for match in work.live():
        with work.acting() as (who, control):
            row = get_match(control=control, match_id=match.id)
            deciding.refuse_difference(**who, match=row)
            deciding.confirm_match(**who, match=row)
    assert [(m.amount, m.difference, m.state) for m in work.live()] == [
        (39_980, 0, "confirmed"), (50_000, 0, "confirmed"),
    ]  # fmt: skip


def test_by_hand_several_items_credit_notes_and_a_difference(stage: Any, world: Any) -> None:
    work = Work(
        stage, world.a, world.operator_a,
        items_file(("X-1001", "Vert", "400,00"), ("X-1002", "Bleu", "500,00"),
                   ("X-1003", "Rouge", "-100,00"), ("X-1004", "Gris", "20,00")),
        bank(("799.80", "Personne", "", "voilà"), ("5.00", "Autre", "", "?"), ident="H1"),
    )  # fmt: skip
    [line, small], items = work.rows("statement_lines"), work.rows("open_items")
    work.by_hand(line, items[0], items[1], items[2], difference_kind="small_difference")
    made = work.live()
    assert sum(m.amount for m in made) == 79_980
    assert sum(m.difference for m in made) == 20
    [group] = {m.group_id for m in made}
    assert group is not None
    with pytest.raises(deciding.TooMuch):
        work.by_hand(line, items[3])
    with pytest.raises(Exception, match="more than this company lets pass"):
        work.by_hand(small, items[3], difference_kind="small_difference")
    # Undone together: nothing of the credit note stays behind.
    with work.acting() as (who, control):
        deciding.undo_match(**who, match=get_match(control=control, match_id=made[0].id))
    assert work.live() == []


def test_several_lines_pay_one_item(stage: Any, world: Any, sign_in_as: Any) -> None:
    day = date(2026, 9, 2)
    work = Work(
        stage, world.a, world.operator_a, items_file(("X-1001", "Vert", "300,00")),
        bank(("100.00", "Un", "", "a"), ("120.00", "Deux", "", "b"), ("80.00", "Trois", "", "c"),
             ident="L1"),
    )  # fmt: skip
    lines, [item] = work.rows("statement_lines"), work.rows("open_items")
    assert all(row.booked_on - day < timedelta(1) for row in lines)
    with work.acting() as (who, control):
        deciding.match_lines(
            **who, control=control, item=get_item(control=control, item_id=item.id),
            lines=[get_line(control=control, line_id=row.id) for row in lines],
        )  # fmt: skip
    page = sign_in_as(world.operator_a).get(
        world.a.url(f"requests/{work.number}/payment-control/items?state=paid")
    )
    assert page.text.count("No. ") == 3, "the item shows all its lines"
