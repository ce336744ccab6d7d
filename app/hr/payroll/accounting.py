"""A payslip as an entry of the general ledger, by the accounts of its lines. Debits and credits are
equal; what stays on 421 is what the employee gets."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from app.hr.payroll.outcome import Line
from app.hr.payroll.rounding import NIL

WAGES_OWED = "421000"
EARNED = ("earning", "payment")


class Entry(NamedTuple):
    account: str
    debit: Decimal
    credit: Decimal


def entries(lines: Iterable[Line]) -> list[Entry]:
    """One per account, in their order; a negative balance stands on the other side."""
    owed: dict[str, Decimal] = {}

    def book(debit: str, credit: str, amount: Decimal) -> None:
        if amount:
            owed[debit] = owed.get(debit, NIL) + amount
            owed[credit] = owed.get(credit, NIL) - amount

    for line in lines:
        kind = line.kind
        if kind.kind not in EARNED:
            book(WAGES_OWED, kind.liability, line.employee)
        elif kind.expense:
            book(kind.expense, WAGES_OWED, line.employee)
        else:
            book(WAGES_OWED, kind.liability, -line.employee)
        book(kind.expense, kind.liability, line.employer)
    return [
        Entry(account, max(NIL, balance), max(NIL, -balance))
        for account, balance in sorted(owed.items())
        if balance
    ]
