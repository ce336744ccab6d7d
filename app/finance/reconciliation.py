from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

PAID, PART_PAID, OPEN = "paid", "part_paid", "open"
USED, UNMATCHED = "used", "unmatched"


class CountsDoNotAgree(Exception):
    """What came in is not what came out: a report must not be written."""


@dataclass(frozen=True, slots=True)
class ItemPosition:
    """An open item with the sum of its confirmed allocations, in signed minor units.

    `differences` by kind are what nobody pays, each as (how many, how much).
    """

    currency: str
    open_amount: int
    allocated: int
    differences: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def waived(self) -> int:
        return sum(amount for _, amount in self.differences.values())

    @property
    def settled(self) -> int:
        return self.allocated + self.waived


@dataclass(frozen=True, slots=True)
class LinePosition:
    currency: str
    amount: int
    allocated: int


@dataclass(slots=True)
class Totals:
    """Amounts of one currency."""

    items: int = 0
    paid: int = 0
    part_paid: int = 0
    part_open: int = 0
    open: int = 0
    lines: int = 0
    used: int = 0
    used_rest: int = 0
    unmatched: int = 0
    differences: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        return self.paid + self.part_paid

    @property
    def waived(self) -> int:
        return sum(amount for _, amount in self.differences.values())

    @property
    def outstanding(self) -> int:
        return self.part_open + self.open


@dataclass(frozen=True, slots=True)
class Reconciliation:
    items_in: int
    paid: int
    part_paid: int
    open: int
    items_rejected: int
    lines_in: int
    used: int
    unmatched: int
    lines_rejected: int
    totals: dict[str, Totals] = field(default_factory=dict)


def item_state(item: ItemPosition) -> str:
    _check_within(item.open_amount, item.settled)
    if item.settled == item.open_amount:
        return PAID
    return PART_PAID if item.settled else OPEN


def line_state(line: LinePosition) -> str:
    _check_within(line.amount, line.allocated)
    return USED if line.allocated else UNMATCHED


def reconcile(
    *,
    items_in: int,
    items: Iterable[ItemPosition],
    items_rejected: int,
    lines_in: int,
    lines: Iterable[LinePosition],
    lines_rejected: int,
) -> Reconciliation:
    """`items_in` and `lines_in` are what the readers counted, not the length of what they kept."""
    totals: dict[str, Totals] = defaultdict(Totals)
    states = {PAID: 0, PART_PAID: 0, OPEN: 0, USED: 0, UNMATCHED: 0}
    for item in items:
        state = item_state(item)
        states[state] += 1
        _add_item(totals[item.currency], item, state)
    for line in lines:
        state = line_state(line)
        states[state] += 1
        _add_line(totals[line.currency], line, state)
    result = Reconciliation(
        items_in=items_in,
        paid=states[PAID],
        part_paid=states[PART_PAID],
        open=states[OPEN],
        items_rejected=items_rejected,
        lines_in=lines_in,
        used=states[USED],
        unmatched=states[UNMATCHED],
        lines_rejected=lines_rejected,
        totals=dict(sorted(totals.items())),
    )
    _check(result)
    return result


def _add_item(totals: Totals, item: ItemPosition, state: str) -> None:
    totals.items += item.open_amount
    for kind, (count, amount) in item.differences.items():
        before = totals.differences.get(kind, (0, 0))
        totals.differences[kind] = (before[0] + count, before[1] + amount)
    if state == PAID:
        totals.paid += item.allocated
    elif state == PART_PAID:
        totals.part_paid += item.allocated
        totals.part_open += item.open_amount - item.settled
    else:
        totals.open += item.open_amount


def _add_line(totals: Totals, line: LinePosition, state: str) -> None:
    totals.lines += line.amount
    if state == USED:
        totals.used += line.allocated
        totals.used_rest += line.amount - line.allocated
    else:
        totals.unmatched += line.amount


def _check_within(whole: int, part: int) -> None:
    if (part and (part > 0) != (whole > 0)) or abs(part) > abs(whole):
        raise CountsDoNotAgree(f"{part} allocated of {whole}")


def _check(r: Reconciliation) -> None:
    items = r.paid + r.part_paid + r.open + r.items_rejected
    if r.items_in != items:
        raise CountsDoNotAgree(f"{r.items_in} open items in, {items} out")
    lines = r.used + r.unmatched + r.lines_rejected
    if r.lines_in != lines:
        raise CountsDoNotAgree(f"{r.lines_in} statement lines in, {lines} out")
    for currency, t in r.totals.items():
        if (
            t.items != t.settled + t.waived + t.outstanding
            or t.lines != t.used + t.used_rest + t.unmatched
        ):
            raise CountsDoNotAgree(f"amounts in {currency}")
        if t.settled != t.used:
            raise CountsDoNotAgree(f"{t.settled} settled, {t.used} used in {currency}")
