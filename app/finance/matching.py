"""Which statement line pays which open item, and why. Amounts are signed minor units: a receivable
and the credit that pays it are positive, a credit note and its repayment negative."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.finance.names import likeness, name_tokens
from app.finance.read_results import Reason
from app.finance.references import ReferenceIndex, is_weak
from tenants.core.text import _m

REFERENCE_AMOUNT, REFERENCE_PART = "reference_amount", "reference_part"
AMOUNT_IBAN, AMOUNT_NAME = "amount_iban", "amount_name"
MAX_CANDIDATES = 10
# More companies than this sharing a word and an amount: the word says nothing.
_COMMON_WORD = 200


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    number: str
    customer: str
    iban: str
    currency: str
    open_amount: int
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    amount: int
    currency: str
    booked_on: date
    name: str = ""
    iban: str = ""
    texts: tuple[str, ...] = ()
    reversal: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    line_id: str
    item_id: str
    amount: int
    rule: str
    confidence: int
    explanation: Reason


@dataclass(frozen=True, slots=True)
class Ambiguity:
    line_id: str
    rule: str
    item_ids: tuple[str, ...]
    explanation: Reason


@dataclass(frozen=True, slots=True)
class Matches:
    proposals: tuple[Proposal, ...]
    ambiguities: tuple[Ambiguity, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    item: Item
    confidence: int
    message: str


def match(items: Iterable[Item], lines: Iterable[Line]) -> Matches:
    run = _Run(items, lines)
    run.by_reference()
    run.by_amount(AMOUNT_IBAN, run.same_iban)
    run.by_amount(AMOUNT_NAME, run.same_name)
    return Matches(
        tuple(sorted(run.proposals, key=lambda p: (p.line_id, p.item_id))),
        tuple(sorted(run.ambiguities.values(), key=lambda a: a.line_id)),
    )


class _Run:
    def __init__(self, items: Iterable[Item], lines: Iterable[Line]) -> None:
        # Sorted first, so that the order of arrival decides nothing.
        self.items = sorted(
            (i for i in items if i.open_amount), key=lambda i: (i.due_on, i.number, i.id)
        )
        self.lines = sorted(
            # A reversal gives back an earlier booking; it pays nothing.
            (n for n in lines if n.amount and not n.reversal),
            key=lambda n: (n.booked_on, n.id),
        )
        self.open = {item.id: item.open_amount for item in self.items}
        self.left = {line.id: line.amount for line in self.lines}
        self.proposals: list[Proposal] = []
        self.ambiguities: dict[str, Ambiguity] = {}
        self._named: set[str] = set()
        self._rank = {item.id: rank for rank, item in enumerate(self.items)}

    def by_reference(self) -> None:
        index = ReferenceIndex({item.id: item.number for item in self.items})
        found = [(line, self._named_items(line, index)) for line in self.lines]
        self._named = {
            line.id for line, named in found if any(not is_weak(i.number) for i in named)
        }
        for line, named in found:
            self._pay_exactly(line, named)
        for line, named in found:
            self._pay_in_part(line, [i for i in named if not is_weak(i.number)])

    def _named_items(self, line: Line, index: ReferenceIndex) -> list[Item]:
        named: dict[str, Item] = {}
        for ids in index.find(line.texts):
            alike = [self.items[self._rank[i]] for i in ids]
            fitting = [i for i in alike if _fits(i, line)]
            if len(fitting) > 1:
                fitting = [i for i in fitting if i.open_amount == line.amount]
            if len(fitting) == 1:
                named[fitting[0].id] = fitting[0]
        return sorted(named.values(), key=lambda i: self._rank[i.id])

    def _pay_exactly(self, line: Line, named: list[Item]) -> None:
        waiting = [i for i in named if self.open[i.id] == i.open_amount]
        exact = [i for i in waiting if i.open_amount == line.amount]
        if len(exact) == 1:
            item = exact[0]
            confidence = 80 if is_weak(item.number) else 100
            self._propose(line, item, line.amount, REFERENCE_AMOUNT, confidence, _SAME)
            return
        strong = [i for i in waiting if not is_weak(i.number)]
        if len(strong) > 1 and sum(i.open_amount for i in strong) == line.amount:
            for item in strong:
                self._propose(line, item, item.open_amount, REFERENCE_AMOUNT, 97, _TOGETHER)

    def _pay_in_part(self, line: Line, named: list[Item]) -> None:
        waiting = [i for i in named if self.open[i.id]]
        if not waiting or not self.left[line.id]:
            return
        total = sum(self.open[i.id] for i in waiting)
        over = abs(self.left[line.id]) > abs(total)
        for item in waiting:
            amount = _smaller(self.left[line.id], self.open[item.id])
            if amount:
                whole = amount == self.open[item.id]
                message = _OVERPAID if over else _SETTLED if whole else _PART
                self._propose(line, item, amount, REFERENCE_PART, 80 if over else 85, message)

    def by_amount(
        self, rule: str, candidates: Callable[[list[Item], list[Line]], dict[str, list[_Fit]]]
    ) -> None:
        """Pairs a line with the one item it fits, where that item fits no other line either."""
        items, lines = self._untouched()
        for key in sorted(lines.keys() & items.keys()):
            fits = candidates(items[key], lines[key])
            claims = _claims(fits.values())
            for line in lines[key]:
                found = fits.get(line.id, [])
                if len(found) == 1 and claims[found[0].item.id] == 1:
                    fit = found[0]
                    self._propose(line, fit.item, line.amount, rule, fit.confidence, fit.message)
                elif found:
                    self._leave_open(line, rule, found)

    def _untouched(
        self,
    ) -> tuple[dict[tuple[str, int], list[Item]], dict[tuple[str, int], list[Line]]]:
        items: dict[tuple[str, int], list[Item]] = defaultdict(list)
        for item in self.items:
            if self.open[item.id] == item.open_amount:
                items[item.currency, item.open_amount].append(item)
        lines: dict[tuple[str, int], list[Line]] = defaultdict(list)
        for line in self.lines:
            # Who names an invoice that is paid already has not paid another one by chance.
            free = line.id not in self._named and line.id not in self.ambiguities
            if free and self.left[line.id] == line.amount:
                lines[line.currency, line.amount].append(line)
        return items, lines

    @staticmethod
    def same_iban(items: list[Item], lines: list[Line]) -> dict[str, list[_Fit]]:
        by_iban: dict[str, list[_Fit]] = defaultdict(list)
        for item in items:
            if item.iban:
                by_iban[item.iban].append(_Fit(item, 90, _IBAN))
        return {line.id: by_iban[line.iban] for line in lines if line.iban in by_iban}

    @staticmethod
    def same_name(items: list[Item], lines: list[Line]) -> dict[str, list[_Fit]]:
        by_name: dict[frozenset[str], list[Item]] = defaultdict(list)
        for item in items:
            by_name[name_tokens(item.customer)].append(item)
        by_word: dict[str, list[frozenset[str]]] = defaultdict(list)
        for tokens in by_name:
            for word in tokens:
                by_word[word].append(tokens)
        known: dict[frozenset[str], list[_Fit]] = {}
        fits = {}
        for line in lines:
            tokens = name_tokens(line.name)
            if tokens not in known:
                near = {
                    other
                    for word in tokens
                    if len(by_word.get(word, ())) <= _COMMON_WORD
                    for other in by_word.get(word, ())
                }
                near |= {tokens} & by_name.keys()
                known[tokens] = _by_likeness(tokens, near, by_name)
            if known[tokens]:
                fits[line.id] = known[tokens]
        return fits

    def _propose(
        self, line: Line, item: Item, amount: int, rule: str, confidence: int, message: str
    ) -> None:
        self.left[line.id] -= amount
        self.open[item.id] -= amount
        params: dict[str, str | int] = {
            "number": item.number,
            "customer": item.customer,
            "amount": amount,
            "currency": line.currency,
        }
        if message is _OVERPAID:
            params["rest"] = self.left[line.id]
        if message is _PART:
            params["rest"] = self.open[item.id]
        if rule == AMOUNT_IBAN:
            params["iban"] = line.iban
        if rule == AMOUNT_NAME:
            params["name"] = line.name
        reason = Reason(_CODES.get(message, rule), message, params)
        self.proposals.append(Proposal(line.id, item.id, amount, rule, confidence, reason))

    def _leave_open(self, line: Line, rule: str, fits: Sequence[_Fit]) -> None:
        ordered = [fit.item for fit in fits[:MAX_CANDIDATES]]
        params: dict[str, str | int] = {
            "numbers": ", ".join(i.number for i in ordered),
            "amount": line.amount,
            "currency": line.currency,
        }
        message = _SEVERAL_ITEMS if len(fits) > 1 else _SEVERAL_LINES
        reason = Reason("ambiguous", message, params)
        self.ambiguities[line.id] = Ambiguity(line.id, rule, tuple(i.id for i in ordered), reason)


def _claims(fits: Iterable[list[_Fit]]) -> dict[str, int]:
    """How many lines want each item. Lines of one payer share one list, counted once for all."""
    lists: dict[int, tuple[list[_Fit], int]] = {}
    for found in fits:
        lists[id(found)] = (found, lists.get(id(found), (found, 0))[1] + 1)
    claims: dict[str, int] = defaultdict(int)
    for found, lines in lists.values():
        for fit in found:
            claims[fit.item.id] += lines
    return claims


def _by_likeness(
    tokens: frozenset[str],
    near: Iterable[frozenset[str]],
    by_name: dict[frozenset[str], list[Item]],
) -> list[_Fit]:
    found: list[_Fit] = []
    for other in near:
        score = likeness(tokens, other)
        if score:
            confidence = 75 if score == 100 else 68 if score >= 80 else 60
            found.extend(_Fit(i, confidence, _NAME) for i in by_name[other])
    return sorted(found, key=lambda f: (f.item.due_on, f.item.number, f.item.id))


def _fits(item: Item, line: Line) -> bool:
    return item.currency == line.currency and (item.open_amount > 0) == (line.amount > 0)


def _smaller(left: int, right: int) -> int:
    return left if abs(left) < abs(right) else right


_SAME = _m("Number %(number)s in the text, and the same amount of %(amount)s.")
_TOGETHER = _m("Number %(number)s in the text; all invoices named there make up the line.")
_PART = _m("Number %(number)s in the text; %(amount)s of it paid, %(rest)s stay open.")
_SETTLED = _m("Number %(number)s in the text; its open %(amount)s are covered by the line.")
_OVERPAID = _m("Number %(number)s in the text; %(rest)s more were paid than is open.")
_IBAN = _m("The same amount of %(amount)s from the account %(iban)s of %(customer)s.")
_NAME = _m("The same amount of %(amount)s from “%(name)s”, like %(customer)s.")
_SEVERAL_ITEMS = _m("%(amount)s fit several open items: %(numbers)s.")
_SEVERAL_LINES = _m("Several lines of %(amount)s fit the one open item %(numbers)s.")
_CODES = {
    _TOGETHER: "reference_together",
    _SETTLED: "reference_settled",
    _OVERPAID: "reference_overpaid",
}
