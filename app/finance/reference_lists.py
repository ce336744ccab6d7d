"""Lists of invoice numbers as payers shorten them: F-0007/0008, RG 4711, 4712 u. 4715, F-7 bis F-10."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_COMMA = re.compile(r"\s*(?:[,;+&]|,?\s(?:U\.?|UND|ET|AND|SOWIE)(?=[\s.]))\.?\s*\Z")
_SLASH = re.compile(r"\s*/\s*\Z")
_RANGE_WORD = re.compile(r"(?:\s+(?:BIS|A|AU|TO|JUSQU'?AU?)\s+|\s*[–—]\s*|\s+-\s+)\Z")
# A range over more numbers is an account number or a date, not a list of invoices.
_MAX_RANGE = 50
_MAX_LIST = 60

Pieces = tuple[str, ...]
Known = Callable[[Iterable[Pieces]], list[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Text:
    folded: str
    pieces: tuple[Piece, ...]


def follow(
    text: Text, position: int, number: Pieces, known: Known
) -> tuple[list[tuple[str, ...]], int]:
    """What a list after `number` names besides it, and the place where the list ends."""
    found: list[tuple[str, ...]] = []
    last = number
    while position < len(text.pieces) and len(found) < _MAX_LIST:
        piece, skipped = _next_digits(text, position)
        joined = text.folded[text.pieces[position - 1].end : piece.start] if piece else ""
        if piece is None:
            break
        following = _sibling(number, piece.text, short="/" in joined)
        here = known([following]) if following else []
        if _RANGE_WORD.match(joined) and here:
            found += known(between(last, following))
        elif not (here and (_COMMA.match(joined) or _SLASH.match(joined))):
            break
        found += here
        last = following
        position += skipped + 1
    return found, position


def is_range(text: Text, position: int) -> bool:
    """The number that begins here ends a range whose first number was found before it."""
    first = position
    while first > 0 and text.pieces[first - 1].text in _RANGE_WORDS:
        first -= 1
    if first == 0:
        return False
    joined = text.folded[text.pieces[first - 1].end : text.pieces[position].start]
    return bool(_RANGE_WORD.match(joined))


_RANGE_WORDS = frozenset({"BIS", "A", "AU", "TO", "JUSQU"})
_LIST_WORDS = _RANGE_WORDS | {"U", "UND", "ET", "AND", "SOWIE"}


def between(first: Pieces, last: Pieces) -> Iterator[Pieces]:
    """The numbers inside a range, without its ends."""
    if first[:-1] != last[:-1] or not (first[-1].isdigit() and last[-1].isdigit()):
        return
    low, high = int(first[-1]), int(last[-1])
    if low < high <= low + _MAX_RANGE:
        for number in range(low + 1, high):
            yield (*first[:-1], str(number).zfill(len(first[-1])))


def _next_digits(text: Text, position: int) -> tuple[Piece | None, int]:
    """The next piece of digits, over the words that join a list."""
    skipped = 0
    while position + skipped < len(text.pieces) and skipped < 2:
        piece = text.pieces[position + skipped]
        if piece.text.isdigit():
            return piece, skipped
        if piece.text not in _LIST_WORDS:
            return None, 0
        skipped += 1
    return None, 0


def _sibling(number: Pieces, digits: str, *, short: bool) -> Pieces:
    """The number with other digits at its end; cut ones (4711/12) only after a slash."""
    tail = number[-1]
    if not tail.isdigit() or len(digits) > len(tail):
        return ()
    if len(digits) == len(tail):
        return (*number[:-1], digits)
    return (*number[:-1], tail[: -len(digits)] + digits) if short else ()
