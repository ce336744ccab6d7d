"""One payment for several open items of one payer, and several payments for one item: proposed
where exactly one set of them adds up, left to the operator where more than one does."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from app.finance.matching import sentences
from app.finance.matching.kinds import (
    INSTALMENTS,
    SUM_IBAN,
    SUM_LEARNED,
    SUM_NAME,
    Item,
    Learned,
    Line,
)
from app.finance.matching.payers import IBAN, LEARNED, NAME, Account, accounts
from app.finance.matching.run import Run
from app.finance.matching.subsets import MAX_AMOUNTS, Sums

_RULES = {
    IBAN: (SUM_IBAN, 86, sentences.SUM_IBAN),
    LEARNED: (SUM_LEARNED, 82, sentences.SUM_LEARNED),
    NAME: (SUM_NAME, 66, sentences.SUM_NAME),
}


def by_sum(run: Run) -> None:
    for how in (IBAN, LEARNED, NAME):
        for account in accounts(run, how):
            _pay_several(run, account, how)
    for account in accounts(run, IBAN):
        _pay_in_instalments(run, account)


def _pay_several(run: Run, account: Account, how: str) -> None:
    items = account.items
    if len(items) < 2:
        return
    if len(items) > MAX_AMOUNTS:
        _too_many(run, account, how)
        return
    sums = Sums([i.open_amount for i in items])
    sets: list[tuple[Line, Learned | None, list[Item]]] = []
    for line, learned in account.lines:
        found = sums.making(line.amount)
        if len(found) > 1:
            oldest = [items[n] for n in found[0]]
            run.leave_open(line, _RULES[how][0], oldest, sentences.SEVERAL_SUMS)
        elif found:
            sets.append((line, learned, [items[n] for n in found[0]]))
    claims = Counter(item.id for _, _, chosen in sets for item in chosen)
    for line, learned, chosen in sets:
        if any(claims[item.id] > 1 for item in chosen):
            run.leave_open(line, _RULES[how][0], chosen, sentences.CONTESTED_SUM)
        else:
            _propose_sum(run, line, chosen, how, learned)


def _propose_sum(
    run: Run, line: Line, items: Sequence[Item], how: str, learned: Learned | None
) -> None:
    rule, confidence, message = _RULES[how]
    netted = any((i.open_amount > 0) != (line.amount > 0) for i in items)
    more: dict[str, str | int] = {
        "numbers": ", ".join(i.number for i in items), "total": line.amount,
    }  # fmt: skip
    for item in items:
        run.propose(
            line, item, item.open_amount, rule, confidence, message, learned=learned,
            netted=netted, more=more,
        )  # fmt: skip


def _too_many(run: Run, account: Account, how: str) -> None:
    """Too many for certainty; a sum of the oldest ones is still worth a look."""
    oldest = {
        total: count
        for count, total in enumerate(accumulate(i.open_amount for i in account.items), start=1)
        if count > 1
    }
    for line, _learned in account.lines:
        count = oldest.get(line.amount)
        if count:
            run.leave_open(
                line, _RULES[how][0], account.items[:count], sentences.TOO_MANY,
                customer=account.items[0].customer, count=len(account.items),
            )  # fmt: skip


def _pay_in_instalments(run: Run, account: Account) -> None:
    lines = [line for line, _ in account.lines]
    if not 2 <= len(lines) <= MAX_AMOUNTS or len(account.items) > MAX_AMOUNTS:
        return
    sums = Sums([line.amount for line in lines])
    sets = [(item, found) for item in account.items if (found := sums.making(item.open_amount))]
    claims = Counter(n for _, found in sets for one in found for n in set(one))
    for item, found in sets:
        if len(found) == 1 and all(claims[n] == 1 for n in found[0]):
            chosen = [lines[n] for n in found[0]]
            # A repayment among them would take back what another one paid.
            if all((line.amount > 0) == (item.open_amount > 0) for line in chosen):
                for line in chosen:
                    run.propose(
                        line, item, line.amount, INSTALMENTS, 72, sentences.INSTALMENTS,
                        more={"count": len(chosen), "whole": item.open_amount},
                    )  # fmt: skip
