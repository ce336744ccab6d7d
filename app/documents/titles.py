"""What a document is called: one line, without what would turn other words around."""

import re
import unicodedata

LONGEST = 200
# Control characters, and marks that change the direction of what stands beside them.
_UNWANTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean_title(title: str) -> str:
    """Cut where it is too long; empty when nothing readable is left."""
    plain = _UNWANTED.sub(" ", unicodedata.normalize("NFC", title))
    words = " ".join(plain.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
