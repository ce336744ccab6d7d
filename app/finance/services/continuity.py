"""What earlier requests hold of the same account: the statement before, lines taken already."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from app.finance.continuity import FOLLOWS, Earlier, judge
from app.finance.masking import mask_accounts
from app.finance.models import PaymentControl
from app.finance.read_results import LineReject, StatementHead, StatementLine
from app.finance.statement_queries import find_earlier_statement, find_taken_lines, get_statement
from app.spreadsheets.reasons import Reason
from tenants.core.money import Money
from tenants.core.text import _m
from tenants.keys import data_key


def compare(*, control: PaymentControl, heads: Sequence[StatementHead]) -> list[Reason | None]:
    """One finding for each statement whose account is known."""
    found: list[Reason | None] = []
    for number, head in enumerate(heads):
        if not head.account:
            found.append(None)
            continue
        before = [one for one in heads[:number] if _same_account(one, head)]
        candidates = [*map(_in_file, before), _earlier_request(control, head)]
        known = [one for one in candidates if one is not None and _is_before(one, head)]
        newest = max(known, key=lambda one: (one.ends_on or date.min, one.request is None),
                     default=None)  # fmt: skip
        found.append(judge(head, newest))
    return found


def _same_account(one: StatementHead, other: StatementHead) -> bool:
    return (one.account, one.currency) == (other.account, other.currency)


def _in_file(head: StatementHead) -> Earlier:
    closing = head.closing.amount if head.closing else None
    return Earlier(mask_accounts(head.statement_id), None, head.starts_on, head.ends_on, closing)


def _is_before(earlier: Earlier, head: StatementHead) -> bool:
    return not (earlier.starts_on and head.starts_on) or earlier.starts_on <= head.starts_on


def _earlier_request(control: PaymentControl, head: StatementHead) -> Earlier | None:
    return find_earlier_statement(
        control=control,
        account_index=data_key().blind_index(head.account),
        currency=head.currency,
        starts_on=head.starts_on,
    )


class Marks:
    """What makes a booking the same one in another file; equal ones of a day are numbered."""

    def __init__(self, heads: Sequence[StatementHead]) -> None:
        self._accounts = [head.account for head in heads]
        self._seen: Counter[str] = Counter()

    def of(self, statement: int, line: StatementLine) -> str:
        text = line.bank_reference or f"{line.end_to_end_id} {line.name} {line.remittance}"
        account = self._accounts[statement - 1]
        parts = (account, line.booked_on.isoformat(), str(line.amount), line.currency, text)
        mark = "|".join(parts)
        self._seen[mark] += 1
        return f"{mark}|{self._seen[mark]}"


def sort_out(
    *, control: PaymentControl, statement: int, lines: Sequence[tuple[StatementLine, str]]
) -> tuple[list[tuple[StatementLine, str]], list[LineReject]]:
    """New lines, and those that an earlier request took already as rejects."""
    row = get_statement(control=control, position=statement)
    joins = row.difference == 0 and (row.continuity or {}).get("code") == FOLLOWS
    # A statement that begins where the earlier one ended and balances holds nothing of it.
    if joins or not row.account_index:
        return list(lines), []
    taken = find_taken_lines(control=control, fingerprints=[mark for _line, mark in lines])
    fresh = [(line, mark) for line, mark in lines if mark not in taken]
    rejects = [
        LineReject(line.entry, _shown(line), _taken_already(taken[mark]))
        for line, mark in lines
        if mark in taken
    ]
    return fresh, rejects


def _taken_already(request: int) -> Reason:
    return Reason(
        "taken_already", _m("Taken already in request #%(request)s."), {"request": request}
    )


def _shown(line: StatementLine) -> str:
    text = line.remittance or line.additional
    amount = Money(line.amount, line.currency).amount
    return f"{line.booked_on} {amount} {line.currency} {line.name} {text}"[:200]
