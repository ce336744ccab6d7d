"""A sheet of invoices: looked at, issued, and what was refused handed back."""

from __future__ import annotations

import csv
import io
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from app.directory.queries import get_party, load_parts
from app.finance.sales_invoices.batches import queries, services
from app.finance.sales_invoices.batches.errors_file import errors_file
from app.finance.sales_invoices.services import drafting
from app.spreadsheets.writing import Sheet, write
from tenants.core.errors import Conflict, Invalid
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.invoice_batches import HEAD, issue, make_customer, send, start
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import set_up


@dataclass
class Desk:
    stage: Any
    company: Any
    operator: Any

    def send(self, *lines: str, head: str = HEAD) -> Any:
        return send(self.stage, self.company, self.operator, "\n".join([head, *lines]))

    def issue(self, batch_id: Any, aim: str = "validate", **more: Any) -> Any:
        issue(self.stage, self.company, self.operator, batch_id, aim, **more)
        return self.batch(batch_id)

    def batch(self, batch_id: Any) -> Any:
        row = self.stage.rows("SELECT * FROM invoice_batches WHERE id = :i", i=batch_id)[0]
        if row.state == "done":
            assert row.invoices_in == row.made + row.rejected
        return row

    def rows(self, batch_id: Any) -> list[Any]:
        return list(self.stage.rows(
            "SELECT * FROM invoice_batch_rows WHERE batch_id = :i ORDER BY position", i=batch_id
        ))  # fmt: skip

    def numbers(self) -> list[str]:
        return [row.number for row in self.stage.rows(
            "SELECT number FROM sales_invoices WHERE tenant_id = :t AND number <> ''"
            " ORDER BY number", t=self.company.id,
        )]  # fmt: skip

    def invoices(self) -> int:
        found: int = self.stage.value(
            "SELECT count(*) FROM sales_invoices WHERE tenant_id = :t", t=self.company.id
        )
        return found


@pytest.fixture
def desk(stage: Any, world: Any) -> Desk:
    """A company that invoices, two of its customers, and its operator."""
    set_up(stage, world.a, world.operator_a)
    for number in (1, 2):
        make_customer(stage, world.a, world.operator_a, number)
    return Desk(stage, world.a, world.operator_a)


def codes(row: Any) -> list[tuple[int, str, str]]:
    return [(line, title, reason["code"]) for line, title, reason in row.reasons]


def test_a_sheet_is_looked_at_before_anything_is_made_then_issued_without_gaps(desk: Desk) -> None:
    made = desk.send(
        "A;K1;;Conseil;12;h;95,00;20", "B;K2;;Maintenance;1;mois;1 450,50;20",
        "A;K1;;Déplacement;1;forfait;140,50;10",
    )  # fmt: skip
    seen = desk.batch(made)
    assert (seen.state, seen.rows_in, seen.invoices_in, seen.rejected) == ("read", 3, 2, 0)
    assert desk.invoices() == 0
    first, second = desk.rows(made)
    assert (first.reference, first.lines, first.state) == ("A", [2, 4], "ready")
    # 12 x 95.00 + 20 %, and 140.50 + 10 %.
    assert (first.net, first.tax, first.gross) == (128_050, 24_205, 152_255)
    assert (second.net, second.gross) == (145_050, 174_060)
    with acting(desk.stage, desk.operator.scope(desk.company)):
        [sums] = queries.sum_rows(batch_id=made)
    assert (sums.currency, sums.net, sums.gross, sums.count) == ("EUR", 273_100, 326_315, 2)
    ended = desk.issue(made)
    assert (ended.state, ended.made, ended.rejected) == ("done", 2, 0)
    year = now().year
    assert desk.numbers() == [f"F-{year}-0001", f"F-{year}-0002"]
    files = "SELECT count(*) FROM jobs WHERE tenant_id = :t AND name = 'sales_invoices.make_files'"
    assert desk.stage.value(files, t=desk.company.id) == 2


def test_one_that_is_refused_stops_no_other_and_comes_back_with_its_reason(desk: Desk) -> None:
    made = desk.send(
        "A;K1;;Conseil;1;h;95,00;20", "B;K9;;Conseil;1;h;95,00;20", "C;;Inconnu SA;x;1;h;1,00;20",
        "D;K1;;Conseil;zwölf;h;95,00;20", "E;K1;;Conseil;1;Furlong;95,00;20",
        "F;K1;;Conseil;1;h;95,00;21", "G;K1;;Conseil;1;h;;20", "H;K1;;;1;h;5,00;20",
        "I;K1;;Conseil;1;h;5,00;", "J;K1;;Conseil;1;h;5,00;0", "K;K1;;Un;1;h;5,00;20",
        "K;K2;;Deux;1;h;5,00;20", ";;;Conseil;1;h;5,00;20",
    )  # fmt: skip
    found = {row.reference: codes(row) for row in desk.rows(made)}
    assert found == {
        "A": [], "B": [(3, "N° client", "unknown_customer")],
        "C": [(4, "Client final", "unknown_customer")], "D": [(5, "Quantité", "value")],
        "E": [(6, "Unité", "value")], "F": [(7, "TVA %", "invoice")],
        "G": [(8, "Prix unitaire HT", "missing")], "H": [(9, "Désignation", "missing")],
        "I": [(10, "TVA %", "missing")], "J": [(11, "", "missing")],
        "K": [(13, "N° client", "different")], "": [(14, "Client final", "no_customer")],
    }  # fmt: skip
    ended = desk.issue(made)
    assert (ended.made, ended.rejected, len(desk.numbers())) == (1, 11, 1)
    with acting(desk.stage, desk.operator.scope(desk.company)):
        batch = queries.get_batch(batch_id=made)
        sheet = errors_file(batch, "fr", lambda reason: reason["message"] % reason["params"])
    written = list(csv.reader(io.StringIO(write(sheet, "csv").decode("utf-8-sig")), delimiter=";"))
    assert written[0] == ["Motif", *HEAD.split(";")]
    assert [line[1] for line in written[1:]] == [*"BCDEFGHIJKK", ""]
    assert written[3][0].startswith("Quantité: This is not a number")
    # Put right, our own file is a sheet again.
    good = [line for line in written if line[1] in ("Facture", "B")]
    good[1][2] = "K2"
    again = desk.send(*(";".join(line) for line in good[1:]), head=";".join(good[0]))
    assert desk.issue(again).made == 1


def test_the_same_sheet_twice_is_told_and_makes_nothing_twice(desk: Desk) -> None:
    lines = ("A;K1;;Conseil;1;h;95,00;20", ";K2;;Abo;1;mois;10,00;20", ";K2;;Abo;1;mois;10,00;20")
    first = desk.send(*lines)
    assert desk.issue(first, "draft").made == 3
    second = desk.send(*lines)
    assert {codes(row)[0][2] for row in desk.rows(second)} == {"made_before"}
    with acting(desk.stage, desk.operator.scope(desk.company)):
        earlier = queries.find_same_file(batch=queries.get_batch(batch_id=second))
        assert earlier is not None
        assert earlier.id == first
        assert queries.count_rows(batch_id=second)["made_before"] == 3
    with pytest.raises(Invalid):
        desk.issue(second)
    # One more line, saved anew: only what is new.
    third = desk.send(*lines, "B;K2;;Conseil;1;h;95,00;20")
    assert (desk.issue(third).made, desk.invoices()) == (1, 4)
    assert (desk.issue(second, again=True).made, desk.invoices()) == (3, 7)


def test_what_was_new_beside_something_made_again_is_known_later(desk: Desk) -> None:
    first, new = "A;K1;;Conseil;1;h;95,00;20", "C;K2;;Conseil;1;h;95,00;20"
    desk.issue(desk.send(first), "draft")
    again = desk.send(first, new)
    assert desk.issue(again, "draft", again=True).made == 2
    assert [row.reasons for row in desk.rows(again)] == [[], []]
    later = desk.send(first, new)
    assert [codes(row)[0][2] for row in desk.rows(later)] == ["made_before"] * 2
    assert desk.invoices() == 3


def test_a_sheet_is_known_again_whatever_changed_in_the_file_of_its_customer(desk: Desk) -> None:
    stage, company, operator = desk.stage, desk.company, desk.operator
    made = make_customer(stage, company, operator, 3)
    desk.issue(desk.send("A;K3;;Conseil;1;h;95,00;20"), "draft")
    with acting(stage, company.user.scope()):
        party = get_party(party_id=made.id, lock=True)
        party.payment_days, party.payment_text, party.language = 7, "Comptant", "de"
    [row] = desk.rows(desk.send("A;K3;;Conseil;1,0;h;95;20 %"))
    assert codes(row) == [(0, "", "made_before")]


def test_what_could_not_be_validated_is_not_called_ready(desk: Desk) -> None:
    stage, company, operator = desk.stage, desk.company, desk.operator
    rest, tomorrow = "K1;;Conseil;1;h;95,00;20", now().date() + timedelta(2)
    made = make_customer(stage, company, operator, 3)
    with acting(stage, company.user.scope()):
        [address] = load_parts([made.id])[made.id].endpoints
        address.valid_until = now().date() - timedelta(2)
    batch = desk.send(
        f"A;{rest};{tomorrow}", f"B;{rest};{now().date() - timedelta(1)}",
        "C;K3;;Conseil;1;h;95,00;20;", head=f"{HEAD};Date",
    )  # fmt: skip
    late, good, gone = desk.rows(batch)
    assert [title for _, title, _ in late.reasons] == ["Date"], late.reasons
    assert (good.state, gone.state) == ("ready", "rejected"), good.reasons


def test_two_sheets_that_say_the_same_make_it_once(desk: Desk) -> None:
    both = [desk.send("A;K1;;Conseil;1;h;95,00;20") for _ in range(2)]
    ended = [desk.issue(one) for one in both]
    assert [(one.made, one.rejected) for one in ended] == [(1, 0), (0, 1)]
    assert codes(desk.rows(both[1])[0])[0][2] == "made_before"


def test_two_workers_at_one_batch_make_each_invoice_once(desk: Desk) -> None:
    made = desk.send(*(f"{n};K{1 + n % 2};;Conseil {n};1;h;95,00;20" for n in range(25)))
    start(desk.stage, desk.company, desk.operator, made)
    together = Barrier(2)

    def work(_: int) -> None:
        steps = services.make_batch(
            batch_id=made, actor=system_actor(desk.company.id), now=now(),
            progress=lambda *_: None,
        )  # fmt: skip
        together.wait(timeout=30)
        left = True
        while left:
            with acting(desk.stage, desk.company.scope):
                left = next(steps, None) is not None
                # The other one comes to wait for these.
                time.sleep(0.05)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    ended = desk.batch(made)
    assert (ended.state, ended.made, ended.rejected) == ("done", 25, 0)
    assert (desk.invoices(), len(set(desk.numbers()))) == (25, 25)


def test_a_kill_between_leaves_no_hole_and_makes_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.send(*(f"{n};K{1 + n % 2};;Conseil {n};1;h;95,00;20" for n in range(25)))
    really, count = services._make, [0]

    def killed(*args: Any) -> Any:
        count[0] += 1
        if count[0] == 15:
            raise KeyboardInterrupt
        return really(*args)

    monkeypatch.setattr(services, "_make", killed)
    start(desk.stage, desk.company, desk.operator, made)
    run_jobs(desk.stage, desk.company.id, name="sales_invoices.issue_batch")
    assert (desk.batch(made).state, desk.invoices()) == ("issuing", 10)
    desk.stage.run(
        "UPDATE jobs SET state = 'queued', run_at = now() WHERE tenant_id = :t"
        " AND state = 'retrying'", t=desk.company.id,
    )  # fmt: skip
    run_jobs(desk.stage, desk.company.id, name="sales_invoices.issue_batch")
    ended = desk.batch(made)
    assert (ended.state, ended.made, ended.rejected) == ("done", 25, 0)
    year = now().year
    assert desk.numbers() == [f"F-{year}-{n:04}" for n in range(1, 26)]
    with acting(desk.stage, desk.operator.scope(desk.company)), pytest.raises(Conflict):
        services.issue_batch(
            batch_id=made, aim="draft", actor=desk.operator.actor(desk.company), now=now()
        )


def test_days_go_up_with_numbers_whatever_the_order_of_the_sheet(desk: Desk) -> None:
    head, year = f"{HEAD};Date", now().year
    rest = "K1;;Conseil;1;h;95,00;20"
    made = desk.send(
        f"A;{rest};", f"B;{rest};20.01.{year}", f"C;{rest};{year}-01-10", head=head
    )  # fmt: skip
    assert desk.issue(made).made == 3
    found = desk.stage.rows(
        "SELECT content->'lines'->0->>'name', issued_on, number FROM sales_invoices"
        " WHERE tenant_id = :t ORDER BY number", t=desk.company.id,
    )  # fmt: skip
    assert [str(row.issued_on)[5:] for row in found[:2]] == ["01-10", "01-20"]
    late = desk.send(f"D;{rest};{year}-01-05", head=head)
    [row] = desk.rows(late)
    assert (row.state, row.reasons[0][1]) == ("rejected", "Date"), "numbers and days go up together"


def test_a_draft_of_a_sheet_is_thrown_away_and_made_again(desk: Desk) -> None:
    lines = ("A;K1;;Conseil;1;h;95,00;20",)
    first = desk.send(*lines)
    desk.issue(first, "draft")
    [row] = desk.rows(first)
    with acting(desk.stage, desk.operator.scope(desk.company)):
        drafting.delete_draft(
            invoice_id=row.invoice_id, actor=desk.operator.actor(desk.company), now=now()
        )
    assert [(one.state, one.invoice_id) for one in desk.rows(first)] == [("made", None)]
    assert desk.issue(desk.send(*lines), "draft").made == 1


def test_customers_are_found_by_what_tells_them_apart(desk: Desk) -> None:
    stage, company, operator = desk.stage, desk.company, desk.operator
    name = company.text("Moulin 1")
    make_customer(stage, company, operator, 3, name=company.text("Twin"), reference="K3")
    make_customer(
        stage, company, operator, 3, name=company.text("Twin"), reference="K4",
        siren="", vat="", endpoint_value="", endpoint_scheme="",
    )  # fmt: skip
    make_customer(stage, company, operator, 5, customer=False, supplier=True)
    from tests.factories.directory import siren_of, vat_of

    head = "Rechnung;Kunde;SIREN;USt-IdNr.;Bezeichnung;Menge;Einzelpreis netto;USt. %"
    rest = "Wartung;1;1.234,50;20"
    made = desk.send(
        f"A;{name.upper()};;;{rest}", f"B;;{siren_of(1)};{vat_of(1)};{rest}",
        f"C;;{siren_of(1)};{vat_of(2)};{rest}", f"D;{company.text('Twin')};;;{rest}",
        f"E;;{siren_of(5)};;{rest}", f"F;;12345;;{rest}", head=head,
    )  # fmt: skip
    found = {row.reference: [one[2] for one in codes(row)] for row in desk.rows(made)}
    assert found == {
        "A": [], "B": [], "C": ["two_customers"], "D": ["several_customers"],
        "E": ["not_a_customer"], "F": ["unknown_customer"],
    }  # fmt: skip
    assert desk.rows(made)[0].net == 123_450


def test_a_refused_file_says_why(desk: Desk) -> None:
    row = desk.batch(desk.send("1;2", head="a;b"))
    assert (row.state, row.problem["code"]) == ("refused", "columns_missing")


def test_an_invoice_of_a_sheet_takes_a_bounded_number_of_statements(
    desk: Desk, count_statements: Any
) -> None:
    made = desk.send(*(f"{n};K{1 + n % 2};;Conseil {n};1;h;95,00;20" for n in range(20)))
    start(desk.stage, desk.company, desk.operator, made)
    with count_statements() as counted:
        run_jobs(desk.stage, desk.company.id, name="sales_invoices.issue_batch")
    assert desk.batch(made).made == 20
    # Create and validate, with the customer's file read for each.
    assert len(counted) / 20 <= 36


def test_what_a_workbook_computed_is_read_as_the_sheet_shows_it(desk: Desk) -> None:
    row = ["X1", "K1", "", "Conseil", 1, "h", sum([0.1] * 10), 0.2]
    assert row[6] != 1
    book = write(Sheet("sheet", "Sheet", HEAD.split(";"), [row]), "xlsx")
    [kept] = desk.rows(send(desk.stage, desk.company, desk.operator, book))
    assert (kept.state, kept.net) == ("ready", 100), kept.reasons
