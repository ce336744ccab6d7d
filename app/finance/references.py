"""Finding invoice numbers in what payers and banks wrote: spaced, cut, without dashes or zeros."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from app.finance.iban import mod97_is_one
from app.finance.reference_lists import Piece, Text, between, follow, is_range

_PIECES = re.compile(r"[A-Z]+|[0-9]+")
_CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
_TIGHT = frozenset("-/._")
_MAX_PIECES = 8
# A short number without separators is found by chance: “12” stands in every address.
_MIN_COMPACT = 5
_MIN_DIGITS = 4


def fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "SS")).upper()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def is_weak(number: str) -> bool:
    """Too short to be believed without the amount."""
    pieces = [m.group() for m in _PIECES.finditer(fold(number))]
    digits = sum(len(p) for p in pieces if p[0].isdigit())
    return digits < _MIN_DIGITS and not (digits and any(p[0].isalpha() for p in pieces))


class ReferenceIndex:
    def __init__(self, numbers: Mapping[str, str]) -> None:
        """`numbers`: id -> the number as the client writes it."""
        self._written: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._unpadded: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._compact: dict[str, list[str]] = defaultdict(list)
        self._longest = 1
        for ident, number in sorted(numbers.items()):
            pieces = tuple(p.text for p in _split(fold(number)).pieces)
            if not any(p[0].isdigit() for p in pieces) or len(pieces) > _MAX_PIECES:
                continue
            self._written[pieces].append(ident)
            self._unpadded[_unpad(pieces)].append(ident)
            joined = "".join(pieces)
            if len(joined) >= _MIN_COMPACT:
                self._compact[joined].append(ident)
            self._longest = max(self._longest, len(pieces))

    def find(self, texts: Iterable[str]) -> list[tuple[str, ...]]:
        """One tuple of ids per place found; more than one id where several numbers read alike."""
        found: dict[tuple[str, ...], None] = {}
        for text in texts:
            for variant in _variants(text):
                for ids in self._in_text(_split(variant)):
                    found[ids] = None
        return sorted(found)

    def _in_text(self, text: Text) -> Iterator[tuple[str, ...]]:
        # One more piece than any number has: banks cut numbers at the end of their lines.
        longest = min(self._longest + 1, _MAX_PIECES)
        position = 0
        before: tuple[str, ...] | None = None
        while position < len(text.pieces):
            taken = 1
            for length in range(min(longest, len(text.pieces) - position), 0, -1):
                ids = self._lookup(text, position, length)
                if ids:
                    yield ids
                    taken = length
                    here = tuple(p.text for p in text.pieces[position : position + length])
                    if before and is_range(text, position):
                        yield from self._known(between(before, here))
                    siblings, end = follow(text, position + length, here, self._known)
                    yield from siblings
                    before = here if end == position + length else None
                    taken = end - position
                    break
            position += taken

    def _known(self, numbers: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """The ids behind numbers in pieces, of those that exist."""
        found = [self._find_pieces(pieces) for pieces in numbers]
        return [tuple(ids) for ids in found if ids]

    def _find_pieces(self, pieces: tuple[str, ...]) -> list[str] | None:
        return (
            self._written.get(pieces)
            or self._unpadded.get(_unpad(pieces))
            or self._compact.get("".join(pieces))
        )

    def _lookup(self, text: Text, position: int, length: int) -> tuple[str, ...]:
        window = text.pieces[position : position + length]
        pieces = tuple(piece.text for piece in window)
        found = self._find_pieces(pieces)
        if not found:
            return ()
        if _continues(text, position, length) and not self._lists(text, position, length):
            return ()
        return tuple(found)

    def _lists(self, text: Text, position: int, length: int) -> bool:
        """F-0007/0008 goes on with another number, not with more of the same."""
        pieces = tuple(p.text for p in text.pieces[position : position + length])
        _, end = follow(text, position + length, pieces, self._known)
        return end > position + length and not _continued_before(text, position)


def _variants(text: str) -> Iterator[str]:
    folded = fold(text)
    yield folded
    tight = re.sub(r"\s+", "", folded)
    if _CREDITOR_REFERENCE.fullmatch(tight) and mod97_is_one(tight):
        yield tight[4:]


def _split(folded: str) -> Text:
    return Text(
        folded, tuple(Piece(m.group(), m.start(), m.end()) for m in _PIECES.finditer(folded))
    )


def _unpad(pieces: tuple[str, ...]) -> tuple[str, ...]:
    return tuple((p.lstrip("0") or "0") if p[0].isdigit() else p for p in pieces)


def _continues(text: Text, position: int, length: int) -> bool:
    """The window is only a part of a longer number: F-1 in F-1-2, 2026-7 in 1-2026-7."""
    if _continued_before(text, position):
        return True
    last = text.pieces[position + length - 1]
    if position + length < len(text.pieces):
        after = text.pieces[position + length]
        joined = text.folded[last.end : after.start]
        if joined == "" or (joined in _TIGHT and after.text[0].isdigit()):
            return True
    return False


def _continued_before(text: Text, position: int) -> bool:
    if position == 0:
        return False
    before, first = text.pieces[position - 1], text.pieces[position]
    joined = text.folded[before.end : first.start]
    return joined == "" or (joined in _TIGHT and before.text[0].isdigit())
