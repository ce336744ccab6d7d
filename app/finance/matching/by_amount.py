"""Lines and items of the same amount, where the payer's account or name says that they belong
together; only where each fits the other alone."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from app.finance.matching import sentences
from app.finance.matching.kinds import AMOUNT_IBAN, AMOUNT_LEARNED, AMOUNT_NAME, Item, Learned, Line
from app.finance.matching.payers import NearNames
from app.finance.matching.run import Run
from app.finance.names import likeness, name_tokens

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Fit:
    item: Item
    confidence: int
    message: str
    learned: Learned | None = None


_Finder = Callable[[list[Item], list[Line]], dict[str, list[_Fit]]]


def by_amount(run: Run) -> None:
    _pair(run, AMOUNT_IBAN, _same_iban)
    _pair(run, AMOUNT_LEARNED, _learned)
    _pair(run, AMOUNT_NAME, _same_name)


def _pair(run: Run, rule: str, candidates: _Finder) -> None:
    items = _by_worth((i.currency, i.open_amount, i) for i in run.items if run.is_whole(i))
    lines = _by_worth((n.currency, n.amount, n) for n in run.lines if run.is_free(n))
    for key in sorted(lines.keys() & items.keys()):
        fits = candidates(items[key], lines[key])
        claims = _claims(fits.values())
        for line in lines[key]:
            found = fits.get(line.id, [])
            if len(found) == 1 and claims[found[0].item.id] == 1:
                fit = found[0]
                run.propose(
                    line, fit.item, line.amount, rule, fit.confidence, fit.message,
                    learned=fit.learned,
                )  # fmt: skip
            elif found:
                many = len(found) > 1
                message = sentences.SEVERAL_ITEMS if many else sentences.SEVERAL_LINES
                run.leave_open(line, rule, [fit.item for fit in found], message)


def _by_worth(rows: Iterable[tuple[str, int, _T]]) -> dict[tuple[str, int], list[_T]]:
    found: dict[tuple[str, int], list[_T]] = defaultdict(list)
    for currency, amount, row in rows:
        found[currency, amount].append(row)
    return found


def _same_iban(items: list[Item], lines: list[Line]) -> dict[str, list[_Fit]]:
    by_iban: dict[str, list[_Fit]] = defaultdict(list)
    for item in items:
        if item.iban:
            by_iban[item.iban].append(_Fit(item, 90, sentences.IBAN))
    return {line.id: by_iban[line.iban] for line in lines if line.iban in by_iban}


def _learned(items: list[Item], lines: list[Line]) -> dict[str, list[_Fit]]:
    by_customer: dict[frozenset[str], list[Item]] = defaultdict(list)
    for item in items:
        by_customer[name_tokens(item.customer)].append(item)
    known: dict[tuple[Learned, ...], list[_Fit]] = {}
    for line in lines:
        if line.learned not in known:
            fits: dict[str, _Fit] = {}
            for one in line.learned:
                for item in by_customer.get(name_tokens(one.customer), ()):
                    sure = 89 if one.by_account else 78
                    fits.setdefault(item.id, _Fit(item, sure, sentences.LEARNED, one))
            known[line.learned] = sorted(fits.values(), key=_by_due_date)
    return {line.id: known[line.learned] for line in lines if known[line.learned]}


def _same_name(items: list[Item], lines: list[Line]) -> dict[str, list[_Fit]]:
    by_name: dict[frozenset[str], list[Item]] = defaultdict(list)
    for item in items:
        by_name[name_tokens(item.customer)].append(item)
    near = NearNames(by_name)
    known: dict[frozenset[str], list[_Fit]] = {}
    for line in lines:
        tokens = name_tokens(line.name)
        if tokens not in known:
            known[tokens] = _by_likeness(tokens, near.of(tokens), by_name)
    return {line.id: fits for line in lines if (fits := known[name_tokens(line.name)])}


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
            found.extend(_Fit(i, confidence, sentences.NAME) for i in by_name[other])
    return sorted(found, key=_by_due_date)


def _by_due_date(fit: _Fit) -> tuple[object, str, str]:
    return fit.item.due_on, fit.item.number, fit.item.id
