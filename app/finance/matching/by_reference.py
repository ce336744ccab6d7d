"""Lines that name invoices: paid exactly, together, but for a difference, or in part."""

from app.finance.matching import sentences
from app.finance.matching.kinds import (
    REFERENCE_AMOUNT,
    REFERENCE_DIFFERENCE,
    REFERENCE_PART,
    Item,
    Line,
)
from app.finance.matching.run import Run, told_difference
from app.finance.references import ReferenceIndex, is_weak
from app.finance.settlement import (
    CASH_DISCOUNT,
    Difference,
    explain_difference,
    shared_discount,
)

_SURE = {"bank_charge": 96, "small_difference": 94, "cash_discount": 90}


def by_reference(run: Run) -> None:
    index = ReferenceIndex({item.id: item.number for item in run.items})
    found = [(line, _named_items(run, line, index)) for line in run.lines]
    strong = [(line, [i for i in named if not is_weak(i.number)]) for line, named in found]
    run.named = {line.id for line, named in strong if named}
    for line, named in found:
        _pay_exactly(run, line, named)
    for line, named in strong:
        _pay_but_for_a_difference(run, line, named)
    for line, named in strong:
        _pay_in_part(run, line, named)


def _named_items(run: Run, line: Line, index: ReferenceIndex) -> list[Item]:
    named: dict[str, Item] = {}
    for ids in index.find(line.texts):
        alike = [run.items[run.rank[i]] for i in ids]
        fitting = [i for i in alike if i.currency == line.currency]
        if len(fitting) > 1:
            fitting = [i for i in fitting if _same_sign(i, line)] or fitting
        if len(fitting) > 1:
            fitting = [i for i in fitting if i.open_amount == line.amount]
        if len(fitting) == 1:
            named[fitting[0].id] = fitting[0]
    return sorted(named.values(), key=lambda i: run.rank[i.id])


def _same_sign(item: Item, line: Line) -> bool:
    return (item.open_amount > 0) == (line.amount > 0)


def _pay_exactly(run: Run, line: Line, named: list[Item]) -> None:
    waiting = [i for i in named if run.is_whole(i)]
    exact = [i for i in waiting if i.open_amount == line.amount]
    if len(exact) == 1:
        item = exact[0]
        confidence = 80 if is_weak(item.number) else 100
        run.propose(line, item, line.amount, REFERENCE_AMOUNT, confidence, sentences.SAME)
        return
    strong = [i for i in waiting if not is_weak(i.number)]
    if len(strong) > 1 and sum(i.open_amount for i in strong) == line.amount:
        netted = not all(_same_sign(i, line) for i in strong)
        message = sentences.NETTED if netted else sentences.TOGETHER
        for item in strong:
            run.propose(
                line, item, item.open_amount, REFERENCE_AMOUNT, 95 if netted else 97, message,
                netted=netted,
            )  # fmt: skip


def _pay_but_for_a_difference(run: Run, line: Line, named: list[Item]) -> None:
    waiting = [i for i in named if run.is_whole(i)]
    if not waiting or run.left[line.id] != line.amount:
        return
    if len(waiting) == 1:
        _one_with_difference(run, line, waiting[0])
    elif all(_same_sign(i, line) for i in waiting):
        _several_with_difference(run, line, waiting)


def _one_with_difference(run: Run, line: Line, item: Item) -> None:
    found = explain_difference(
        whole=item.open_amount, paid=line.amount, charges=line.charges,
        issued_on=item.issued_on, booked_on=line.booked_on, tolerance=run.tolerance(line),
    )  # fmt: skip
    if found:
        run.propose(
            line, item, line.amount, REFERENCE_DIFFERENCE, _SURE[found.kind],
            sentences.BY_NUMBER, difference=found, more=told_difference(found, item, line),
        )  # fmt: skip


def _several_with_difference(run: Run, line: Line, items: list[Item]) -> None:
    numbers = ", ".join(i.number for i in items)
    newest = max(i.issued_on for i in items)
    oldest = min(i.issued_on for i in items)
    wholes = [i.open_amount for i in items]
    shared = shared_discount(wholes, line.amount)
    if shared and (line.booked_on - newest).days >= 0 and (line.booked_on - oldest).days <= 14:
        rate, shares = shared
        for item, share in zip(items, shares, strict=True):
            run.propose(
                line, item, item.open_amount - share, REFERENCE_DIFFERENCE, 88,
                sentences.BY_NUMBERS, difference=Difference(CASH_DISCOUNT, share, rate),
                more={"numbers": numbers, "then": sentences.SHARED_DISCOUNT, "lacking": share,
                      "whole": item.open_amount, "rate": rate},
            )  # fmt: skip
        return
    largest = max(items, key=lambda i: (abs(i.open_amount), -run.rank[i.id]))
    found = explain_difference(
        whole=sum(wholes), paid=line.amount, charges=line.charges, issued_on=line.booked_on,
        booked_on=line.booked_on, tolerance=run.tolerance(line),
    )  # fmt: skip
    if found is None or found.kind == CASH_DISCOUNT or not _bears(largest, found):
        return
    for item in items:
        taken = found if item is largest else None
        paid = item.open_amount - (found.amount if taken else 0)
        run.propose(
            line, item, paid, REFERENCE_DIFFERENCE, 91, sentences.BY_NUMBERS, difference=taken,
            more={"numbers": numbers, "then": sentences.SHARED, "lacking": abs(found.amount),
                  "number": largest.number},
        )  # fmt: skip


def _bears(item: Item, found: Difference) -> bool:
    rest = item.open_amount - found.amount
    return bool(rest) and (rest > 0) == (item.open_amount > 0)


def _pay_in_part(run: Run, line: Line, named: list[Item]) -> None:
    waiting = [i for i in named if run.open[i.id] and _same_sign(i, line)]
    if not waiting or not run.left[line.id]:
        return
    total = sum(run.open[i.id] for i in waiting)
    notes = _notes_to_net(run, line, named, total)
    over = abs(run.left[line.id]) > abs(total)
    for item in (*notes, *waiting):
        most = run.open[item.id]
        amount = most if item in notes else min(run.left[line.id], most, key=abs)
        if amount:
            whole = amount == most
            message = sentences.OVERPAID if over else sentences.SETTLED if whole else sentences.PART
            run.propose(
                line, item, amount, REFERENCE_PART, 80 if over else 85, message,
                netted=bool(notes),
            )  # fmt: skip


def _notes_to_net(run: Run, line: Line, named: list[Item], total: int) -> list[Item]:
    """Credit notes named with the invoices, where these can take what they give back."""
    notes = [i for i in named if run.is_whole(i) and not _same_sign(i, line)]
    covered = run.left[line.id] - sum(i.open_amount for i in notes)
    return notes if abs(covered) <= abs(total) else []
