"""The ledger held against what was found: every difference in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from tests.billing.proofs.year import ledger
from tests.billing.proofs.year.drawing import Firm, Script
from tests.billing.proofs.year.ledger import Bill
from tests.billing.proofs.year.play import Facts, Invoice


def reckon(script: Script, facts: dict[int, Facts]) -> list[str]:
    last = script.noons[-1]
    return [
        f"firm {firm.number}: {words}"
        for firm in script.firms
        for words in _of(firm, facts[firm.number], last)
    ]


def _of(firm: Firm, facts: Facts, last: datetime) -> Iterator[str]:
    yield from _bills(firm, facts, last)
    yield from _usage(firm, facts)
    yield from _access(firm, facts)
    yield from _mails(firm, facts, last)
    ended = firm.ends is not None and firm.ends <= last
    if facts.live != (0 if ended else 1):
        yield f"{facts.live} live subscriptions"
    moved = [at for at in facts.begins if (at.day, at.hour, at.minute) != (1, 0, 0)]
    partial = {firm.joins.replace(minute=0, second=0, microsecond=0)}
    if any(at.replace(minute=0, second=0) not in partial for at in moved):
        yield f"a period begins on {moved[0]}"
    for finding in facts.findings:
        yield f"the night found {finding}"


def _bills(firm: Firm, facts: Facts, last: datetime) -> Iterator[str]:
    wanted = ledger.bills(firm, last)
    for name, found in (("Stripe", facts.invoices), ("the mirror", facts.mirror)):
        if len(found) != len(wanted):
            yield f"{name} has {len(found)} invoices, not {len(wanted)}"
            continue
        for bill, invoice in zip(wanted, found, strict=True):
            yield from (f"{name}, {words}" for words in _differ(bill, invoice))


def _differ(bill: Bill, invoice: Invoice) -> Iterator[str]:
    month = f"{bill.made:%Y-%m-%d}"
    if f"{invoice.made:%Y-%m-%d}" != month:
        yield f"the invoice of {month} was made on {invoice.made:%Y-%m-%d}"
    for name in sorted({*bill.lines, *invoice.lines}):
        ours, theirs = bill.lines.get(name, (0, 0)), invoice.lines.get(name, (0, 0))
        if ours[0] != theirs[0]:
            yield f"{month} counts {theirs[0]} {name}, not {ours[0]}"
        if ours[1] != theirs[1]:
            yield f"{month} charges {theirs[1]} for {name}, not {ours[1]}"
    if (bill.net, bill.tax) != (invoice.net, invoice.tax):
        yield f"{month} asks for {invoice.net} + {invoice.tax}, not {bill.net} + {bill.tax}"
    if invoice.status != "paid":
        yield f"the invoice of {month} is {invoice.status}"


def _usage(firm: Firm, facts: Facts) -> Iterator[str]:
    """Each unit once, in the month of its recording; the same at Stripe."""
    wanted: Counter[tuple[str, str]] = Counter()
    for use in firm.uses:
        wanted[use.meter, f"{use.at:%Y-%m}"] += use.quantity
    for name, found in (("our ledger", facts.used), ("Stripe", facts.at_stripe)):
        for key in sorted({*wanted, *found}):
            if wanted[key] != found.get(key, 0):
                yield f"{name} holds {found.get(key, 0)} {key[0]} of {key[1]}, not {wanted[key]}"


def _access(firm: Firm, facts: Facts) -> Iterator[str]:
    for noon, found in facts.access.items():
        wanted = ledger.access_on(firm, noon)
        if wanted is not None and found != wanted:
            yield f"on {noon:%Y-%m-%d} it was {found}, not {wanted}"


def _mails(firm: Firm, facts: Facts, last: datetime) -> Iterator[str]:
    wanted = ledger.mails(firm, last)
    if facts.mails != wanted:
        yield f"was told {facts.mails}, not {wanted}"
    if facts.letters != len(wanted):
        yield f"got {facts.letters} mails, not {len(wanted)}"
