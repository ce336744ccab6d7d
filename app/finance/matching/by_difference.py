"""Lines that pay one item of their payer but for a difference that has a reason."""

from bisect import bisect_left, bisect_right
from collections import Counter

from app.finance.matching import sentences
from app.finance.matching.kinds import (
    DIFFERENCE_IBAN,
    DIFFERENCE_LEARNED,
    DIFFERENCE_NAME,
    Item,
    Line,
)
from app.finance.matching.payers import IBAN, LEARNED, NAME, Account, accounts
from app.finance.matching.run import Run, told_difference
from app.finance.settlement import Difference, explain_difference, reach

_RULES = {
    IBAN: (DIFFERENCE_IBAN, 84, sentences.BY_IBAN),
    LEARNED: (DIFFERENCE_LEARNED, 76, sentences.BY_LEARNED),
    NAME: (DIFFERENCE_NAME, 62, sentences.BY_NAME),
}
# More items of nearly this amount: which one is meant can't be told anyway.
_MAX_NEAR = 20


def by_difference(run: Run) -> None:
    for how in (IBAN, LEARNED, NAME):
        for account in accounts(run, how):
            _pay_nearly(run, account, how)


def _pay_nearly(run: Run, account: Account, how: str) -> None:
    rule, confidence, message = _RULES[how]
    ordered = sorted(account.items, key=lambda i: (i.open_amount, run.rank[i.id]))
    amounts = [i.open_amount for i in ordered]
    pairs = []
    for line, learned in account.lines:
        fits = _fits(run, line, ordered, amounts)
        if len(fits) == 1:
            pairs.append((line, learned, *fits[0]))
    claims = Counter(item.id for _, _, item, _ in pairs)
    for line, learned, item, difference in pairs:
        if claims[item.id] == 1:
            run.propose(
                line, item, line.amount, rule, confidence, message, difference=difference,
                learned=learned, more=told_difference(difference, item, line),
            )  # fmt: skip


def _fits(
    run: Run, line: Line, ordered: list[Item], amounts: list[int]
) -> list[tuple[Item, Difference]]:
    # The payment is at most so far from the item; a little more, as the item is the larger one.
    width = reach(line.amount, line.charges, run.tolerance(line)) * 11 // 10 + 1
    low = bisect_left(amounts, line.amount - width)
    high = bisect_right(amounts, line.amount + width)
    if high - low > _MAX_NEAR:
        return []
    found = []
    for item in ordered[low:high]:
        difference = explain_difference(
            whole=item.open_amount, paid=line.amount, charges=line.charges,
            issued_on=item.issued_on, booked_on=line.booked_on, tolerance=run.tolerance(line),
        )  # fmt: skip
        if difference:
            found.append((item, difference))
    return found
