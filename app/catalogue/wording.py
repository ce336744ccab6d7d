"""The texts of a document in their languages, of which some may be missing in an item of one's
own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

LANGUAGES = ("en", "fr", "de")
_WORDED = ("label", "help", "placeholder")


def main_language(document: Mapping[str, Any]) -> str:
    """Which most texts are written in. Readers of another get it where theirs is missing."""
    found = Counter(
        code for words in _texts_in(document) for code in LANGUAGES if _said(words, code)
    )
    return max(LANGUAGES, key=lambda code: found[code])


def missing_texts(document: Mapping[str, Any]) -> dict[str, int]:
    """How many are not written yet, by the languages that lack some."""
    found = Counter(
        code for words in _texts_in(document) for code in LANGUAGES if not _said(words, code)
    )
    return dict(found)


def filled(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with a text in every language."""
    found, main = deepcopy(dict(document)), main_language(document)
    for words in _texts_in(found):
        for code in LANGUAGES:
            words[code] = words.get(code) or words[main]
    return found


def _said(words: Mapping[str, Any], code: str) -> bool:
    return bool(str(words.get(code) or "").strip())


def _texts_in(document: Mapping[str, Any]) -> Iterator[Any]:
    """Those that are written in one language at least."""
    found = [document.get("title"), document.get("summary")]
    if isinstance(limits := document.get("restricted"), Mapping):
        found += limits.values()
    for part in ("fields", "files", "steps", "results"):
        for row in _rows(document.get(part)):
            found += [row.get(name) for name in _WORDED]
            found += _rows(row.get("choices"))
    for words in found:
        if isinstance(words, Mapping) and any(_said(words, code) for code in LANGUAGES):
            yield words


def _rows(given: Any) -> list[Any]:
    """What somebody sent may be anything."""
    return [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
