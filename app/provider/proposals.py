"""A company's three letters and short name, proposed from its name."""

import re
import unicodedata
from collections.abc import Container, Iterator
from itertools import chain, combinations, count, product
from string import ascii_uppercase

CODE = re.compile(r"[A-Z]{3}\Z")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,62}\Z")
LONGEST_SLUG = 40
FALLBACK = "client"
_WRITTEN = str.maketrans({
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
    "ä": "ae", "ö": "oe", "ü": "ue", "&": " ",
})  # fmt: skip
# They tell nothing of who it is.
_FORMS = {
    "sa", "sas", "sasu", "sarl", "eurl", "sci", "scop", "snc", "gmbh", "ag", "kg", "ohg", "ug",
    "gbr", "eg", "ek", "ev", "mbh", "co", "se", "ltd", "the", "le", "la", "les", "des", "der",
    "die", "das", "und", "et", "de", "du",
}  # fmt: skip


def propose_code(name: str, *, taken: Container[str] = ()) -> str:
    """Three letters that nobody in `taken` has, as near to the name as is left."""
    return next(code for code in _codes(name) if code not in taken)


def propose_slug(name: str, *, taken: Container[str] = ()) -> str:
    words = _words(name)
    base = "-".join(words)[:LONGEST_SLUG].strip("-")
    if len(base) < 2:
        base = FALLBACK
    tries = chain([base], (f"{base}-{number}" for number in count(2)))
    return next(slug for slug in tries if slug not in taken)


def _codes(name: str) -> Iterator[str]:
    words = ["".join(c for c in word if c.isalpha()).upper() for word in _words(name)]
    words = [word for word in words if word]
    if len(words) >= 3:
        yield "".join(word[0] for word in words[:3])
    if len(words) == 2:
        yield (words[0][:2] + words[1][0]).ljust(3, "X")[:3]
    letters = "".join(words) or FALLBACK.upper()
    for word in words:
        if len(word) >= 3:
            yield word[:3]
    for two in combinations(letters[1:13], 2):
        yield letters[0] + "".join(two)
    for last in product(ascii_uppercase, repeat=2):
        yield letters[0] + "".join(last)
    yield from ("".join(three) for three in product(ascii_uppercase, repeat=3))


def _words(name: str) -> list[str]:
    """Plain lower-case words; the legal form and articles are left out if something remains."""
    lowered = unicodedata.normalize("NFC", name).lower().translate(_WRITTEN)
    plain = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)
    return [word for word in words if word not in _FORMS] or words
