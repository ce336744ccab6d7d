"""Whose open items a line may pay: by the payer's account, by what was learned, by the name."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from app.finance.matching.kinds import Item, Learned, Line
from app.finance.matching.run import Run
from app.finance.names import likeness, name_tokens

# More companies than this sharing a word: the word says nothing.
COMMON_WORD = 200
IBAN, LEARNED, NAME = "iban", "learned", "name"


@dataclass(slots=True)
class Account:
    """One payer's untouched items of one currency, by due date, and the lines that may pay them."""

    items: list[Item]
    lines: list[tuple[Line, Learned | None]] = field(default_factory=list)


def accounts(run: Run, how: str) -> Iterator[Account]:
    """The accounts with lines to match, in a fixed order."""
    by_key: dict[tuple[str, ...], Account] = {}
    for item in run.items:
        words: Iterable[str] = [item.iban] if how == IBAN else run.customer[item.id]
        if run.is_whole(item) and any(words):
            by_key.setdefault(_key(item.currency, words), Account([])).items.append(item)
    find = _FINDERS[how](run)
    for line in filter(run.is_free, run.lines):
        for words, learned in find(line):
            account = by_key.get(_key(line.currency, words))
            if account is not None:
                account.lines.append((line, learned))
    for key in sorted(by_key):
        if by_key[key].lines:
            yield by_key[key]


def _key(currency: str, words: Iterable[str]) -> tuple[str, ...]:
    return (currency, *sorted(words))


_Found = list[tuple[Iterable[str], Learned | None]]
_Finder = Callable[[Line], _Found]


def _by_iban(_run: Run) -> _Finder:
    return lambda line: [([line.iban], None)] if line.iban else []


def _by_learned(_run: Run) -> _Finder:
    """Only a payer known for one customer: with more, the sums would mix them."""

    def find(line: Line) -> _Found:
        customers = {name_tokens(one.customer) for one in line.learned}
        return [(next(iter(customers)), line.learned[0])] if len(customers) == 1 else []

    return find


def _by_name(run: Run) -> _Finder:
    """The one customer of this very name, or the one whose name stands whole in the payer's."""
    near = NearNames(run.customer.values())
    known: dict[frozenset[str], _Found] = {}

    def find(line: Line) -> _Found:
        tokens = name_tokens(line.name)
        if tokens not in known:
            scored = [(likeness(tokens, other), other) for other in near.of(tokens)]
            alike = [other for score, other in scored if score >= 80]
            same = [other for score, other in scored if score == 100]
            best = same or alike
            known[tokens] = [(best[0], None)] if len(best) == 1 else []
        return known[tokens]

    return find


class NearNames:
    """Names that share a telling word."""

    def __init__(self, names: Iterable[frozenset[str]]) -> None:
        self._names = set(names)
        self._by_word: dict[str, list[frozenset[str]]] = defaultdict(list)
        for tokens in self._names:
            for word in tokens:
                self._by_word[word].append(tokens)

    def of(self, tokens: frozenset[str]) -> set[frozenset[str]]:
        near = {
            other
            for word in tokens
            if len(self._by_word.get(word, ())) <= COMMON_WORD
            for other in self._by_word.get(word, ())
        }
        return near | ({tokens} & self._names)


_FINDERS: dict[str, Callable[[Run], _Finder]] = {
    IBAN: _by_iban,
    LEARNED: _by_learned,
    NAME: _by_name,
}
