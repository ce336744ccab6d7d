"""The palette: what a typed or pasted text may mean, and a line of what it finds."""

import re
from dataclasses import dataclass
from typing import NamedTuple

_NUMBER = re.compile(r"(?:([A-Za-z]{3})-|#)?(\d{1,9})\Z")
# Shorter words are in every other text, and no index knows them.
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """`code` is a client's, as in LEN-1042; `words` are patterns for ILIKE, the longest first."""

    text: str
    number: int | None = None
    code: str = ""
    words: tuple[str, ...] = ()


class Found(NamedTuple):
    """A line of the palette."""

    url: str
    label: str
    kind: str
    icon: str
    client: str | None = None


def wanted(typed: str) -> Wanted:
    text = " ".join(typed.replace("\0", "").split())[:120]
    found = _NUMBER.match(text)
    if found:
        return Wanted(text, min(int(found[2]), 2**31 - 1), (found[1] or "").upper())
    words = sorted({word for word in text.split() if len(word) >= SHORTEST}, key=len, reverse=True)
    return Wanted(text, words=tuple(f"%{_escaped(word)}%" for word in words))


def _escaped(word: str) -> str:
    for char in "\\%_":
        word = word.replace(char, f"\\{char}")
    return word
