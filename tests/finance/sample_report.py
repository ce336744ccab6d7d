"""The whole pure chain in a dozen lines: files -> matches -> counts -> report."""

import hashlib
from datetime import UTC, date, datetime

from app.finance.demo_files import Customer, DemoFiles, demo_files
from app.finance.matching import Item, Line, Matches, match
from app.finance.open_items_reader import read_open_items
from app.finance.read_results import OpenItemsFile, Statement
from app.finance.reconciliation import ItemPosition, LinePosition, reconcile
from app.finance.report import (
    OPEN_ITEMS,
    STATEMENT,
    BalanceCheck,
    MatchedLine,
    OpenPosition,
    Rejected,
    Report,
    SourceFile,
    UnmatchedLine,
)

CUSTOMERS = (
    Customer("Boulangerie du Parc SARL", "FR7630006000011234567890189"),
    Customer("Müller & Söhne GmbH", "DE89370400440532013000"),
    Customer("Atelier Lumière SAS", "FR1420041010050500013M02606"),
    Customer("Nordlicht Logistik AG", "DE75512108001245126199"),
    Customer("Cave des Trois Frontières", "LU280019400644750000"),
    Customer("Weinhaus Öchsle e.K.", "DE12500105170648489890"),
    Customer("Imprimerie Vauban SA", "FR7630004000031234567890143"),
    Customer("Schreinerei Großmann GbR", "DE02120300000000202051"),
)
MONTH = date(2026, 9, 1)
from tests.finance.files import whole


def demo(seed: int = 7) -> DemoFiles:
    return demo_files(
        company="Lenoir Distribution SAS",
        iban="FR7630001007941234567890185",
        customers=CUSTOMERS,
        seed=seed,
        month=MONTH,
    )


def items_of(file: OpenItemsFile) -> list[Item]:
    return [
        Item(
            f"item{i.line:05d}",
            i.number,
            i.customer,
            i.iban,
            i.currency,
            i.open_amount,
            i.issued_on,
            i.due_on,
        )
        for i in file.items
    ]


def lines_of(statement: Statement) -> list[Line]:
    return [
        Line(
            f"line{n.position:05d}",
            n.amount,
            n.currency,
            n.booked_on,
            n.name,
            n.iban,
            (n.remittance, n.creditor_reference, n.end_to_end_id, n.additional),
            n.reversal,
        )
        for n in statement.lines
    ]


def build(files: DemoFiles) -> tuple[Report, Matches]:
    opened = read_open_items(files.open_items_csv)
    statement = whole(files.statement_xml).statements[0]
    items, lines = items_of(opened), lines_of(statement)
    matches = match(items, lines)
    by_item = {i.id: i for i in items}
    by_line = dict(zip((n.id for n in lines), statement.lines, strict=True))
    paid: dict[str, int] = {}
    used: dict[str, int] = {}
    settled: dict[str, int] = {}
    for p in matches.proposals:
        paid[p.item_id] = paid.get(p.item_id, 0) + p.amount
        settled[p.item_id] = settled.get(p.item_id, 0) + p.amount
        used[p.line_id] = used.get(p.line_id, 0) + p.amount
    waived: dict[str, dict[str, tuple[int, int]]] = {}
    for p in matches.proposals:
        if p.difference:
            kinds = waived.setdefault(p.item_id, {})
            count, amount = kinds.get(p.difference_kind, (0, 0))
            kinds[p.difference_kind] = (count + 1, amount + p.difference)
            settled[p.item_id] = settled.get(p.item_id, 0) + p.difference
    doubtful = {a.line_id for a in matches.ambiguities}
    report = Report(
        client_name="Lenoir Distribution SAS",
        accent="#1f5f8b",
        request="LEN-1042",
        starts_on=statement.starts_on,
        ends_on=statement.ends_on,
        as_of=date(2026, 9, 30),
        prepared_at=datetime(2026, 10, 2, 9, 30, tzinfo=UTC),
        prepared_by="Léa Fontaine",
        balances=(
            BalanceCheck(
                statement=statement.statement_id,
                account=statement.account,
                currency=statement.currency,
                starts_on=statement.starts_on,
                ends_on=statement.ends_on,
                opening=statement.opening.amount if statement.opening else None,
                movements=statement.movements,
                closing=statement.closing.amount if statement.closing else None,
                difference=statement.difference,
            ),
        ),
        counts=reconcile(
            items_in=opened.rows_in,
            items=[
                ItemPosition(i.currency, i.open_amount, paid.get(i.id, 0), waived.get(i.id, {}))
                for i in items
            ],
            items_rejected=len(opened.rejects),
            lines_in=statement.lines_in,
            lines=[LinePosition(n.currency, n.amount, used.get(n.id, 0)) for n in lines],
            lines_rejected=len(statement.rejects),
        ),
        matched=tuple(
            MatchedLine(
                position=by_line[p.line_id].position,
                booked_on=by_line[p.line_id].booked_on,
                name=by_line[p.line_id].name,
                text=by_line[p.line_id].remittance,
                line_amount=by_line[p.line_id].amount,
                allocated=p.amount,
                currency=by_line[p.line_id].currency,
                item_number=by_item[p.item_id].number,
                customer=by_item[p.item_id].customer,
                rule=p.rule,
                confidence=p.confidence,
                explanation=p.explanation,
                confirmed_by="Léa Fontaine",
                difference=p.difference,
                difference_kind=p.difference_kind,
                learned=p.rule == "sum_iban",
            )
            for p in matches.proposals
        ),
        unmatched=tuple(
            UnmatchedLine(
                position=n.position,
                booked_on=n.booked_on,
                name=n.name,
                text=n.remittance,
                amount=n.amount,
                currency=n.currency,
                note="2 ×" if ident in doubtful else "",
            )
            for ident, n in by_line.items()
            if ident not in used
        ),
        open_items=tuple(
            OpenPosition(
                number=i.number,
                customer=i.customer,
                issued_on=i.issued_on,
                due_on=i.due_on,
                open_amount=i.open_amount,
                remaining=i.open_amount - settled.get(i.id, 0),
                currency=i.currency,
            )
            for i in items
            if i.open_amount != settled.get(i.id, 0)
        ),
        rejects=tuple(
            Rejected(OPEN_ITEMS, r.line, r.column, r.raw, r.reason) for r in opened.rejects
        )
        + tuple(Rejected(STATEMENT, r.entry, "", r.raw, r.reason) for r in statement.rejects),
        sources=(
            SourceFile(
                OPEN_ITEMS, "offene-posten.csv", hashlib.sha256(files.open_items_csv).hexdigest()
            ),
            SourceFile(STATEMENT, "camt053.xml", hashlib.sha256(files.statement_xml).hexdigest()),
        ),
    )
    return report, matches
