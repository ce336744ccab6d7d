"""A month of open items and the bank statement that pays most of them: the same files for the same
arguments, for demonstrations and for tests of the whole journey."""

import calendar
import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from lxml import etree

from app.finance.currencies import to_decimal

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_OPENING = 4_218_655
_TWICE = 48_000
_EXACT, _PART, _TOGETHER, _BY_IBAN, _BY_NAME, _UNPAID = 26, 6, 2, 8, 6, 10
_FEES = (
    ("Frais de tenue de compte", 1250),
    ("Kontoführungsgebühr", 890),
    ("Commission de mouvement", 1734),
    ("Prélèvement assurance RC Pro", 21480),
    ("Miete Lagerhalle", 184000),
    ("Loyer bureaux", 142500),
    ("Télécommunications", 11988),
    ("Stromabschlag", 38700),
    ("URSSAF cotisations", 312745),
    ("Leasing véhicule utilitaire", 42990),
)
_UNKNOWN_PAYERS = (
    ("Commune de Saint-Avold", "Remboursement caution salle"),
    ("Finanzamt Saarlouis", "Erstattung USt 2. Quartal"),
    ("M. Gérard Hoffmann", "Virement"),
    ("Pauli & Wendt GbR", "Danke"),
)


class Customer(NamedTuple):
    name: str
    iban: str


class Payment(NamedTuple):
    on: date
    amount: int
    customer: Customer
    text: str


@dataclass(frozen=True, slots=True)
class DemoFiles:
    open_items_csv: bytes
    statement_xml: bytes
    statement_id: str


@dataclass(slots=True)
class _Item:
    number: str
    customer: Customer
    issued_on: date
    due_on: date
    amount: int


@dataclass(slots=True)
class _Line:
    on: date
    amount: int
    name: str = ""
    iban: str = ""
    text: str = ""
    end_to_end_id: str = ""


@dataclass(slots=True)
class _Plan:
    chance: random.Random
    month: date
    running: int
    items: list[_Item] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)
    amounts: set[int] = field(default_factory=lambda: {_TWICE})

    def item(self, customer: Customer, amount: int = 0) -> _Item:
        self.running += 1
        issued_on = self.month - timedelta(days=self.chance.randint(5, 95))
        new = _Item(
            f"F-{self.month.year}-{self.running:04d}",
            customer,
            issued_on,
            issued_on + timedelta(days=self.chance.choice((14, 30, 30, 45))),
            amount or _fresh(self.chance, self.amounts),
        )
        self.items.append(new)
        return new

    def pay(self, amount: int, customer: Customer, text: str) -> None:
        on = _day(self.chance, self.month)
        self.lines.append(_Line(on, amount, customer.name, customer.iban, text))


def demo_files(
    *, company: str, iban: str, customers: Sequence[Customer], seed: int, month: date
) -> DemoFiles:
    """`customers` wants six or more; each third one's IBAN stays out of the open items."""
    chance = random.Random(f"{seed}/{month:%Y-%m}/{iban}")  # noqa: S311 - repeatable on purpose
    plan = _plan(chance, customers, month)
    plan.lines.sort(key=lambda line: line.on)
    statement_id = f"STMT-{month:%Y%m}-{seed % 1000:03d}"
    return DemoFiles(
        _csv(plan.items, customers, month),
        _camt(plan.lines, company, iban, *_whole(month), statement_id),
        statement_id,
    )


def statement_of(
    *, company: str, iban: str, payments: Sequence[Payment], first: date, last: date,
    statement_id: str,
) -> bytes:  # fmt: skip
    """Of these payments alone, in the order of their days."""
    lines = [
        _Line(one.on, one.amount, one.customer.name, one.customer.iban, one.text)
        for one in payments
    ]
    return _camt(lines, company, iban, first, last, statement_id)


def _plan(chance: random.Random, customers: Sequence[Customer], month: date) -> _Plan:
    plan = _Plan(chance, month, running=chance.randint(40, 400))
    for _ in range(_EXACT):
        paid = plan.item(chance.choice(customers))
        plan.pay(paid.amount, paid.customer, _wording(chance, paid.number))
    for _ in range(_PART):
        paid = plan.item(chance.choice(customers))
        part = paid.amount * chance.randint(30, 70) // 100
        plan.pay(part, paid.customer, f"Acompte {paid.number}")
    for _ in range(_TOGETHER):
        customer = chance.choice(customers)
        one, two = plan.item(customer), plan.item(customer)
        text = f"Rechnungen {one.number} und {two.number}"
        plan.pay(one.amount + two.amount, customer, text)
    with_iban = [c for n, c in enumerate(customers) if n % 3 != 2]
    without_iban = [c for n, c in enumerate(customers) if n % 3 == 2]
    for _ in range(_BY_IBAN):
        paid = plan.item(chance.choice(with_iban))
        plan.pay(paid.amount, paid.customer, chance.choice(("Virement", "Überweisung", "")))
    for _ in range(_BY_NAME):
        paid = plan.item(chance.choice(without_iban))
        plan.pay(paid.amount, Customer(paid.customer.name.upper(), ""), "Paiement")
    for _ in range(_UNPAID):
        plan.item(chance.choice(customers))
    # Two invoices of one customer over the same amount, one payment that names neither.
    for _ in range(2):
        plan.item(with_iban[0], _TWICE)
    plan.pay(_TWICE, with_iban[0], "Abonnement")
    _others(chance, plan, month)
    _several(plan, with_iban[1], month)
    return plan


def _several(plan: _Plan, customer: Customer, month: date) -> None:
    """What is more than one invoice, one payment, one amount."""
    early = month + timedelta(days=2)
    discounted = plan.item(customer, 240_000)
    discounted.issued_on, discounted.due_on = early, early + timedelta(days=30)
    plan.lines.append(
        _Line(early + timedelta(days=9), 235_200, customer.name, customer.iban,
              f"{discounted.number} abzgl. 2% Skonto")
    )  # fmt: skip
    short = plan.item(customer, 184_730)
    plan.pay(short.amount - 30, customer, f"Facture {short.number}")
    one, two = plan.item(customer, 61_217), plan.item(customer, 74_309)
    plan.pay(one.amount + two.amount, customer, "Virement groupé")
    invoice, credit = plan.item(customer, 95_511), plan.item(customer, -12_048)
    plan.pay(invoice.amount + credit.amount, customer, f"{invoice.number} moins {credit.number}")


def _others(chance: random.Random, plan: _Plan, month: date) -> None:
    for text, amount in _FEES:
        plan.lines.append(_Line(_day(chance, month), -amount, text=text))
    for name, text in _UNKNOWN_PAYERS:
        plan.lines.append(_Line(_day(chance, month), chance.randint(2_000, 60_000), name, "", text))
    for _ in range(7):
        amount = -chance.randint(5_000, 190_000)
        plan.lines.append(_Line(_day(chance, month), amount, text="Lastschrift Lieferant"))


def _fresh(chance: random.Random, amounts: set[int]) -> int:
    """Each amount once, so that only the pair made for it is ambiguous."""
    while True:
        amount = chance.randint(90, 9_800) * 100 + chance.choice((0, 0, 20, 40, 50, 95))
        if amount not in amounts:
            amounts.add(amount)
            return amount


def _wording(chance: random.Random, number: str) -> str:
    tight = number.replace("-", "")
    return chance.choice(
        (
            f"Facture {number}",
            f"Rechnung {number}",
            f"RG-NR. {number.replace('-', ' ')}",
            f"VIR SEPA {tight} MERCI",
            f"Règlement facture n° {number}",
            f"{number} abzgl. nichts, vielen Dank",
        )
    )


def _day(chance: random.Random, month: date) -> date:
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=chance.randint(1, last))


def _csv(items: Sequence[_Item], customers: Sequence[Customer], month: date) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Facture n°", "Client", "Date", "Échéance", "Montant TTC", "Devise", "IBAN"])
    hidden = {c.iban for n, c in enumerate(customers) if n % 3 == 2}
    for item in sorted(items, key=lambda i: i.number):
        shown = "" if item.customer.iban in hidden else item.customer.iban
        writer.writerow(
            [
                item.number,
                item.customer.name,
                f"{item.issued_on:%d/%m/%Y}",
                f"{item.due_on:%d/%m/%Y}",
                f"{to_decimal(item.amount, 'EUR')}".replace(".", ","),
                "EUR",
                shown,
            ]
        )
    writer.writerow(
        [f"F-{month.year}-9999", customers[0].name, "31/02/2026", "", "n. c.", "EUR", ""]
    )
    return out.getvalue().encode("cp1252")


def _whole(month: date) -> tuple[date, date]:
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=1), month.replace(day=last)


def _camt(
    lines: Sequence[_Line], company: str, iban: str, first: date, last: date, statement_id: str
) -> bytes:
    document = etree.Element(f"{{{_NAMESPACE}}}Document", nsmap={None: _NAMESPACE})  # type: ignore[dict-item]
    message = _add(document, "BkToCstmrStmt")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", f"MSG-{statement_id}")
    _add(header, "CreDtTm", f"{last.isoformat()}T22:15:00+02:00")
    statement = _add(message, "Stmt")
    _add(statement, "Id", statement_id)
    _add(statement, "ElctrncSeqNb", str(first.month))
    _add(statement, "CreDtTm", f"{last.isoformat()}T22:15:00+02:00")
    period = _add(statement, "FrToDt")
    _add(period, "FrDtTm", f"{first.isoformat()}T00:00:00+02:00")
    _add(period, "ToDtTm", f"{last.isoformat()}T23:59:59+02:00")
    account = _add(statement, "Acct")
    _add(_add(account, "Id"), "IBAN", iban)
    _add(account, "Ccy", "EUR")
    _add(_add(account, "Ownr"), "Nm", company)
    closing = _OPENING + sum(line.amount for line in lines)
    _balance(statement, "OPBD", _OPENING, first)
    _balance(statement, "CLBD", closing, last)
    for number, line in enumerate(lines, start=1):
        _entry(statement, line, f"{statement_id}-{number:04d}")
    return bytes(
        etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    )


def _entry(statement: etree._Element, line: _Line, reference: str) -> None:
    entry = _add(statement, "Ntry")
    _money(entry, line.amount)
    _add(_add(entry, "Sts"), "Cd", "BOOK")
    for name in ("BookgDt", "ValDt"):
        _add(_add(entry, name), "Dt", line.on.isoformat())
    _add(entry, "AcctSvcrRef", reference)
    family = _add(_add(entry, "BkTxCd"), "Domn")
    _add(family, "Cd", "PMNT")
    codes = _add(family, "Fmly")
    _add(codes, "Cd", "RCDT" if line.amount > 0 else "RDDT")
    _add(codes, "SubFmlyCd", "ESCT" if line.amount > 0 else "ESDD")
    transaction = _add(_add(entry, "NtryDtls"), "TxDtls")
    _add(_add(transaction, "Refs"), "EndToEndId", line.end_to_end_id or "NOTPROVIDED")
    if line.name or line.iban:
        parties = _add(transaction, "RltdPties")
        _add(_add(_add(parties, "Dbtr"), "Pty"), "Nm", line.name)
        if line.iban:
            _add(_add(_add(parties, "DbtrAcct"), "Id"), "IBAN", line.iban)
    if line.text:
        _add(_add(transaction, "RmtInf"), "Ustrd", line.text)


def _balance(statement: etree._Element, kind: str, amount: int, on: date) -> None:
    balance = _add(statement, "Bal")
    _add(_add(_add(balance, "Tp"), "CdOrPrtry"), "Cd", kind)
    _money(balance, amount)
    _add(_add(balance, "Dt"), "Dt", on.isoformat())


def _money(parent: etree._Element, amount: int) -> None:
    _add(parent, "Amt", str(to_decimal(abs(amount), "EUR"))).set("Ccy", "EUR")
    _add(parent, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}")
    element.text = text
    return element
